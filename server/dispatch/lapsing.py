"""Gives tasks back whose clock ended: nobody accepted, or nobody arrived by it."""

from collections.abc import Sequence
from typing import Any, Final

from server.alerts.outcome_store import announce_alerts
from server.dispatch import store
from server.dispatch.answering import take
from server.dispatch.store import Said
from server.rounds import Due, Round, Row


async def _lapsed(work: Round) -> list[dict[str, Any]]:
    return await store.lapsed(work.connection, work.now, work.resting, most=work.most)


async def _lapse(work: Round, row: Row) -> None:
    current = await store.lock_task(work.connection, row["id"])
    # The person was faster.
    if current is None or current["lapses_at"] is None or current["lapses_at"] > work.now:
        return
    await take(work.connection, current, "lapsed", Said(work.now), now=work.now)


async def _announce(work: Round, rows: Sequence[Row]) -> None:
    await announce_alerts(work.connection, {row["alert"]: row["org"] for row in rows})


LAPSES: Final = Due(name="dispatch", find=_lapsed, settle=_lapse, finish=_announce)
