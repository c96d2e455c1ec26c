"""Facts from what officers do: taken when an act is final, once each."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from server.db import Connection
from server.rounds import Due, Round, Row
from server.scoring.intake_store import SOURCES, Source, fallen_facts, new_facts
from server.scoring.posting import Fact, record_fact, void_fact

_AFTER_A_WINDOW: Final[tuple[Source, ...]] = ("measure", "ruling", "assessment")
# A window of objection is days; what is older was found when it was young.
_LOOK_BACK: Final = timedelta(days=400)
_SYSTEM: Final = "system"


async def take(
    connection: Connection, source: Source, refs: Sequence[object], *, by_login: str, now: datetime
) -> int:
    """Take what these rows of a source are as facts; return how many were new.

    Call it last: it waits for the organisation's other writers until the transaction ends.

    Args:
        connection: An officer's, never a person's own: the chain is the organisation's.
        source: Where the rows are.
        refs: Their ids.
        by_login: Who confirms what no row names a person for.
        now: The instant of the request.
    """
    wanted = [str(ref) for ref in refs]
    rows = await new_facts(connection, source, now=now, refs=wanted, most=len(wanted))
    return await _record(connection, rows, by_login)


async def gather(connection: Connection, subject_id: str, *, by_login: str, now: datetime) -> int:
    """Take everything of a person that is final, and let fall what was annulled."""
    moved = 0
    for source in SOURCES:
        rows = await new_facts(connection, source, now=now, subject=subject_id)
        moved += await _record(connection, rows, by_login)
    for row in await fallen_facts(connection, subject=subject_id):
        await _fall(connection, row, by_login)
        moved += 1
    return moved


async def _due(work: Round) -> Sequence[Row]:
    since = work.now - _LOOK_BACK
    found: list[Row] = []
    for source in _AFTER_A_WINDOW:
        found += await new_facts(work.connection, source, now=work.now, since=since, most=work.most)
    found += await fallen_facts(work.connection, since=since, most=work.most)
    return [row for row in found if row["id"] not in work.resting][: work.most]


async def _settle(work: Round, row: Row) -> None:
    if "kind" in row:
        await _record(work.connection, [row], _SYSTEM)
    else:
        await _fall(work.connection, row, _SYSTEM)


FACTS: Final = Due(name="facts", find=_due, settle=_settle)
"""Decisions whose window of objection is over, and those that were annulled."""


async def _record(connection: Connection, rows: Sequence[Mapping[str, Any]], by_login: str) -> int:
    count = 0
    for row in rows:
        fact = Fact(
            id=row["id"],
            org_id=row["org_id"],
            subject_id=row["subject_id"],
            indicator=row["kind"],
            occurred_at=row["occurred_at"],
            quantity=Decimal(row["quantity"]),
            evidence={name: row[name] for name in ("source", "ref", "what", "how")},
            confirmed_by=row["confirmed_by"] or by_login,
            note="",
        )
        count += await record_fact(connection, fact)
    return count


async def _fall(connection: Connection, row: Mapping[str, Any], by_login: str) -> None:
    act = f"{row['source']} {row['ref']}"
    await void_fact(
        connection,
        row["id"],
        because=f"annulled {act}",
        author=row["by_login"] or by_login,
        evidence={"act": act},
    )
