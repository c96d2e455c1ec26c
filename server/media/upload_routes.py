"""Resumable uploads of recordings (tus 1.0): from a gateway's site, with its token."""

import secrets
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Path, Request, Response

from server.auth.gateway import FromGateway, gateway_desk
from server.errors import ConflictError, InvalidError, NotFoundError
from server.media import store
from server.media.errors import GoneError, VersionError
from server.media.naming import media_id
from server.media.parts import MediaParts, WithMedia
from server.media.uploads import (
    EXTENSIONS,
    PART_TYPE,
    VERSION,
    checksum_of,
    metadata_of,
    write_part,
)

PATH: Final = "/api/v1/gateway/media/uploads"
router = APIRouter(prefix=PATH, tags=["media"])

_Version = Annotated[str, Header(alias="Tus-Resumable")]
_Bytes = Annotated[int, Header(ge=0, le=2**40)]
_UploadId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
_HEADERS: Final = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}


async def _spoken(tus_resumable: _Version) -> None:
    if tus_resumable != VERSION:
        raise VersionError(f"tus {tus_resumable[:20]} is not spoken here, only {VERSION}")


_Spoken = Depends(_spoken)


@router.options("", status_code=204, response_class=Response)
async def say_what_is_spoken() -> Response:
    """Say which version and extensions of tus are spoken."""
    said = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS}
    said |= {"Tus-Checksum-Algorithm": "sha256,sha1"}
    return Response(status_code=204, headers=_HEADERS | said)


@router.post("", status_code=201, response_class=Response, dependencies=[_Spoken])
async def begin_upload(
    desk: FromGateway,
    media: WithMedia,
    upload_length: _Bytes,
    upload_metadata: Annotated[str, Header()],
) -> Response:
    """Begin the upload of an announced recording, or go on with the one that was begun.

    Upload-Metadata names `device` and `media` as the media index does.
    """
    named = metadata_of(upload_metadata)
    known = await store.announced(
        desk.connection, media_id(named.get("device", ""), named.get("media", ""))
    )
    if known is None:
        raise NotFoundError("no such recording was announced in this gateway's scope")
    if known["size_bytes"] != upload_length:
        text = f"is {upload_length}, announced were {known['size_bytes']} bytes"
        raise InvalidError([("Upload-Length", text)])
    if known["state"] not in ("announced", "mismatch"):
        raise ConflictError(f"the recording is {known['state']}: it is not taken again")
    gateway = desk.gateway.gateway_id
    row = await store.begin_upload(desk.connection, secrets.token_hex(16), known, gateway)
    if media.spool.size(row["id"]) < row["received_bytes"]:
        # What had come is lost: a new one, whose count is true.
        await store.drop_upload(desk.connection, row["id"])
        row = await store.begin_upload(desk.connection, secrets.token_hex(16), known, gateway)
    media.spool.begin(row["id"])
    headers = {"Location": f"{PATH}/{row['id']}", "Upload-Offset": str(row["received_bytes"])}
    return Response(status_code=201, headers=_HEADERS | headers)


@router.head("/{upload_id}", response_class=Response, dependencies=[_Spoken])
async def read_upload(desk: FromGateway, upload_id: _UploadId) -> Response:
    """Answer how many bytes of an upload are safely kept."""
    row = await store.upload(desk.connection, upload_id)
    if row is None:
        raise NotFoundError("no such upload in this gateway's scope, or it is done")
    said = {"Upload-Offset": row["received_bytes"], "Upload-Length": row["size_bytes"]}
    return Response(headers=_HEADERS | {name: str(value) for name, value in said.items()})


@router.patch("/{upload_id}", status_code=204, response_class=Response, dependencies=[_Spoken])
async def take_part(
    *,
    request: Request,
    media: WithMedia,
    upload_id: _UploadId,
    upload_offset: _Bytes,
    content_type: Annotated[str, Header()],
    upload_checksum: Annotated[str | None, Header(max_length=120)] = None,
) -> Response:
    """Take the next bytes of an upload; what is answered is on the disk."""
    if content_type != PART_TYPE:
        raise InvalidError([("Content-Type", f"is not {PART_TYPE}")])
    checksum = checksum_of(upload_checksum)
    # Held before it is read how far it came: another part may have come in between.
    with media.spool.held(upload_id) as file:
        async with gateway_desk(request) as desk:
            row = await store.upload(desk.connection, upload_id)
        if row is None:
            raise NotFoundError("no such upload in this gateway's scope, or it is done")
        offset, size_bytes = row["received_bytes"], row["size_bytes"]
        if upload_offset != offset:
            raise ConflictError(f"Upload-Offset is {upload_offset}, kept are {offset} bytes")
        if file.seek(0, 2) < offset:
            await _forget(request, media, upload_id)
            raise GoneError("what had come of this upload is lost: begin it anew")

        async def note(kept_bytes: int) -> None:
            async with gateway_desk(request) as desk:
                await store.note_received(desk.connection, upload_id, kept_bytes)

        parts = request.stream()
        at = await write_part(
            file, parts, offset=offset, size_bytes=size_bytes, checksum=checksum, note=note
        )
        await note(at)
    if at == size_bytes:
        media.bell.set()
    return Response(status_code=204, headers=_HEADERS | {"Upload-Offset": str(at)})


@router.delete("/{upload_id}", status_code=204, response_class=Response, dependencies=[_Spoken])
async def end_upload(desk: FromGateway, media: WithMedia, upload_id: _UploadId) -> Response:
    """Give an upload up; the recording stays announced."""
    row = await store.upload(desk.connection, upload_id)
    if row is None:
        raise NotFoundError("no such upload in this gateway's scope, or it is done")
    if row["state"] == "received":
        raise ConflictError("the file is here whole: it is not given up any more")
    with media.spool.held(upload_id):
        await store.drop_upload(desk.connection, upload_id)
        media.spool.end(upload_id)
    return Response(status_code=204, headers=_HEADERS)


async def _forget(request: Request, media: MediaParts, upload_id: str) -> None:
    async with gateway_desk(request) as desk:
        await store.drop_upload(desk.connection, upload_id)
    media.spool.end(upload_id)
