"""The alert desk."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from server.alerts import page_store, store
from server.alerts.bulk import handle_all
from server.alerts.group_page import newest_of_groups
from server.alerts.group_store import groups_of
from server.alerts.handling import announced, handle, locked
from server.alerts.lifecycle import State
from server.alerts.schemas import (
    Acknowledge,
    Alert,
    AlertCounts,
    AlertPage,
    AlertWithSteps,
    BulkAction,
    BulkOutcomes,
    Reason,
    Resolve,
    Shelving,
)
from server.auth.person import Desk, HandlerDesk, ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.errors import NotFoundError
from server.precision.counting import likeness
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])


@router.get("", response_model=AlertPage)
async def list_alerts(
    *,
    desk: ReaderDesk,
    state: Annotated[list[State] | None, Query()] = None,
    rule: Annotated[str | None, Query(max_length=40)] = None,
    subject: OfSubject = None,
    assigned_to: Annotated[str | None, Query(max_length=40, description="a login, or `me`")] = None,
    group: Annotated[str | None, Query(max_length=80, description="members of a group")] = None,
    grouped: Annotated[bool, Query(description="of each group the newest, with the group")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List alerts of the scope, newest first."""
    mine = desk.person.login if assigned_to == "me" else assigned_to
    filters = store.matching(states=state, rule=rule, subject=subject, assigned_to=mine)
    rows = await (newest_of_groups if grouped else page_store.page)(
        desk.connection,
        filters | {"group": group},
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    page = page_of(rows, limit, "raised_at", "id")
    if grouped:
        named = [row["group_id"] for row in page["items"] if row["group_id"] is not None]
        groups = await groups_of(desk.connection, named)
        page["items"] = [row | {"group": groups.get(row["group_id"])} for row in page["items"]]
    return page


@router.get("/counts", response_model=AlertCounts)
async def count_alerts(desk: ReaderDesk) -> dict[str, Any]:
    """Count the alerts that wait in the scope."""
    return await page_store.counts(desk.connection)


@router.get("/{alert_id}", response_model=AlertWithSteps)
async def read_alert(desk: ReaderDesk, alert_id: str, response: Response) -> dict[str, Any]:
    """Read one alert with its steps; the ETag is its version."""
    found = await store.alert(desk.connection, alert_id)
    if found is None:
        raise NotFoundError("no such alert in your scope")
    set_version(response, found["version"])
    steps = await store.steps(desk.connection, alert_id)
    alike = await likeness(desk.connection, desk.person.org_id, found, desk.now)
    return found | {"steps": steps, "alike": alike}


@router.post("/bulk", response_model=BulkOutcomes)
async def handle_many(desk: HandlerDesk, body: BulkAction) -> dict[str, Any]:
    """Acknowledge or resolve many alerts; each succeeds or is refused by itself."""
    return {"items": await handle_all(desk, body)}


@router.post("/{alert_id}/acknowledge", response_model=Alert)
async def acknowledge(
    desk: HandlerDesk,
    alert_id: str,
    response: Response,
    body: Acknowledge | None = None,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Take an alert on; needs the version that was seen."""
    note = body.note if body else None
    before = await handle(desk, alert_id, "acknowledge", if_match=if_match, note=note)
    return await _told(desk, before, response)


@router.post("/{alert_id}/resolve", response_model=Alert)
async def resolve(
    desk: HandlerDesk, alert_id: str, response: Response, body: Resolve, if_match: IfMatch = None
) -> dict[str, Any]:
    """Say what it was. `confirmed` records a fact and its ledger entry in the same transaction."""
    before = await handle(
        desk, alert_id, "resolve", if_match=if_match, note=body.note, verdict=body.verdict
    )
    return await _told(desk, before, response)


@router.post("/{alert_id}/shelve", response_model=Alert)
async def shelve(
    desk: HandlerDesk, alert_id: str, response: Response, body: Shelving, if_match: IfMatch = None
) -> dict[str, Any]:
    """Set an alert aside until an end; never a call for help, a strap or a case."""
    before = await handle(
        desk, alert_id, "shelve", if_match=if_match, note=body.note, until=body.until
    )
    return await _told(desk, before, response)


@router.post("/{alert_id}/unshelve", response_model=Alert)
async def unshelve(
    desk: HandlerDesk, alert_id: str, response: Response, body: Reason, if_match: IfMatch = None
) -> dict[str, Any]:
    """Take an alert back from the shelf before its end."""
    before = await handle(desk, alert_id, "unshelve", if_match=if_match, note=body.note)
    return await _told(desk, before, response)


@router.post("/{alert_id}/reopen", response_model=Alert)
async def reopen(
    desk: HandlerDesk, alert_id: str, response: Response, body: Reason, if_match: IfMatch = None
) -> dict[str, Any]:
    """Open again what was resolved, shelved or withdrawn; a fact only by a review."""
    before = await handle(desk, alert_id, "reopen", if_match=if_match, note=body.note)
    return await _told(desk, before, response)


@router.post("/{alert_id}/notes", response_model=Alert)
async def add_note(
    desk: HandlerDesk, alert_id: str, response: Response, body: Reason
) -> dict[str, Any]:
    """Write a line into an alert's history, whatever its state and version."""
    current = await locked(desk, alert_id)
    step = store.AlertStep("noted", desk.person.login, body.note)
    await store.touch(desk.connection, current, step)
    return await _told(desk, current, response)


async def _told(desk: Desk, before: dict[str, Any], response: Response) -> dict[str, Any]:
    moved = await announced(desk, before)
    set_version(response, moved["version"])
    return moved
