"""月结: when a month is over, what every score was at its end is kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from server.rounds import Due, Round, Row
from server.scoring import close_store, ledger_store
from server.scoring.schedule import schedule_of
from server.scoring.score import month_number, month_of
from server.scoring.standing import scores

# A fact of the last evening is entered the next morning.
_GRACE: Final = timedelta(days=3)
_INSTANT: Final = timedelta(microseconds=1)


def last_month(now: datetime) -> tuple[int, datetime]:
    """Return the month that is to be closed, and its end; three days are left to enter facts."""
    begin, _ = month_of(now - _GRACE)
    return month_number(begin - _INSTANT), begin


async def _due(work: Round) -> Sequence[Row]:
    month, ends_at = last_month(work.now)
    return await close_store.unclosed(
        work.connection, month, ends_at, resting=work.resting, most=work.most
    )


async def _close(work: Round, row: Row) -> None:
    month, ends_at = last_month(work.now)
    org_id = row["org_id"]
    # Nobody posts meanwhile: the chain's head is that of what is counted.
    await ledger_store.lock_ledger(work.connection, org_id)
    schedule = await schedule_of(work.connection, org_id)
    people = await close_store.people_of(work.connection, org_id)
    found = await scores(work.connection, people, now=work.now, at=ends_at - _INSTANT)
    rows: list[dict[str, Any]] = [
        {
            "org_id": org_id,
            "subject_id": subject_id,
            "month": month,
            "public": score.public,
            "management": score.management,
            "dimensions": dict(score.dimensions),
            "grade": score.grade,
            "out_of": score.out_of,
        }
        for subject_id, score in sorted(found.items())
    ]
    close = {"org_id": org_id, "month": month, "people": len(rows), "ends_at": ends_at}
    close |= {"policy_version": schedule.at(month).version}
    close |= {"total_milli": sum(score.total for score in found.values())}
    if await close_store.insert_close(work.connection, close):
        await close_store.insert_months(work.connection, rows)


CLOSES: Final = Due(name="score closes", find=_due, settle=_close, most=20)
"""Organisations whose last month is not closed yet."""
