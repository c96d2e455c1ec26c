"""Takes leave over that was approved before this system: what is cumulated counts it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record_all
from server.auth.person import Desk
from server.cases.noting import new_id
from server.deadlines.together import Wanted, start_all
from server.exchange import case_store, subject_store
from server.exchange.faults import RowFault
from server.exchange.leave_rules import AWAY, TIERS, KnownLeaves, leave_faults
from server.exchange.parsing import Values
from server.exchange.taking_subjects import Rows
from server.law.policy import Policy
from server.movement.accumulator import Span, span_of
from server.movement.leave_rules import Asked, sized
from server.policies.store import policy_of
from server.registry import store as registry_store

# An overlay that ended as it began would hold for no instant, and no row may say so.
_INSTANT: Final = timedelta(microseconds=1)


async def faults_of(desk: Desk, rows: Rows) -> list[RowFault]:
    """Return what is wrong with the rows."""
    subjects = sorted({values["subject"] for _, values in rows if values["subject"] is not None})
    known = KnownLeaves(
        subjects=await subject_store.supervised(desk.connection, subjects),
        spans=await case_store.leave_spans(desk.connection, subjects),
        login=desk.person.login,
    )
    return list(leave_faults(rows, known, desk.now))


async def write(desk: Desk, rows: Rows, moved: Callable[[int], Awaitable[None]]) -> None:
    """Write rows without a fault; `moved` is told when it is done.

    Leave that runs or is to come starts the clock of its return; the gateways learn of it.
    """
    await registry_store.lock(desk.connection)
    subjects = sorted({values["subject"] for _, values in rows})
    orgs = await subject_store.orgs(desk.connection, subjects)
    policies = {
        org: await policy_of(desk.connection, org, desk.now) for org in sorted(set(orgs.values()))
    }
    spans = {
        subject: [span_of(begin, end) for begin, end in found]
        for subject, found in (await case_store.leave_spans(desk.connection, subjects)).items()
    }
    leaves = []
    for _, values in sorted(rows, key=lambda one: one[1]["from_time"]):
        org = orgs[values["subject"]]
        others = spans.setdefault(values["subject"], [])
        leaves.append(_leave(desk, values, org, others, policies[org]))
        others.append(span_of(values["from_time"], values["to_time"]))
    await case_store.insert_leaves(desk.connection, leaves)
    await start_all(
        desk,
        [
            Wanted("leave_return_report", one["org"], one["subject"], "leave", one["id"], at)
            for one in leaves
            if one["state"] == "approved" and (at := one["to_time"])
        ],
    )
    await record_all(desk.connection, [_act(one, desk.now) for one in leaves], desk.person)
    by = desk.person.login
    await registry_store.next_directory_version(desk.connection, set(orgs.values()), by)
    await moved(len(rows))


def _leave(
    desk: Desk, values: Values, org: str, others: list[Span], policy: Policy
) -> dict[str, Any]:
    begin, end, back = values["from_time"], values["to_time"], values.get("returned_time")
    asked = Asked(begin, end, is_urgent=False, has_proof=True)
    size = sized(asked, others, policy)
    return values | {
        "id": new_id("lv"),
        "org": org,
        "days": size.days,
        "tier": size.tier,
        "login": desk.person.login,
        "state": "approved" if back is None else "returned",
        "returned_time": back,
        "valid_from": begin,
        "valid_to": end if back is None else max(begin + _INSTANT, min(end, back)),
    }


def _act(one: dict[str, Any], now: datetime) -> Act:
    return Act(
        *("leave.imported", one["org"], one["subject"], "leave", one["id"], now),
        articles=(TIERS, AWAY),
        body={name: one[name] for name in ("tier", "days", "approved_by", "state")},
    )
