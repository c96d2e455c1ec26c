"""Dispatch: whom to send, sending, and what the person says who was sent."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from server.auth.person import HandlerDesk, ReaderDesk
from server.cursor import Cursor, Limit, decode_instant_cursor, page_of
from server.dispatch import answering, sending, store
from server.dispatch.choosing import candidates, shown
from server.dispatch.lifecycle import State
from server.dispatch.nearest import Place
from server.dispatch.schemas import (
    CandidateList,
    NewTask,
    Task,
    TaskAnswer,
    TaskCancellation,
    TaskList,
    TaskPage,
    TaskReport,
    TaskWithSteps,
)
from server.errors import InvalidError, NotFoundError
from server.media import handling as media
from server.media.schemas import NewMediaLink
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["dispatch"])


@router.get("/alerts/{alert_id}/candidates", response_model=CandidateList)
async def list_candidates(
    *,
    desk: HandlerDesk,
    alert_id: str,
    longitude_deg: Annotated[float | None, Query(ge=-180, le=180, description="WGS-84")] = None,
    latitude_deg: Annotated[float | None, Query(ge=-90, le=90, description="WGS-84")] = None,
) -> dict[str, Any]:
    """Answer who may be sent: free before busy, known positions before old ones, near before far.

    Without a place, distances are to where the person was last, while an order is in force.
    """
    if longitude_deg is None or latitude_deg is None:
        if longitude_deg is not latitude_deg:
            raise InvalidError([("longitude_deg", "comes with latitude_deg, or neither")])
        return await candidates(desk, alert_id, None)
    return await candidates(desk, alert_id, Place(longitude_deg, latitude_deg))


@router.post("/alerts/{alert_id}/tasks", status_code=201)
async def send_somebody(
    *,
    desk: HandlerDesk,
    request: Request,
    response: Response,
    alert_id: str,
    body: NewTask,
    key: RequestKey,
    if_match: IfMatch = None,
) -> Task:
    """Send somebody to an alert; the task goes to the person's terminal too, if one is on."""

    async def work() -> Task:
        sent = await sending.send(desk, alert_id, body, if_match=if_match)
        return Task.model_validate(await shown(desk, sent))

    answered = await once(desk, request, key, work, answers=Task)
    set_version(response, answered.version)
    return answered


@router.get("/alerts/{alert_id}/tasks", response_model=TaskList)
async def list_tasks_of_alert(desk: ReaderDesk, alert_id: str) -> dict[str, Any]:
    """List who was sent to an alert, oldest first."""
    rows = await store.tasks_of_alert(desk.connection, alert_id)
    return {"items": [await shown(desk, row) for row in rows]}


@router.get("/tasks", response_model=TaskPage)
async def list_tasks(
    *,
    desk: ReaderDesk,
    login: Annotated[str | None, Query(max_length=40, description="a login, or `me`")] = None,
    state: Annotated[list[State] | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List tasks of the scope, newest first."""
    rows = await store.page(
        desk.connection,
        login=desk.person.login if login == "me" else login,
        states=state,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    page = page_of(rows, limit, "sent_at", "id")
    return page | {"items": [await shown(desk, row) for row in page["items"]]}


@router.get("/tasks/{task_id}", response_model=TaskWithSteps)
async def read_task(desk: ReaderDesk, response: Response, task_id: str) -> dict[str, Any]:
    """Read a task with everything that was said of it."""
    row = await store.task(desk.connection, task_id)
    if row is None:
        raise NotFoundError("no such task in your scope")
    set_version(response, row["version"])
    return await shown(desk, row) | {"steps": await store.steps(desk.connection, task_id)}


@router.post("/tasks/{task_id}/answer", response_model=Task)
async def answer_task(
    desk: HandlerDesk, response: Response, task_id: str, body: TaskAnswer
) -> dict[str, Any]:
    """Accept or decline a task, or say how far one is; saying the same twice changes nothing."""
    row = await answering.answer(desk, task_id, body.state, note=body.note)
    set_version(response, row["version"])
    return await shown(desk, row)


@router.post("/tasks/{task_id}/report")
async def report_task(
    *,
    desk: HandlerDesk,
    request: Request,
    response: Response,
    task_id: str,
    body: TaskReport,
    key: RequestKey,
) -> Task:
    """Report what was found; on site, this is the field visit that a strap or a case needs."""

    async def work() -> Task:
        for media_id in body.media:
            await media.link(desk, media_id, NewMediaLink(kind="task", ref=task_id))
        row = await answering.answer(
            desk, task_id, "reported", note=body.text, finding=body.finding, media=body.media
        )
        return Task.model_validate(await shown(desk, row))

    answered = await once(desk, request, key, work, answers=Task)
    set_version(response, answered.version)
    return answered


@router.post("/tasks/{task_id}/cancellation", response_model=Task)
async def cancel_task(
    *,
    desk: HandlerDesk,
    response: Response,
    task_id: str,
    body: TaskCancellation,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Call somebody back; needs the version that was seen."""
    row = await sending.cancel(desk, task_id, body.note, if_match=if_match)
    set_version(response, row["version"])
    return await shown(desk, row)
