"""Planning checks, asking for one, and what they find."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from server.auth.person import Desk
from server.auth.powers import require
from server.cases import noting
from server.cases.standing import Standing, require_stage, standing
from server.checks import store
from server.checks.draw import Plan, commitment, draw
from server.checks.rules import (
    LAW,
    check_answerable,
    check_no_track,
    check_open,
)
from server.checks.schemas import (
    CheckInfo,
    CheckResult,
    NewCheck,
    NewPlan,
    OnePosition,
    OwnCheck,
    PlanInfo,
)
from server.errors import InvalidError, NotFoundError
from server.law.days import LegalCalendar
from server.scoring.intake import take
from server.versions import check_version

_CALENDAR: Final = LegalCalendar()
_DAY: Final = timedelta(days=1)
_SEED_BYTES: Final = 32
_E7: Final = 10_000_000
_MM: Final = 1_000


async def plan(desk: Desk, subject_id: str, body: NewPlan) -> PlanInfo:
    """Draw checks; what proves the draw is recorded before the first day.

    Raises:
        NotFoundError: No such person in the scope.
        InvalidError: The first day is today or before, or the checks do not fit.
        RefusedError: By the wrong person, or together they would be a track.
    """
    found = await _supervised(desk, subject_id)
    drawn_from = _drawn_from(desk, subject_id, body)
    seed = secrets.token_bytes(_SEED_BYTES)
    try:
        drawn = draw(seed, drawn_from)
    except ValueError as error:
        raise InvalidError([("/count", f"{error}: fewer, or more days")]) from error
    phones = [one.due_from for one in drawn if one.method == "phone"]
    await _check_phones(desk, subject_id, phones)
    plan_id, proof = f"cp-{secrets.token_hex(12)}", commitment(seed, drawn_from)
    described = drawn_from.described()
    common = {"org": found.org_id, "subject": subject_id, "by": desk.person.login}
    row = described | common | {"id": plan_id, "seed": seed, "commitment": proof, "now": desk.now}
    await store.insert_plan(desk.connection, row)
    checks = [
        common
        | {"id": f"ck-{secrets.token_hex(12)}", "plan": plan_id, "purpose": body.purpose}
        | {"method": one.method, "due_from": one.due_from, "due_to": one.due_to}
        for one in drawn
    ]
    await store.insert(desk.connection, checks)
    noted = described | {"commitment": proof.hex()}
    await _note(desk, "check.planned", found, ("check_plan", plan_id), noted)
    return await read_plan(desk, plan_id)


async def ask(desk: Desk, subject_id: str, body: NewCheck) -> CheckInfo:
    """Ask for a check now.

    Raises:
        NotFoundError: No such person in the scope.
        RefusedError: By the wrong person, or it would be a track.
    """
    found = await _supervised(desk, subject_id)
    if body.method == "phone":
        await _check_phones(desk, subject_id, [desk.now])
    check_id = f"ck-{secrets.token_hex(12)}"
    row = {"id": check_id, "org": found.org_id, "subject": subject_id, "plan": None}
    row |= {"method": body.method, "purpose": body.purpose, "by": desk.person.login}
    due = {"due_from": desk.now, "due_to": desk.now + timedelta(minutes=body.answer_min)}
    await store.insert(desk.connection, [row | due])
    noted = {"method": body.method, "purpose": body.purpose}
    await _note(desk, "check.asked", found, ("check", check_id), noted)
    return await read(desk, check_id)


async def finish(desk: Desk, check_id: str, body: CheckResult, if_match: str | None) -> CheckInfo:
    """Record what a check found; of an answer by phone, what an officer makes of it.

    Raises:
        NotFoundError: No such check in the scope.
        InvalidError: It happened in the future, or before the check was open.
        RefusedError: By the wrong person, or it is over.
    """
    require(desk.person, "verify", article=LAW)
    row, found = await _held(desk, check_id, if_match)
    if row["result"] != "answered":
        check_open(row["state"], "planned", "missed")
    happened = body.happened_time or row["happened_time"] or desk.now
    if not row["due_from"] <= happened <= desk.now:
        raise InvalidError([("/happened_time", "must lie between the check's begin and now")])
    values = {"id": check_id, "result": body.result, "note": body.note, "by": desk.person.login}
    await store.finish(desk.connection, values | {"happened_time": happened})
    noted = {"result": body.result, "note": body.note, "method": row["method"]}
    await _note(desk, "check.done", found, ("check", check_id), noted, happened=happened)
    await take(desk.connection, "check", [check_id], by_login=desk.person.login, now=desk.now)
    return await read(desk, check_id)


async def cancel(desk: Desk, check_id: str, reason: str, if_match: str | None) -> CheckInfo:
    """Cancel a check that has not taken place.

    Raises:
        NotFoundError: No such check in the scope.
        RefusedError: By the wrong person, or it is over.
    """
    require(desk.person, "verify", article=LAW)
    row, found = await _held(desk, check_id, if_match)
    check_open(row["state"], "planned")
    await store.cancel(desk.connection, check_id, reason)
    await _note(desk, "check.cancelled", found, ("check", check_id), {"reason": reason})
    return await read(desk, check_id)


async def answer(desk: Desk, check_id: str, body: OnePosition) -> OwnCheck:
    """Take the person's one position for a check by phone.

    Raises:
        NotFoundError: No such check of the person.
        RefusedError: Nobody asks for one now.
    """
    row = await store.check(desk.connection, check_id, desk.now, lock=True)
    if row is None or row["due_from"] > desk.now:
        raise NotFoundError("no such check")
    check_answerable(row["method"], row["state"], row["due_from"], desk.now)
    values = {"id": check_id, "now": desk.now, "by": desk.person.login}
    values |= {"lon_e7": round(body.longitude_deg * _E7), "lat_e7": round(body.latitude_deg * _E7)}
    values |= {"accuracy_mm": max(1, round(body.accuracy_m * _MM))}
    await store.answer(desk.connection, values)
    found = await standing(desk.connection, row["subject"])
    await _note(desk, "check.answered", found, ("check", check_id), {"method": "phone"})
    return OwnCheck.model_validate(await store.check(desk.connection, check_id, desk.now))


async def read(desk: Desk, check_id: str) -> CheckInfo:
    """Return a check.

    Raises:
        NotFoundError: No such check in the scope.
    """
    row = await store.check(desk.connection, check_id, desk.now)
    if row is None:
        raise NotFoundError("no such check in your scope")
    return CheckInfo.model_validate(row)


async def read_plan(desk: Desk, plan_id: str) -> PlanInfo:
    """Return a plan.

    Raises:
        NotFoundError: No such plan in the scope.
    """
    row = await store.plan(desk.connection, plan_id, _CALENDAR.date_of(desk.now))
    if row is None:
        raise NotFoundError("no such plan in your scope")
    return PlanInfo.model_validate(row)


def _drawn_from(desk: Desk, subject_id: str, body: NewPlan) -> Plan:
    drawn_from = Plan(
        subject_id,
        tuple(dict.fromkeys(body.methods)),
        body.first_day,
        body.last_day,
        tuple(sorted((one.start, one.end) for one in body.windows)),
        body.count,
        body.answer_min,
    )
    faults = []
    if body.first_day <= _CALENDAR.date_of(desk.now):
        faults.append(("/first_day", "tomorrow at the earliest: the draw is recorded before"))
    if not body.first_day <= body.last_day < body.first_day + 100 * _DAY:
        faults.append(("/last_day", "first_day to 99 days later"))
    ends = [end for _, end in drawn_from.windows]
    if any(start < end for end, (start, _) in zip(ends, drawn_from.windows[1:], strict=False)):
        faults.append(("/windows", "windows must not overlap"))
    if faults:
        raise InvalidError(faults)
    return drawn_from


async def _check_phones(desk: Desk, subject_id: str, asked: list[datetime]) -> None:
    if asked:
        around = min(asked) - _DAY, max(asked) + _DAY
        others = await store.phone_checks(desk.connection, subject_id, *around)
        check_no_track(asked, others)


async def _supervised(desk: Desk, subject_id: str) -> Standing:
    require(desk.person, "verify", article=LAW)
    found = await standing(desk.connection, subject_id, lock=True)
    require_stage(found, "in_correction", article=LAW)
    return found


async def _held(desk: Desk, check_id: str, if_match: str | None) -> tuple[dict[str, Any], Standing]:
    row = await store.check(desk.connection, check_id, desk.now, lock=True)
    if row is None:
        raise NotFoundError("no such check in your scope")
    current = CheckInfo.model_validate(row).model_dump(mode="json")
    check_version(if_match, row["version"], current=current)
    return row, await standing(desk.connection, row["subject"])


async def _note(
    desk: Desk,
    kind: str,
    found: Standing,
    about: tuple[str, str],
    body: Mapping[str, Any],
    *,
    happened: datetime | None = None,
) -> None:
    await noting.note(desk, found, kind, LAW, ref=about, happened_time=happened, body=body)
