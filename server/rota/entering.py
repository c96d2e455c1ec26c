"""Entering shifts and absences, and taking them back; never back-dated."""

from typing import Any, Final

from psycopg.errors import ExclusionViolation

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import CASE_HANDLERS, REGISTRARS, Desk
from server.cases.noting import new_id
from server.errors import InvalidError, NotFoundError, Refusal, RefusedError
from server.rota import store
from server.rota.schemas import NewAbsence, NewShift, NewShifts
from server.versions import check_version

_ARTICLE: Final = "law-26"
_MOST_DAYS: Final = 7


async def enter_shifts(desk: Desk, body: NewShifts) -> list[dict[str, Any]]:
    """Enter an organisation's shifts, all or none.

    Raises:
        NotFoundError: No such organisation in the scope.
        InvalidError: A shift has no length or lies in the past, or is nobody's who may be on duty.
        RefusedError: Somebody stands elsewhere at that time.
    """
    org = body.org or desk.person.org_id
    path = await store.org_path(desk.connection, org)
    if path is None:
        raise NotFoundError("no such organisation in your scope")
    rows, faults = [], []
    for index, shift in enumerate(body.shifts):
        pointer = f"/shifts/{index}"
        faults += await _shift_faults(desk, shift, path, pointer)
        row = shift.model_dump() | {"id": new_id("sh"), "org": org}
        row |= {"begins_at": shift.begins_at or desk.now}
        rows.append(row | {"by": desk.person.login, "at": desk.now})
    if faults:
        raise InvalidError(faults)
    try:
        async with desk.connection.transaction():
            # In one order, so that two who enter overlapping lists do not wait for each other.
            await store.insert_shifts(
                desk.connection, sorted(rows, key=lambda row: (row["login"], row["begins_at"]))
            )
    except ExclusionViolation as error:
        raise _elsewhere() from error
    said = {"shifts": [row["id"] for row in rows], "logins": sorted({r["login"] for r in rows})}
    await _record(desk, "rota.entered", org, org, said)
    return await store.shifts(desk.connection, [row["id"] for row in rows])


async def cancel_shift(desk: Desk, shift_id: str, *, if_match: str | None) -> dict[str, Any]:
    """Cancel a shift, or cut one short that runs: whoever holds alerts by it is relieved.

    Raises:
        NotFoundError: No such shift in the scope.
        RefusedError: It is over or cancelled.
    """
    row = await store.shift(desk.connection, shift_id, lock=True)
    if row is None:
        raise NotFoundError("no such shift in your scope")
    check_version(if_match, row["version"], current={"id": shift_id, "version": row["version"]})
    if row["cancelled_at"] is not None or row["ends_at"] <= desk.now:
        text = ("该班次已结束或取消", "the shift is over or cancelled")
        raise _refused("shift_over", *text, "尚未结束的班次", "a shift that is not over")
    await store.cancel_shift(desk.connection, shift_id, by=desk.person.login, at=desk.now)
    await _record(desk, "rota.cancelled", row["org"], shift_id, {"login": row["login"]})
    return await store.shift(desk.connection, shift_id) or row


async def enter_absence(desk: Desk, body: NewAbsence) -> dict[str, Any]:
    """Enter an absence: the own, or anybody's of the scope by an admin or a supervisor.

    Raises:
        InvalidError: It has no length or lies in the past, or somebody is not of this scope.
        RefusedError: Another person's, by somebody who keeps no rota.
    """
    login = body.login or desk.person.login
    _refuse_others(desk, login)
    member = await store.member(desk.connection, login)
    begins_at = body.begins_at or desk.now
    faults = []
    if begins_at < desk.now:
        faults.append(("/begins_at", "lies in the past: now at the earliest"))
    if body.ends_at <= max(begins_at, desk.now):
        faults.append(("/ends_at", "must lie after its begin and after now"))
    if member is None:
        faults.append(("/login", f"{login} is no account of your scope"))
    if body.substitute is not None:
        faults += await _substitute_faults(desk, login, body.substitute)
    if faults or member is None:
        raise InvalidError(faults)
    absence_id = new_id("ab")
    row = body.model_dump() | {"id": absence_id, "login": login, "org": member["org"]}
    row |= {"begins_at": begins_at, "by": desk.person.login, "at": desk.now}
    await store.insert_absence(desk.connection, row)
    said = {"login": login, "substitute": body.substitute}
    await _record(desk, "absence.entered", member["org"], absence_id, said)
    return await store.absence(desk.connection, absence_id) or row


