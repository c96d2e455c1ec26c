"""The alert desk."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from server.alerts import store
from server.alerts.handling import handle
from server.alerts.lifecycle import State
from server.alerts.schemas import (
    Acknowledge,
    Alert,
    AlertCounts,
    AlertPage,
    AlertWithSteps,
    Resolve,
)
from server.auth.person import HandlerDesk, ReaderDesk
from server.cursor import decode_cursor, encode_cursor
from server.errors import InvalidError, NotFoundError

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])

IfMatch = Annotated[str | None, Header()]


@router.get("", response_model=AlertPage)
async def list_alerts(
    *,
    desk: ReaderDesk,
    state: Annotated[list[State] | None, Query()] = None,
    rule: Annotated[str | None, Query(max_length=40)] = None,
    subject: Annotated[str | None, Query(max_length=40)] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """List alerts of the scope, newest first."""
    rows = await store.page(
        desk.connection,
        states=state,
        rule=rule,
        subject=subject,
        before=_before(cursor) if cursor else None,
        limit=limit + 1,
    )
    items = rows[:limit]
    more = len(rows) > limit
    last = items[-1] if more else None
    return {
        "items": items,
        "next_cursor": encode_cursor(last["raised_at"].isoformat(), last["id"]) if last else None,
    }


@router.get("/counts", response_model=AlertCounts)
async def count_alerts(desk: ReaderDesk) -> dict[str, Any]:
    """Count the alerts that wait in the scope."""
    return await store.counts(desk.connection)


@router.get("/{alert_id}", response_model=AlertWithSteps)
async def read_alert(desk: ReaderDesk, alert_id: str, response: Response) -> dict[str, Any]:
    """Read one alert with its steps; the ETag is its version."""
    found = await store.alert(desk.connection, alert_id)
    if found is None:
        raise NotFoundError("no such alert in your scope")
    response.headers["ETag"] = f'"{found["version"]}"'
    return found | {"steps": await store.steps(desk.connection, alert_id)}


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
    moved = await handle(desk, alert_id, "acknowledge", if_match=if_match, note=note)
    response.headers["ETag"] = f'"{moved["version"]}"'
    return moved


@router.post("/{alert_id}/resolve", response_model=Alert)
async def resolve(
    desk: HandlerDesk, alert_id: str, response: Response, body: Resolve, if_match: IfMatch = None
) -> dict[str, Any]:
    """Say what it was. `confirmed` records a fact and its ledger entry in the same transaction."""
    moved = await handle(
        desk, alert_id, "resolve", if_match=if_match, note=body.note, verdict=body.verdict
    )
    response.headers["ETag"] = f'"{moved["version"]}"'
    return moved


def _before(cursor: str) -> tuple[datetime, str]:
    raised_at, alert_id = decode_cursor(cursor, str, str)
    try:
        return datetime.fromisoformat(raised_at), alert_id
    except ValueError as error:
        raise InvalidError([("cursor", "is not a next_cursor of this list")]) from error
