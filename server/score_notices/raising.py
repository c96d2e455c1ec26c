"""Looks at a month that was closed, and leaves notices for who has the file."""

import secrets
from collections.abc import Sequence
from typing import Final

from server.policies.store import policy_of
from server.rounds import Due, Round, Row
from server.score_notices import store
from server.score_notices.finding import Close, notices
from server.scoring.closing import last_month
from server.scoring.schedule import schedule_of
from server.trends.decline import watch_of


async def _due(work: Round) -> Sequence[Row]:
    month, _ = last_month(work.now)
    return await store.unlooked(work.connection, month, resting=work.resting, most=work.most)


async def _look(work: Round, row: Row) -> None:
    org_id, month = row["org_id"], row["month"]
    watch = watch_of(await policy_of(work.connection, org_id, work.now))
    policy = (await schedule_of(work.connection, org_id)).at(month)
    first = min(month - watch.months + 1, month - 1)
    rows = await store.months(work.connection, org_id, first, month)
    found = [
        one | {"id": f"sn-{secrets.token_hex(12)}", "org_id": org_id, "month": month}
        for one in notices(rows, Close(month, watch, policy))
    ]
    made = await store.insert(work.connection, found, work.now)
    await store.insert_round(work.connection, org_id, month, made, work.now)


NOTICES: Final = Due(name="score notices", find=_due, settle=_look, most=20)
"""Closes of the last month that nobody has looked at yet."""
