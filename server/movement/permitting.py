"""From application to decision of a permission, and what it changes for the gateways."""

import secrets
from collections.abc import Mapping
from typing import Any

from server.auth.person import Desk
from server.auth.powers import require, require_another
from server.cases import noting
from server.cases.standing import Standing, require_stage, standing
from server.deadlines.running import AtWork, cancel, meet, start
from server.errors import InvalidError, NotFoundError, Refusal, RefusedError
from server.movement import permission_store as store
from server.movement.overlays import OVERLAYS, issue_permit
from server.movement.permission_rules import (
    ARTICLE,
    Kind,
    approved_interval,
    check_application,
    check_open,
)
from server.movement.permission_schemas import (
    Copies,
    MovementReport,
    OwnPermission,
    PermissionInfo,
)
from server.policies.store import policy_of
from server.registry.store import lock, next_directory_version
from server.versions import check_version


async def apply(desk: Desk, subject_id: str, body: OwnPermission) -> PermissionInfo:
    """Take an application, the person's own or through an officer.

    Raises:
        NotFoundError: No such person in the scope.
        RefusedError: It could not be approved.
    """
    _require_handler(desk, body.kind)
    found = await standing(desk.connection, subject_id, lock=True)
    require_stage(found, "in_correction", article=ARTICLE[body.kind])
    policy = await policy_of(desk.connection, found.org_id, desk.now)
    check_application(body.kind, body.from_time, body.to_time, now=desk.now, policy=policy)
    permission_id = f"pm-{secrets.token_hex(10)}"
    row = body.model_dump(include={"kind", "reason", "from_time", "to_time"})
    row |= {"id": permission_id, "org": found.org_id, "subject": found.subject_id}
    row |= {"proof": [one.model_dump() for one in body.proof], "body": body.body()}
    await store.insert(desk.connection, row | {"by": desk.person.login, "now": desk.now})
    await _note(desk, "applied", found, {**row, "id": permission_id}, {"kind": body.kind})
    await start(desk, _clock(body.kind), **_about(found, permission_id))
    return await read(desk, permission_id)


async def apply_own(desk: Desk, body: OwnPermission) -> PermissionInfo:
    """Take the own account's application, which names areas and entries by its references.

    Raises:
        InvalidError: A reference is none of the own.
        NotFoundError: No such person in the scope.
        RefusedError: It could not be approved.
    """
    meant = {}
    for name in ("fence", "pair"):
        if (ref := getattr(body, name)) is not None:
            meant[name] = await store.referred(desk.connection, ref)
            if meant[name] is None:
                raise InvalidError([(f"/{name}", "is none that GET /api/v1/me/restrictions lists")])
    return await apply(desk, desk.person.subject_id or "", body.model_copy(update=meant))


async def approve(
    desk: Desk, permission_id: str, reason: str | None, if_match: str | None
) -> PermissionInfo:
    """Approve as the county: the gateways know at once.

    Raises:
        NotFoundError: No such permission in the scope.
        RefusedError: By the wrong person, or not now.
    """
    await lock(desk.connection)
    row, found = await _to_decide(desk, permission_id, if_match)
    policy = await policy_of(desk.connection, found.org_id, desk.now)
    interval = row["from_time"], row["to_time"]
    begin, end = approved_interval(row["kind"], *interval, now=desk.now, policy=policy)
    orgs = await OVERLAYS[row["kind"]](desk, row, begin, end)
    await _decided(desk, row, "approved", reason)
    version = await next_directory_version(
        desk.connection, {found.org_id, *orgs}, desk.person.login
    )
    noted: dict[str, Any] = {"valid_from": begin.isoformat(), "valid_to": end.isoformat()}
    if row["kind"] == "cross_county":
        noted |= await issue_permit(desk, row, begin, end)
    await _note(desk, "approved", found, row, {**noted, "directory_version": version})
    if row["kind"] == "place":
        await start(desk, "copies_sent", **_about(found, permission_id))
    if row["kind"] == "cross_county":
        about = _about(found, permission_id)
        await start(desk, "cross_county_end", begins_at=begin, ends_at=end, **about)
    return await read(desk, permission_id)


async def refuse(
    desk: Desk, permission_id: str, reason: str, if_match: str | None
) -> PermissionInfo:
    """Refuse as the county.

    Raises:
        NotFoundError: No such permission in the scope.
        RefusedError: By the wrong person, or not now.
    """
    row, found = await _to_decide(desk, permission_id, if_match)
    await _decided(desk, row, "refused", reason)
    await _note(desk, "refused", found, row, {"reason": reason})
    return await read(desk, permission_id)


async def withdraw(desk: Desk, permission_id: str, if_match: str | None) -> PermissionInfo:
    """Take an application back.

    Raises:
        NotFoundError: No such permission in the scope.
        RefusedError: It was decided.
    """
    row, found = await _held(desk, permission_id, if_match)
    _require_handler(desk, row["kind"])
    check_open(row["state"], row["kind"])
    values = {"id": permission_id, "state": "withdrawn", "reason": None}
    await store.decide(desk.connection, {**values, "by": desk.person.login, "now": desk.now})
    await cancel(desk, ref_kind="permission", ref_id=permission_id)
    await _note(desk, "withdrawn", found, row, {})
    return await read(desk, permission_id)


