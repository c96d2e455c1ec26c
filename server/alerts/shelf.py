"""Takes alerts back from the shelf when their time is over: none is forgotten there."""

from collections.abc import Sequence
from typing import Any, Final

from server.alerts import store
from server.alerts.handling import STEPS, placed, standing_of
from server.alerts.lifecycle import Doing, transition
from server.alerts.outcome_store import announce_alerts
from server.errors import Refusal
from server.rounds import Due, Round, Row


async def _ended(work: Round) -> list[dict[str, Any]]:
    return await store.shelf_ended(work.connection, work.now, work.resting, most=work.most)


async def _take_back(work: Round, row: Row) -> None:
    """Move a locked alert to where it was before, due at once."""
    alert_id = row["id"]
    current = await store.alert(work.connection, alert_id)
    if current is None:
        raise LookupError(f"alert {alert_id} is locked and not there")
    state = transition(standing_of(current), "unshelve", Doing(None))
    if isinstance(state, Refusal):
        raise TypeError(f"alert {alert_id} was taken from the shelf and not on it: {state.en}")
    step = store.AlertStep(STEPS["unshelve"])
    await store.move(work.connection, current, placed(current, state, now=work.now), step)


async def _announce(work: Round, rows: Sequence[Row]) -> None:
    await announce_alerts(work.connection, {row["id"]: row["org"] for row in rows})


SHELF: Final = Due(name="shelf", find=_ended, settle=_take_back, finish=_announce)
