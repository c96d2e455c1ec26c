"""The policy: what holds here, by which source, and what an organisation sets."""

from typing import Any

from fastapi import APIRouter

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import AnyDesk, Desk, RegistrarDesk
from server.errors import InvalidError
from server.law.errors import OverrideError
from server.law.policy import Policy, national, with_overrides
from server.policies import store
from server.policies.schemas import HolidayEntry, PolicyEntry, PolicyInfo

router = APIRouter(prefix="/api/v1", tags=["policy"])


@router.get("/policy", response_model=PolicyInfo)
async def read_policy(desk: AnyDesk) -> dict[str, Any]:
    """Answer every figure in force for the own organisation, each with its article and source."""
    policy = await store.policy_of(desk.connection, desk.person.org_id, desk.now)
    return _shown(desk, policy)


@router.post("/policy", response_model=PolicyInfo, status_code=201)
async def enter_policy(desk: RegistrarDesk, body: PolicyEntry) -> dict[str, Any]:
    """Set figures for the own organisation and those below it; clocks that run keep their end."""
    valid_from = body.valid_from or desk.now
    if valid_from < desk.now:
        raise InvalidError([("/valid_from", "lies in the past: now at the earliest")])
    try:
        with_overrides(national(), body.overrides, body.source)
    except OverrideError as error:
        faults = [(f"/overrides/{name}", text) for name, text in error.faults]
        raise InvalidError(faults) from error
    person = desk.person
    await store.enter_policy(
        desk.connection,
        person.org_id,
        body.overrides,
        source=body.source,
        by_login=person.login,
        now=desk.now,
        valid_from=valid_from,
    )
    noted = {"overrides": body.overrides, "source": body.source}
    await _record(desk, "policy.entered", noted | {"valid_from": valid_from.isoformat()})
    policy = await store.policy_of(desk.connection, person.org_id, desk.now)
    return _shown(desk, policy)


@router.post("/holidays", status_code=204)
async def enter_holidays(desk: RegistrarDesk, body: HolidayEntry) -> None:
    """Set a year's days off for the own organisation and those below it."""
    strays = [
        (f"/{name}/{index}", f"{day} is not of {body.year}")
        for name, days in (("off", body.off), ("worked", body.worked))
        for index, day in enumerate(days)
        if day.year != body.year
    ]
    both = sorted(set(body.off) & set(body.worked))
    if strays or both:
        twice = [("/worked", f"{day} is off and worked") for day in both]
        raise InvalidError([*strays, *twice])
    await store.enter_notice(
        desk.connection,
        desk.person.org_id,
        body.year,
        off=body.off,
        worked=body.worked,
        source=body.source,
        by_login=desk.person.login,
    )
    await _record(desk, "policy.holidays", body.model_dump(mode="json"))


async def _record(desk: Desk, kind: str, body: dict[str, Any]) -> None:
    org_id = desk.person.org_id
    act = Act(kind, org_id, None, "org", org_id, desk.now, body=body)
    await record(desk.connection, act, desk.person)


def _shown(desk: Desk, policy: Policy) -> dict[str, Any]:
    parameters = [
        {name: getattr(one, name) for name in one.__struct_fields__}
        | {"text": {"zh": one.text.zh, "en": one.text.en}}
        for _, one in sorted(policy.parameters.items())
    ]
    return {"version": policy.version, "at": desk.now, "parameters": parameters}