async def inform(
    desk: Desk, permission_id: str, body: Copies, if_match: str | None
) -> PermissionInfo:
    """Note that court and procuratorate were informed; the clock stops when both were.

    Raises:
        NotFoundError: No such permission in the scope.
        InvalidError: It happened in the future, or before the approval.
        RefusedError: By the wrong person, or it was not approved.
    """
    row, found = await _held(desk, permission_id, if_match)
    require(desk.person, "decide", article=ARTICLE[row["kind"]])
    _require_approved(row)
    if not row["decided_at"] <= body.sent_time <= desk.now:
        raise InvalidError([("/sent_time", "must lie between the approval and now")])
    noted = {"to": sorted(set(body.to)), "sent_time": body.sent_time.isoformat()}
    await _note(desk, "copies_sent", found, row, noted)
    if set(body.to) == {"court", "procuratorate"}:
        await meet(desk, "copies_sent", ref_kind="permission", ref_id=permission_id)
    return await read(desk, permission_id)


async def report(desk: Desk, permission_id: str, body: MovementReport) -> PermissionInfo:
    """Take a simplified report of frequent movement, the person's own or through an officer.

    Raises:
        NotFoundError: No such permission in the scope.
        InvalidError: It happened in the future.
        RefusedError: By the wrong person, or it was not approved.
    """
    row = await store.permission(desk.connection, permission_id)
    if row is None:
        raise NotFoundError("no such permission in your scope")
    _require_handler(desk, "cross_county")
    _require_approved(row)
    if body.happened_time > desk.now:
        raise InvalidError([("/happened_time", "lies in the future")])
    found = await standing(desk.connection, row["subject"])
    await _note(desk, "reported", found, row, body.model_dump(mode="json"))
    return await read(desk, permission_id)


async def end_permit(work: AtWork, row: Mapping[str, Any]) -> None:
    """Note that a permit for frequent movement ended: the act of clock `cross_county_end`."""
    await meet(work, "cross_county_end", ref_kind="permission", ref_id=row["ref_id"])


async def read(desk: Desk, permission_id: str) -> PermissionInfo:
    """Return a permission.

    Raises:
        NotFoundError: No such permission in the scope.
    """
    row = await store.permission(desk.connection, permission_id)
    if row is None:
        raise NotFoundError("no such permission in your scope")
    return PermissionInfo.model_validate(row)


async def _to_decide(
    desk: Desk, permission_id: str, if_match: str | None
) -> tuple[dict[str, Any], Standing]:
    row, found = await _held(desk, permission_id, if_match)
    said = ARTICLE[row["kind"]]
    require(desk.person, "decide", article=said)
    check_open(row["state"], row["kind"])
    require_another(desk.person, row["applied_by"], article=said)
    require_stage(found, "in_correction", article=said)
    return row, found


async def _held(
    desk: Desk, permission_id: str, if_match: str | None
) -> tuple[dict[str, Any], Standing]:
    row = await store.permission(desk.connection, permission_id)
    if row is None:
        raise NotFoundError("no such permission in your scope")
    found = await standing(desk.connection, row["subject"], lock=True)
    row = await store.permission(desk.connection, permission_id, lock=True) or row
    current = PermissionInfo.model_validate(row).model_dump(mode="json")
    check_version(if_match, row["version"], current=current)
    return row, found


def _require_handler(desk: Desk, kind: Kind) -> None:
    # Whose own account it is, the database decides: no row of another person is there.
    if desk.person.role != "subject":
        require(desk.person, "verify", article=ARTICLE[kind])


async def _decided(desk: Desk, row: Mapping[str, Any], state: str, reason: str | None) -> None:
    values = {"id": row["id"], "state": state, "reason": reason, "by": desk.person.login}
    await store.decide(desk.connection, {**values, "now": desk.now})
    await meet(desk, _clock(row["kind"]), ref_kind="permission", ref_id=row["id"])


async def _note(
    desk: Desk, what: str, found: Standing, row: Mapping[str, Any], body: Mapping[str, Any]
) -> None:
    ref = ("permission", row["id"])
    await noting.note(desk, found, f"permission.{what}", ARTICLE[row["kind"]], ref=ref, body=body)


def _clock(kind: str) -> str:
    return "cross_county_decision" if kind == "cross_county" else "permission_decision"


def _about(found: Standing, permission_id: str) -> dict[str, Any]:
    whose = {"org_id": found.org_id, "subject_id": found.subject_id}
    return whose | {"ref_kind": "permission", "ref_id": permission_id}


def _require_approved(row: Mapping[str, Any]) -> None:
    if row["state"] != "approved":
        zh, en = "该申请未获批准", f"the permission is {row['state']}"
        said = ARTICLE[row["kind"]]
        raise RefusedError(Refusal("", "approved", said, zh, en, "已批准的事项", "approved ones"))
