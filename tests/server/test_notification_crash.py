"""Workers side by side, and workers that are killed: nothing is lost, a repetition has its key."""

from collections import Counter

import pytest

from guitu.embedded.ports import free_port
from tests.server.conftest import until
from tests.server.notification_work import QUICK, about, raised, telling, told
from tests.server.server_program import kill, program
from tests.services.receivers import OK, Receiver, listening


@pytest.mark.slow
async def test_a_worker_that_is_killed_between_sending_and_noting_loses_nothing(site):
    raised(site)
    async with listening(Receiver(answers=[None, OK])) as receiver:
        async with telling(site) as desk:
            await desk.channel("webhook", receiver.url)
        await told(site, about("a"))
        async with program(site.settings(**QUICK, http_port=free_port())) as first:
            await receiver.received(1, timeout_s=60)
            await kill(first)
        [held] = site.rows("SELECT state, attempts FROM notification_delivery")
        assert held == {"state": "sending", "attempts": 1}
        async with program(site.settings(**QUICK, http_port=free_port())):
            await receiver.received(2, timeout_s=60)

            async def is_noted() -> bool:
                return site.one("SELECT state FROM notification_delivery") == "delivered"

            await until(is_noted)
    assert [request.key for request in receiver.requests] == ["a", "a"]
    assert receiver.requests[0].body == receiver.requests[1].body


async def test_workers_side_by_side_send_each_message_once(site):
    raised(site)
    async with listening(Receiver()) as receiver, telling(site) as one, telling(site):
        await one.channel("webhook", receiver.url)
        await told(site, *(about(f"k-{number}") for number in range(60)))
        await one.ends(60, state="delivered", limit=100)
    assert Counter(request.key for request in receiver.requests) == Counter(
        f"k-{number}" for number in range(60)
    )
