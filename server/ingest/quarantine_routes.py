"""What gateways brought and the server refused, for people."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from server.auth.person import ReaderDesk
from server.cursor import Cursor, Limit, decode_id_cursor, page_of
from server.db import fetch_all
from server.ingest.quarantine import Source

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
    stream: Source
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
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List what the gateways of the scope brought and the server refused, newest first."""
    values = {"gateway": gateway, "before": decode_id_cursor(cursor), "limit": limit + 1}
    rows = await fetch_all(desk.connection, _PAGE, values)
    return page_of(rows, limit, "id")
