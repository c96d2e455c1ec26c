"""The server's own tasks end when they are asked to."""

import asyncio

from server.background import _cancelled
from server.live.supervised import keep_running


async def test_a_task_whose_work_makes_an_error_of_a_cancellation_ends_all_the_same():
    began = 0

    async def work():
        nonlocal began
        began += 1
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            if began == 1:
                raise ConnectionError("the driver says that the connection is closed") from None
            raise

    task = asyncio.create_task(keep_running("stubborn", work))
    await asyncio.sleep(0)
    await asyncio.wait_for(_cancelled([task]), timeout=60)
    assert task.cancelled()
    assert began >= 1
