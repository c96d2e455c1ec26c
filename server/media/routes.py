"""Recordings: list, read, play, link, keep."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from server.auth.person import DeciderDesk, HandlerDesk, ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.errors import ConflictError
from server.media import handling, store
from server.media.errors import RangeError
from server.media.parts import WithMedia
from server.media.playing import (
    SIGN_BYTES,
    TYPES,
    Reader,
    digest_header,
    span_of,
    type_of,
)
from server.media.schemas import (
    LinkKind,
    MediaPage,
    MediaRecord,
    MediaRetention,
    NewMediaLink,
    State,
)
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1/media", tags=["media"])

MediaId = Annotated[str, Path(max_length=40)]
_Ref = Annotated[str | None, Query(max_length=128)]
_BINARY: Final = {name: {"schema": {"type": "string", "format": "binary"}} for name in TYPES}
_PLAYED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file", "content": _BINARY},
    206: {"description": "A range of it", "content": _BINARY},
}


@router.get("", response_model=MediaPage)
async def list_media(
    *,
    desk: ReaderDesk,
    state: State | None = None,
    overdue: Annotated[bool, Query(description="only what should be here and is not")] = False,
    device: _Ref = None,
    subject: OfSubject = None,
    kind: Annotated[LinkKind | None, Query(description="with `ref`: linked to this")] = None,
    ref: _Ref = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List recordings of the scope, the newest first; what was announced and is missing too."""
    before_at, before_id = decode_instant_cursor(cursor) or (None, None)
    asked: dict[str, Any] = {"state": state, "is_overdue": overdue, "device": device}
    asked |= {"subject": subject, "kind": kind, "ref": ref, "now": desk.now, "limit": limit + 1}
    asked |= {"before_at": before_at, "before_id": before_id}
    rows = await store.page(desk.connection, asked)
    return page_of(rows, limit, "begin_time", "id")


@router.get("/{media_id}", response_model=MediaRecord)
async def read_media(desk: ReaderDesk, media_id: MediaId, response: Response) -> dict[str, Any]:
    """Read a recording with its signed manifest and its place in the evidence chain."""
    found = await handling.record(desk, media_id)
    set_version(response, found["version"])
    return found


@router.get("/{media_id}/content", response_class=Response, responses=_PLAYED)
async def play_media(
    *,
    desk: ReaderDesk,
    media: WithMedia,
    media_id: MediaId,
    purpose: Annotated[str, Query(min_length=4, max_length=200, description="logged")],
    download: bool = False,
    asked: Annotated[str | None, Header(alias="Range", max_length=100)] = None,
) -> Response:
    """Play or export a recording, whole or a range of it; who asks is logged with the purpose."""
    found = await handling.record(desk, media_id)
    if found["state"] != "stored":
        raise ConflictError(f"the recording is {found['state']}: there is no file to play")
    await handling.note_look(desk, found, purpose)
    size_bytes = found["size_bytes"]
    span = span_of(asked, size_bytes)
    if span is None:
        raise RangeError(size_bytes)
    reader = Reader(media, found)
    kind = type_of(await reader.read(0, min(SIGN_BYTES, size_bytes)))
    how = "attachment" if download else "inline"
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store",
        "Content-Length": str(span.end - span.begin),
        "Content-Disposition": f'{how}; filename="{media_id}"',
        "Repr-Digest": digest_header(found["sha256"]),
        "X-Content-Type-Options": "nosniff",
    }
    if span.is_part:
        headers["Content-Range"] = f"bytes {span.begin}-{span.end - 1}/{size_bytes}"
    status = 206 if span.is_part else 200
    return StreamingResponse(
        reader.stream(span), status_code=status, headers=headers, media_type=kind
    )


@router.post("/{media_id}/links", status_code=201)
async def link_media(
    desk: HandlerDesk, request: Request, media_id: MediaId, body: NewMediaLink, key: RequestKey
) -> MediaRecord:
    """Link a recording to a person's file, an alert, a task or a document."""

    async def linked() -> MediaRecord:
        return MediaRecord.model_validate(await handling.link(desk, media_id, body))

    return await once(desk, request, key, linked, answers=MediaRecord)


@router.post("/{media_id}/retention", response_model=MediaRecord)
async def keep_media(
    desk: DeciderDesk,
    media_id: MediaId,
    body: MediaRetention,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Decide how long a recording is kept."""
    found = await handling.retain(desk, media_id, body.retention, if_match)
    set_version(response, found["version"])
    return found
