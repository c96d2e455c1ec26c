"""指挥模式: plans, incidents, tasks, the time line."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import AnyDesk, Desk, HandlerDesk, ReaderDesk, RegistrarDesk, desk_for
from server.cursor import Cursor, Limit, decode_instant_cursor, page_of
from server.errors import NotFoundError
from server.incidents import opening, store, working
from server.incidents.noting import note
from server.incidents.schemas import (
    Closing,
    Commander,
    IncidentInfo,
    IncidentPage,
    MoreAlerts,
    NewIncident,
    NewNote,
    NewPlan,
    NewTask,
    Owner,
    PlanInfo,
    PlanList,
    State,
    TaskEnd,
    TimeLine,
)
from server.once import RequestKey, once
from server.versions import IfMatch, set_version, wanted

router = APIRouter(prefix="/api/v1", tags=["incidents"])

_SupervisorDesk = Annotated[Desk, Depends(desk_for("supervisor"), scope="function")]
_OF = "/incidents/{incident_id}"


@router.get("/incident-plans", response_model=PlanList)
async def list_plans(desk: AnyDesk) -> dict[str, Any]:
    """List the plans in force for the own organisation."""
    found = await opening.plans_of(desk, desk.person.org_id)
    return {"items": [msgspec.to_builtins(plan) for _, plan in sorted(found.items())]}


@router.post("/incident-plans", status_code=201)
async def enter_plan(
    desk: RegistrarDesk, request: Request, body: NewPlan, key: RequestKey
) -> PlanInfo:
    """Enter a plan, or its next version, for the own organisation and those below it."""

    async def work() -> PlanInfo:
        org = desk.person.org_id
        row = {"org": org, "key": body.key, "source": body.source, "by": desk.person.login}
        plan = body.model_dump(include={"title", "tasks"})
        await store.enter_plan(desk.connection, row | {"body": plan, "at": desk.now})
        entered = (await opening.plans_of(desk, org))[body.key]
        said = {"key": body.key, "version": entered.version, "source": body.source}
        act = Act(
            "incident_plan.entered", org, None, "incident_plan", body.key, desk.now, body=said
        )
        await record(desk.connection, act, desk.person)
        return PlanInfo.model_validate(msgspec.to_builtins(entered))

    return await once(desk, request, key, work, answers=PlanInfo)


@router.post("/incidents", status_code=201)
async def open_incident(
    desk: _SupervisorDesk, request: Request, body: NewIncident, key: RequestKey
) -> IncidentInfo:
    """Open an incident by a plan: its tasks begin, and everybody who has one is told."""

    async def work() -> str:
        return await opening.open_incident(desk, body)

    return await _once(desk, request, key, work)


@router.get("/incidents", response_model=IncidentPage)
async def list_incidents(
    *, desk: ReaderDesk, state: State | None = None, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List incidents of the scope, newest first."""
    before = decode_instant_cursor(cursor)
    rows = await store.page(desk.connection, state=state, before=before, limit=limit + 1)
    return page_of(rows, limit, "opened_at", "id")


@router.get(_OF, response_model=IncidentInfo)
async def read_incident(desk: ReaderDesk, response: Response, incident_id: str) -> dict[str, Any]:
    """Read an incident with its alerts and tasks."""
    return await _answered(desk, response, incident_id)


@router.get(_OF + "/timeline", response_model=TimeLine)
async def read_time_line(
    *,
    desk: ReaderDesk,
    incident_id: str,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Read what happened, newest first: the incident's entries, and every step of its alerts."""
    if await store.incident(desk.connection, incident_id) is None:
        raise NotFoundError("no such incident in your scope")
    before = decode_instant_cursor(cursor)
    rows = await store.time_line(desk.connection, incident_id, before=before, limit=limit + 1)
    return page_of(rows, limit, "at", "key")


@router.post(_OF + "/alerts", status_code=201)
async def add_alerts(
    desk: HandlerDesk, request: Request, incident_id: str, body: MoreAlerts, key: RequestKey
) -> IncidentInfo:
    """Put more alerts into an open incident."""

    async def work() -> str:
        incident = await working.opened(desk, incident_id)
        await opening.add_alerts(desk, incident, body.alerts)
        return incident_id

    return await _once(desk, request, key, work)


@router.post(_OF + "/notes", status_code=201)
async def add_note(
    desk: HandlerDesk, request: Request, incident_id: str, body: NewNote, key: RequestKey
) -> IncidentInfo:
    """Write a line into the time line."""

    async def work() -> str:
        await note(desk, await working.opened(desk, incident_id), "noted", text=body.note)
        return incident_id

    return await _once(desk, request, key, work)


@router.post(_OF + "/commander", response_model=IncidentInfo)
async def name_commander(
    *,
    desk: _SupervisorDesk,
    response: Response,
    incident_id: str,
    body: Commander,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Name who commands from now on."""
    wanted(if_match)
    await working.command(desk, incident_id, body.login, if_match=if_match or "")
    return await _answered(desk, response, incident_id)


@router.post(_OF + "/tasks", status_code=201)
async def add_task(
    desk: HandlerDesk, request: Request, incident_id: str, body: NewTask, key: RequestKey
) -> IncidentInfo:
    """Add a task; its clock runs from now."""

    async def work() -> str:
        await working.add_task(desk, incident_id, body)
        return incident_id

    return await _once(desk, request, key, work)


@router.post(_OF + "/tasks/{number}/owner", response_model=IncidentInfo)
async def give_task(
    *,
    desk: HandlerDesk,
    response: Response,
    incident_id: str,
    number: int,
    body: Owner,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Name who does a task; If-Match is the task's version, and its clock runs on."""
    await working.give_task(desk, incident_id, number, body.login, if_match=if_match)
    return await _answered(desk, response, incident_id)


@router.post(_OF + "/tasks/{number}/end", response_model=IncidentInfo)
async def end_task(
    *,
    desk: HandlerDesk,
    response: Response,
    incident_id: str,
    number: int,
    body: TaskEnd,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Note that a task is done or dropped, and how; If-Match is the task's version."""
    await working.end_task(desk, incident_id, number, body, if_match=if_match)
    return await _answered(desk, response, incident_id)


@router.post(_OF + "/closing", response_model=IncidentInfo)
async def close_incident(
    *,
    desk: _SupervisorDesk,
    response: Response,
    incident_id: str,
    body: Closing,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Close an incident with a summary once every task is done or dropped."""
    wanted(if_match)
    await working.close(desk, incident_id, body, if_match=if_match or "")
    return await _answered(desk, response, incident_id)


async def _once(
    desk: Desk, request: Request, key: str, work: Callable[[], Awaitable[str]]
) -> IncidentInfo:
    async def answered() -> IncidentInfo:
        incident_id = await work()
        return IncidentInfo.model_validate(await working.whole(desk, incident_id))

    return await once(desk, request, key, answered, answers=IncidentInfo)


async def _answered(desk: Desk, response: Response, incident_id: str) -> dict[str, Any]:
    row = await working.whole(desk, incident_id)
    set_version(response, row["version"])
    return row
