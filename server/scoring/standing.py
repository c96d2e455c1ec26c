"""Scores as they stand, or stood, from the ledger."""

from collections.abc import Sequence
from datetime import datetime

from server.db import Connection
from server.scoring import ledger_store, objection_store
from server.scoring.explaining import as_of
from server.scoring.schedule import Schedule, schedule_of
from server.scoring.score import Cell, Score, fold, month_number


async def scores(
    connection: Connection,
    subject_ids: Sequence[str],
    *,
    now: datetime,
    at: datetime | None = None,
    known_at: datetime | None = None,
) -> dict[str, Score]:
    """Return the scores of these subjects; one without a ledger is absent.

    Args:
        connection: In the scope that has their files.
        subject_ids: Whose.
        now: The instant of the request.
        at: The instant that they are as of; None: now.
        known_at: Only what was in the ledger by then: `at` again is what was shown at `at`, None
            is what is known of it now.
    """
    people = await objection_store.people(connection, subject_ids, known_at)
    rows = await ledger_store.cells(connection, subject_ids, now=now, at=at, known_at=known_at)
    cells: dict[str, list[Cell]] = {}
    for row in rows:
        cell = Cell(row["part"], row["account"], row["month"], row["points"])
        cells.setdefault(row["subject_id"], []).append(cell)
    month = month_number(at or now)
    schedules: dict[str, Schedule] = {}
    found = {}
    for subject_id, of in cells.items():
        if subject_id not in people:
            continue
        org_id = people[subject_id]["org_id"]
        if org_id not in schedules:
            schedules[org_id] = await schedule_of(connection, org_id)
        schedule = schedules[org_id]
        if people[subject_id]["appealed"]:
            facts = frozenset(people[subject_id]["appealed"])
            lines = await ledger_store.ledger(connection, subject_id)
            newest = max([now, *(one["recorded_at"] for one in lines)])
            explained = as_of(lines, at or newest, known_at or newest, schedule, facts)
            score = explained.score()
        else:
            score = fold(of, month, schedule.at(month))
        if score is not None:
            found[subject_id] = score
    return found
