"""From application to decision of a leave, by level."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from server.auth.person import Desk
from server.auth.powers import holds, require, require_another
from server.cases import noting
from server.cases.standing import Standing, require_stage, standing
from server.deadlines.running import cancel, meet, start
from server.documents.printable import issue_printable, papers_said
from server.errors import InvalidError, NotFoundError
from server.law.articles import ARTICLES
from server.law.policy import Policy
from server.movement import leave_store as store
from server.movement.accumulator import span_of
from server.movement.leave_rules import (
    LAW,
    POWER,
    TIERS,
    Asked,
    Sized,
    approved_interval,
    check_application,
    check_decidable,
    check_free,
    check_state,
    sized,
)
from server.movement.leave_schemas import Decision, LeaveInfo, OwnLeave, RefusedLeave
from server.policies.store import policy_of
from server.registry.store import lock, next_directory_version
from server.versions import check_version

_LOOK_BACK: Final = timedelta(days=31)
"""By which a month of the window is at most exceeded."""


async def apply(desk: Desk, subject_id: str, body: OwnLeave) -> LeaveInfo:
    """Take an application, the person's own or through an officer.

    Raises:
        NotFoundError: No such person in the scope.
        RefusedError: It could not be approved.
    """
    if desk.person.role != "subject":
        require(desk.person, "verify", article=LAW)
    found = await standing(desk.connection, subject_id, lock=True)
    require_stage(found, "in_correction", article=LAW)
    policy = await policy_of(desk.connection, found.org_id, desk.now)
    is_urgent = body.urgent_reason is not None
    asked = Asked(body.from_time, body.to_time, is_urgent, bool(body.proof))
    standing_leave = await store.approved(desk.connection, subject_id, since=desk.now)
    check_application(asked, standing_leave, now=desk.now, policy=policy)
    size = await size_of(desk, subject_id, asked, policy)
    leave_id = f"lv-{secrets.token_hex(12)}"
    given = body.model_dump(mode="json", exclude={"from_time", "to_time"})
    row = given | {"id": leave_id, "org": found.org_id, "subject": subject_id}
    row |= {"from_time": body.from_time, "to_time": body.to_time}
    row |= {"days": size.days, "tier": size.tier, "by": desk.person.login, "now": desk.now}
    await store.insert(desk.connection, row)
    noted = {"days": size.days, "cumulated": size.cumulated, "tier": size.tier}
    await note(desk, "leave.applied", found, leave_id, noted)
    await start(desk, "leave_decision", **about(found, leave_id))
    return await read(desk, leave_id)


async def verify(desk: Desk, leave_id: str, opinion: str, if_match: str | None) -> LeaveInfo:
    """Record what the office found; the county or the city decides upon it.

    Raises:
        NotFoundError: No such leave in the scope.
        RefusedError: By the wrong person, or not now.
    """
    require(desk.person, "verify", article=TIERS)
    row, found = await held(desk, leave_id, if_match)
    check_state(row["state"], "applied")
    require_another(desk.person, row["applied_by"], article=TIERS)
    by = desk.person.login
    await store.verify(desk.connection, leave_id, by=by, at=desk.now, opinion=opinion)
    await note(desk, "leave.verified", found, leave_id, {"opinion": opinion})
    return await read(desk, leave_id)


async def approve(desk: Desk, leave_id: str, body: Decision, if_match: str | None) -> LeaveInfo:
    """Approve by the level whose it is: the gateways know at once.

    Raises:
        NotFoundError: No such leave in the scope.
        RefusedError: By the wrong level or person, or not now.
    """
    await lock(desk.connection)
    row, found, size = await _to_decide(desk, leave_id, if_match)
    begin, end = approved_interval(_asked(row), desk.now)
    others = await store.approved(desk.connection, found.subject_id, since=desk.now)
    check_free(_asked(row), others)
    await store.give_way(desk.connection, found.subject_id, begin, end)
    overlay: dict[str, Any] = {"id": leave_id, "org": found.org_id, "subject": found.subject_id}
    overlay |= {"by": desk.person.login, "now": desk.now, "from": begin, "to": end}
    fence = None if row["place"] is None else f"lf-{leave_id[3:]}"
    named = {"fence": fence, "name": row["destination"], "place": row["place"]}
    await store.overlay(desk.connection, overlay | named)
    await _decided(desk, leave_id, size, "approved", body.reason)
    version = await next_directory_version(desk.connection, [found.org_id], desk.person.login)
    noted: dict[str, Any] = {"tier": size.tier, "days": size.days, "cumulated": size.cumulated}
    noted |= {"valid_from": begin.isoformat(), "valid_to": end.isoformat()}
    if size.tier == "office":
        noted["filed_with"] = found.county_id
    if row["from_time"] < begin:
        past = row["from_time"], begin
        noted["excuses"] = await store.excused(desk.connection, found.subject_id, *past)
    times = await start(desk, "leave_return_report", begins_at=end, **about(found, leave_id))
    said = _said(row) | {"leave_from": begin, "days": size.days, "report_by": times.due_at}
    said["report_to"] = await store.org_name(desk.connection, found.org_id)
    noted |= await _paper(desk, "leave_permit", found, leave_id, said)
    await note(desk, "leave.approved", found, leave_id, noted | {"directory_version": version})
    if size.tier == "city":
        await start(desk, "copies_sent", **about(found, leave_id))
    return await read(desk, leave_id)


async def refuse(desk: Desk, leave_id: str, body: RefusedLeave, if_match: str | None) -> LeaveInfo:
    """Refuse, with the reason and the article that it rests on.

    Raises:
        NotFoundError: No such leave in the scope.
        InvalidError: No such article.
        RefusedError: By the wrong level or person, or not now.
    """
    if body.article not in ARTICLES:
        raise InvalidError([("/article", "is no key of docs/law.md, such as measures-26")])
    row, found, size = await _to_decide(desk, leave_id, if_match)
    await _decided(desk, leave_id, size, "refused", body.reason)
    said = _said(row) | {"leave_from": row["from_time"], "refusal": body.reason}
    noted = {"reason": body.reason, "article": body.article}
    noted |= await _paper(desk, "leave_refusal", found, leave_id, said)
    await note(desk, "leave.refused", found, leave_id, noted)
    return await read(desk, leave_id)


async def withdraw(desk: Desk, leave_id: str, if_match: str | None) -> LeaveInfo:
    """Take an application back, or an approved leave that will not be used.

    Raises:
        NotFoundError: No such leave in the scope.
        RefusedError: It has begun, or has ended.
    """
    if desk.person.role != "subject":
        require(desk.person, "verify", article=LAW)
    await lock(desk.connection)
    row, found = await held(desk, leave_id, if_match)
    has_begun = row["from_time"] <= desk.now
    check_state(row["state"], "applied", "verified", *(() if has_begun else ("approved",)))
    values = {"id": leave_id, "state": "withdrawn", "tier": row["tier"], "reason": None}
    await store.decide(desk.connection, values | {"by": desk.person.login, "now": desk.now})
    await cancel(desk, ref_kind="leave", ref_id=leave_id)
    noted: dict[str, Any] = {}
    if await store.end_overlay(desk.connection, leave_id, desk.now):
        by = desk.person.login
        noted["directory_version"] = await next_directory_version(
            desk.connection, [found.org_id], by
        )
    await note(desk, "leave.withdrawn", found, leave_id, noted)
    return await read(desk, leave_id)


async def read(desk: Desk, leave_id: str) -> LeaveInfo:
    """Return a leave.

    Raises:
        NotFoundError: No such leave in the scope.
    """
    row = await store.leave(desk.connection, leave_id)
    if row is None:
        raise NotFoundError("no such leave in your scope")
    return LeaveInfo.model_validate(row)


async def held(desk: Desk, leave_id: str, if_match: str | None) -> tuple[dict[str, Any], Standing]:
    """Return a leave and its person, both locked.

    Raises:
        NotFoundError: No such leave in the scope.
        StaleVersionError: Someone was faster.
    """
    row = await store.leave(desk.connection, leave_id)
    if row is None:
        raise NotFoundError("no such leave in your scope")
    found = await standing(desk.connection, row["subject"], lock=True)
    row = await store.leave(desk.connection, leave_id, lock=True) or row
    current = LeaveInfo.model_validate(row).model_dump(mode="json")
    check_version(if_match, row["version"], current=current)
    return row, found


async def size_of(desk: Desk, subject_id: str, asked: Asked, policy: Policy) -> Sized:
    """Return the size of a leave together with what was approved before."""
    months = policy.number("leave_cumulated_months")
    since = asked.from_time - (months + 1) * _LOOK_BACK
    others = await store.approved(desk.connection, subject_id, since=since)
    return sized(asked, [span_of(begin, end) for begin, end in others], policy)


async def note(
    desk: Desk, kind: str, found: Standing, leave_id: str, body: Mapping[str, Any]
) -> None:
    """Write an act of a leave."""
    await noting.note(desk, found, kind, LAW, TIERS, ref=("leave", leave_id), body=body)


def about(found: Standing, leave_id: str) -> dict[str, Any]:
    """Return what a clock of a leave is about."""
    whose = {"org_id": found.org_id, "subject_id": found.subject_id}
    return whose | {"ref_kind": "leave", "ref_id": leave_id}


async def _to_decide(
    desk: Desk, leave_id: str, if_match: str | None
) -> tuple[dict[str, Any], Standing, Sized]:
    row, found = await held(desk, leave_id, if_match)
    policy = await policy_of(desk.connection, found.org_id, desk.now)
    # Anew: what was approved meanwhile counts too.
    size = await size_of(desk, found.subject_id, _asked(row), policy)
    power = POWER[size.tier]
    if not (size.tier == "office" and holds(desk.person, "decide")):
        require(desk.person, power, article=TIERS)
    check_decidable(row["state"], size.tier)
    require_another(desk.person, row["applied_by"], article=TIERS)
    require_stage(found, "in_correction", article=LAW)
    return row, found, size


async def _decided(desk: Desk, leave_id: str, size: Sized, state: str, reason: str | None) -> None:
    values = {"id": leave_id, "state": state, "tier": size.tier, "reason": reason}
    await store.decide(desk.connection, values | {"by": desk.person.login, "now": desk.now})
    await meet(desk, "leave_decision", ref_kind="leave", ref_id=leave_id)


async def _paper(
    desk: Desk, kind: str, found: Standing, leave_id: str, said: Mapping[str, Any]
) -> dict[str, Any]:
    """Issue a paper; return what the act says of it."""
    paper = await issue_printable(desk, kind, found.subject_id, said, "leave", leave_id)
    return papers_said({kind: paper})


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"place": row["destination"], "reason": row["reason"], "leave_to": row["to_time"]}


def _asked(row: Mapping[str, Any]) -> Asked:
    is_urgent = row["urgent_reason"] is not None
    return Asked(row["from_time"], row["to_time"], is_urgent, bool(row["proof"]))
