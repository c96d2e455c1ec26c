"""Clocks of many things at once, in one statement: what an import starts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from server.deadlines import store
from server.deadlines.running import AtWork, rules_of
from server.law.clocks import Rules, clock


@dataclass(frozen=True, slots=True)
class Wanted:
    """A clock that is to start; members as of `running.start`."""

    kind: str
    org_id: str
    subject_id: str | None
    ref_kind: str
    ref_id: str
    begins_at: datetime


async def start_all(work: AtWork, wanted: Sequence[Wanted]) -> None:
    """Start clocks as `running.start` does; those that run already stay."""
    rules = {org_id: await rules_of(work, org_id) for org_id in {one.org_id for one in wanted}}
    await store.start_all(work.connection, _rows(wanted, rules))


def _rows(wanted: Sequence[Wanted], rules: Rules) -> list[dict[str, Any]]:
    ends: dict[tuple[str, str, datetime], dict[str, datetime]] = {}
    rows = []
    for one in wanted:
        key = one.kind, one.org_id, one.begins_at
        if key not in ends:
            asked = clock(one.kind)
            due = asked.due_at(one.begins_at, *rules[one.org_id])
            warn = asked.warn_at(one.begins_at, due, *rules[one.org_id])
            ends[key] = {"due_at": due, "warn_at": warn}
        asked = clock(one.kind)
        rows.append(asdict(one) | ends[key] | {"who": asked.who, "article": asked.article})
    return rows
