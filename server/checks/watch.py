"""Notes the information checks whose time went by: a check that was missed is an act (Art. 26)."""

from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.checks import store
from server.checks.rules import LAW
from server.rounds import Due, Round, Row


async def _over(work: Round) -> list[dict[str, Any]]:
    return await store.over(work.connection, work.now, work.resting, most=work.most)


async def _miss(work: Round, row: Row) -> None:
    await store.miss(work.connection, row["id"])
    act = Act(
        kind="check.missed",
        org_id=row["org"],
        subject_id=row["subject"],
        ref_kind="check",
        ref_id=row["id"],
        happened_time=row["due_to"],
        articles=(LAW,),
        body={"method": row["method"], "due_to": row["due_to"].isoformat()},
    )
    await record(work.connection, act, None)


CHECKS: Final = Due(name="checks", find=_over, settle=_miss)
