"""The law's clocks of a file itself; what they are about is the person."""

from datetime import datetime
from typing import Final

from server.cases.standing import Standing
from server.deadlines import running
from server.deadlines.running import AtWork
from server.law.days import LegalCalendar

_DAYS: Final = LegalCalendar()
ENDING_CLOCK: Final = "case_ending"
"""From a ruling that revokes or recommits to the end of the case."""


async def start_clock(
    work: AtWork, file: Standing, kind: str, *, begins_at: datetime | None = None
) -> None:
    """Start a clock of a person's file, from now if nothing else is said."""
    await running.start(
        work,
        kind,
        org_id=file.org_id,
        subject_id=file.subject_id,
        ref_kind="file",
        ref_id=file.subject_id,
        begins_at=begins_at,
    )


async def start_release_clocks(work: AtWork, file: Standing) -> None:
    """Start the clocks that count to the end of the term; repeated it changes nothing."""
    for kind in ("release_summary", "release_certificate"):
        await start_clock(work, file, kind, begins_at=_DAYS.begins_at(file.term_to))
