"""Looks at a month that was closed, and proposes rewards and restrictions to who has the file."""

import secrets
from collections.abc import Sequence
from typing import Final

from server.rounds import Due, Round, Row
from server.scoring.closing import last_month
from server.scoring.schedule import schedule_of
from server.scoring.treatment_rules import MOST_MONTHS
from server.treatments import store
from server.treatments.finding import by_person, steps


async def _due(work: Round) -> Sequence[Row]:
    month, _ = last_month(work.now)
    return await store.unlooked(work.connection, month, resting=work.resting, most=work.most)


async def _look(work: Round, row: Row) -> None:
    org_id, month = row["org_id"], row["month"]
    policy = (await schedule_of(work.connection, org_id)).at(month)
    months = await store.months(work.connection, org_id, month - 2 * MOST_MONTHS, month)
    standing = await store.standing(work.connection, org_id)
    found = steps(by_person(months), standing, month, policy)
    at = work.now
    # What ends goes first: the same treatment may be proposed anew.
    for treatment_id in (*found.lapsed, *found.over):
        await store.close(work.connection, treatment_id, at)
    for treatment_id, grade in found.doubted:
        await store.doubt(work.connection, treatment_id, month, grade)
    for treatment_id in found.sure:
        await store.keep(work.connection, treatment_id)
    rows = [
        one | {"id": f"st-{secrets.token_hex(12)}", "org_id": org_id, "made_at": at}
        for one in found.proposed
    ]
    made = await store.insert(work.connection, rows)
    await store.insert_round(work.connection, org_id, month, made, at)


TREATMENTS: Final = Due(name="score treatments", find=_due, settle=_look, most=20)
"""Closes of the last month that proposed nothing yet."""
