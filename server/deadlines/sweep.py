"""Gives warnings and notes lapses: no deadline passes silently."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from server.deadlines import store
from server.deadlines.running import AtWork, lapse, warn
from server.rounds import Due, Round, Row

OnLapse = Callable[[AtWork, Mapping[str, Any]], Awaitable[None]]
"""What a feature does when one of its clocks ran out, in the transaction that notes it."""


def clocks(on_lapse: Mapping[str, OnLapse]) -> tuple[Due, Due]:
    """Return the clocks that ran out and those to warn of.

    Args:
        on_lapse: What features do when a clock of a kind ran out.
    """

    async def note_lapse(work: Round, row: Row) -> None:
        await lapse(work, row)
        if row["kind"] in on_lapse:
            await on_lapse[row["kind"]](work, row)

    return (
        Due(name="deadlines_lapsed", find=_to_lapse, settle=note_lapse, postpone=_postpone),
        Due(name="deadlines_warned", find=_to_warn, settle=warn, postpone=_postpone),
    )


async def _to_lapse(work: Round) -> list[dict[str, Any]]:
    return await store.to_lapse(work.connection, work.now, work.most)


async def _to_warn(work: Round) -> list[dict[str, Any]]:
    return await store.to_warn(work.connection, work.now, work.most)


async def _postpone(work: Round, row: Row, until: datetime) -> None:
    await store.postpone(work.connection, row["id"], until)
