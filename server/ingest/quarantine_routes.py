"""What gateways brought and the server refused, for people."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from server.auth.person import ReaderDesk
from server.cursor import decode_cursor, encode_cursor
from server.db import fetch_all

router = APIRouter(prefix="/api/v1", tags=["gateway"])

_PAGE = """
  SELECT id, gateway_id AS gateway, stream, entry_seq, reason, detail, content, at
  FROM ingest_quarantine
  WHERE (%(gateway)s::text IS NULL OR gateway_id = %(gateway)s)
    AND (%(before)s::bigint IS NULL OR id < %(before)s)
  ORDER BY id DESC LIMIT %(limit)s"""


class RefusedItem(BaseModel):
    """A refused row or event; its place, health values and evidence are kept nowhere here."""

    id: int
    gateway: str
    stream: Literal["outcomes", "telemetry"]
    entry_seq: int | None
    reason: str
    detail: str
    content: dict[str, Any]
    at: datetime


class RefusedPage(BaseModel):
    """A page, newest first."""

    items: list[RefusedItem]
    next_cursor: str | None


@router.get("/quarantine", response_model=RefusedPage)
async def list_refused(
    *,
    desk: ReaderDesk,
    gateway: Annotated[str | None, Query(max_length=40)] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """List what the gateways of the scope brought and the server refused, newest first."""
    before = decode_cursor(cursor, int)[0] if cursor else None
    values = {"gateway": gateway, "before": before, "limit": limit + 1}
    rows = await fetch_all(desk.connection, _PAGE, values)
    items = rows[:limit]
    next_cursor = encode_cursor(items[-1]["id"]) if len(rows) > limit else None
    return {"items": items, "next_cursor": next_cursor}
