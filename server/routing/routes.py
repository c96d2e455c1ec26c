"""Who has which alerts: take over, hand over, loads, what waits."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from server.alerts.schemas import Alert
from server.auth.person import AnyDesk, HandlerDesk, ReaderDesk
from server.errors import NotFoundError
from server.rota.on_duty import by_login, on_duty, present_until
from server.rota.store import absences_from, org_path, shifts_from
from server.routing import assigning, store
from server.routing.schemas import Assignment, OfficerLoads, RoutingStatus
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["routing"])

_OVERDUE: Final = timedelta(seconds=30)


@router.post("/alerts/{alert_id}/assignment", response_model=Alert)
async def assign_alert(
    *,
    desk: HandlerDesk,
    alert_id: str,
    body: Assignment,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Take an alert over, or hand it to another; its clock runs on."""
    moved = await assigning.assign(desk, alert_id, body.to, body.note, if_match=if_match)
    set_version(response, moved["version"])
    return moved


@router.get("/routing/officers", response_model=OfficerLoads)
async def read_loads(
    *,
    desk: ReaderDesk,
    org: Annotated[str | None, Query(max_length=40, description="the own if none")] = None,
) -> dict[str, Any]:
    """Answer who may handle alerts at an organisation, who is on duty, and what waits for each."""
    of_org = org or desk.person.org_id
    if await org_path(desk.connection, of_org) is None:
        raise NotFoundError("no such organisation in your scope")
    absences = by_login(await absences_from(desk.connection, desk.now))
    shifts = await shifts_from(desk.connection, [of_org], desk.now)
    standing = {one.login: one for one in on_duty(shifts, absences, desk.now)}
    items = []
    for row in await store.officers(desk.connection, of_org):
        duty = standing.get(row["login"])
        items.append(
            row
            | {"post": duty and duty.post, "until": duty and duty.until}
            | {"present": present_until(row["login"], absences, desk.now) != desk.now}
        )
    return {"org": of_org, "at": desk.now, "items": items}


@router.get("/routing/status", response_model=RoutingStatus)
async def read_status(desk: AnyDesk) -> dict[str, Any]:
    """Answer what waits in the scope, and what routing could not do."""
    counted = await store.status(desk.connection, desk.now - _OVERDUE)
    return counted | {"at": desk.now, "failing": await store.failing(desk.connection)}