async def end_absence(desk: Desk, absence_id: str, *, if_match: str | None) -> dict[str, Any]:
    """Note that somebody is back before the time.

    Raises:
        NotFoundError: No such absence in the scope.
        RefusedError: It is over, or another person's.
    """
    row = await store.absence(desk.connection, absence_id, lock=True)
    if row is None:
        raise NotFoundError("no such absence in your scope")
    _refuse_others(desk, row["login"])
    check_version(if_match, row["version"], current={"id": absence_id, "version": row["version"]})
    if row["ended_at"] is not None or row["ends_at"] <= desk.now:
        text = ("该缺勤已结束", "the absence is over")
        raise _refused("absence_over", *text, "尚未结束的缺勤", "an absence that is not over")
    await store.end_absence(desk.connection, absence_id, by=desk.person.login, at=desk.now)
    await _record(desk, "absence.ended", row["org"], absence_id, {"login": row["login"]})
    return await store.absence(desk.connection, absence_id) or row


async def _shift_faults(
    desk: Desk, shift: NewShift, path: str, pointer: str
) -> list[tuple[str, str]]:
    begins_at = shift.begins_at or desk.now
    faults = []
    if begins_at < desk.now:
        faults.append((f"{pointer}/begins_at", "lies in the past: now at the earliest"))
    if shift.ends_at <= begins_at:
        faults.append((f"{pointer}/ends_at", "must lie after begins_at"))
    elif (shift.ends_at - begins_at).days >= _MOST_DAYS:
        faults.append((f"{pointer}/ends_at", f"is {_MOST_DAYS} days or more after begins_at"))
    member = await store.member(desk.connection, shift.login)
    if member is None or member["disabled"] or member["role"] not in CASE_HANDLERS:
        faults.append(
            (f"{pointer}/login", f"{shift.login} is no officer or supervisor of your scope")
        )
    elif not path.startswith(member["path"]):
        # Alerts of the place would not be in the person's scope.
        faults.append((f"{pointer}/login", f"{shift.login} sees nothing of this organisation"))
    return faults


async def _substitute_faults(desk: Desk, login: str, substitute: str) -> list[tuple[str, str]]:
    if substitute == login:
        return [("/substitute", "nobody stands in for themselves: name another person or nobody")]
    found = await store.member(desk.connection, substitute)
    if found is None or found["disabled"] or found["role"] not in CASE_HANDLERS:
        return [("/substitute", f"{substitute} is no officer or supervisor of your scope")]
    return []


def _refuse_others(desk: Desk, login: str) -> None:
    if login != desk.person.login and desk.person.role not in REGISTRARS:
        text = ("仅能登记本人缺勤", "only the own absence")
        raise _refused("own_absence", *text, "由管理员或负责人登记", "an admin or a supervisor")


def _elsewhere() -> RefusedError:
    text = ("同一人同一时间只能在一处值班", "one person stands in one place at a time")
    return _refused("one_place", *text, "调整时间或换人", "another time or another person")


def _refused(rule: str, zh: str, en: str, allowed_zh: str, allowed_en: str) -> RefusedError:
    return RefusedError(Refusal("", rule, _ARTICLE, zh, en, allowed_zh, allowed_en))


async def _record(desk: Desk, kind: str, org: str, ref_id: str, said: dict[str, Any]) -> None:
    act = Act(kind, org, None, "rota", ref_id, desk.now, (_ARTICLE,), said)
    await record(desk.connection, act, desk.person)
