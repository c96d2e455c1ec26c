"""GET /api/v1/acts: the record (执法留痕)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from server.acts import store
from server.acts.schemas import ActPage
from server.auth.person import ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_id_cursor, page_of
from server.errors import InvalidError

router = APIRouter(prefix="/api/v1/acts", tags=["acts"])


@router.get("", response_model=ActPage)
async def list_acts(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    ref_kind: Annotated[str | None, Query(max_length=40)] = None,
    ref_id: Annotated[str | None, Query(max_length=80)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List acts of the scope, newest first; of one person, or of one thing."""
    if (ref_kind is None) != (ref_id is None):
        raise InvalidError([("ref_id", "ref_kind and ref_id go together")])
    ref = None if ref_kind is None or ref_id is None else (ref_kind, ref_id)
    rows = await store.page(
        desk.connection, subject=subject, ref=ref, before=decode_id_cursor(cursor), limit=limit + 1
    )
    return page_of(rows, limit, "id")
