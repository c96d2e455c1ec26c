"""Starts the clocks of release for files that came without a reception: none ends unseen."""

from datetime import timedelta
from typing import Any, Final

from server.cases import store
from server.cases.file_clocks import start_release_clocks
from server.cases.standing import standing
from server.law.days import LegalCalendar
from server.rounds import Due, Round, Row

# Longer than the summary's own 30 days and its warning.
_AHEAD: Final = timedelta(days=60)
_DAYS: Final = LegalCalendar()


async def _without_clock(work: Round) -> list[dict[str, Any]]:
    by = _DAYS.date_of(work.now + _AHEAD)
    return await store.without_release_clock(work.connection, by, work.resting, most=work.most)


async def _start(work: Round, row: Row) -> None:
    await start_release_clocks(work, await standing(work.connection, row["id"]))


TERMS: Final = Due(name="terms", find=_without_clock, settle=_start)
