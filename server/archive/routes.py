"""The gateway's calls of docs/wire/archive-v1.md."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from server.archive import store
from server.archive.keys import MasterKey
from server.archive.taking import RefusedEntry, set_aside, take_segment
from server.auth.gateway import FromGateway
from server.errors import NotFoundError
from server.ingest.lane import InTelemetryLane

router = APIRouter(prefix="/api/v1/gateway/archive", tags=["gateway"])

_Entry = Annotated[int, Query(ge=1, le=2**62)]


class Archived(BaseModel):
    """Through which entry the gateway's journal is archived; 0 when new."""

    through: int


class RefusedBody(BaseModel):
    """An entry that the archive has refused by itself, without its content."""

    kind: Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]
    at_us: Annotated[int, Field(ge=0, le=2**62)]
    rows: Annotated[int, Field(ge=0, le=2**31 - 1)]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    reason: Annotated[str, Field(max_length=500)]


async def _whole_body(request: Request) -> bytes:
    return await request.body()


# Declared before the desk: a slow upload holds no connection.
_Body = Annotated[bytes, Depends(_whole_body)]


def _master(request: Request) -> MasterKey:
    master: MasterKey | None = request.app.state.archive_master_key
    if master is None:
        raise NotFoundError(
            "this server archives no journal: it needs GUITU_SERVER_ARCHIVE_KEY_FILE, or the "
            "gateway GUITU_GATEWAY_ARCHIVE=false"
        )
    return master


_Master = Annotated[MasterKey, Depends(_master)]


@router.get("")
async def read_archived(_master_key: _Master, desk: FromGateway) -> Archived:
    """Answer through which entry the gateway's journal is archived."""
    return Archived(through=await store.mark(desk.connection, desk.gateway.gateway_id))


@router.post("")
async def take_archive_segment(
    *,
    master: _Master,
    body: _Body,
    _lane: InTelemetryLane,
    desk: FromGateway,
    first: _Entry,
    last: _Entry,
    begins: bool = False,
) -> Archived:
    """Take entries `first` to `last` for good: an Arrow IPC stream."""
    through = await take_segment(desk, master, body, first=first, last=last, begins=begins)
    return Archived(through=through)


@router.post("/refused")
async def take_refused_entry(
    *,
    master: _Master,
    told: RefusedBody,
    desk: FromGateway,
    entry: _Entry,
    begins: bool = False,
) -> Archived:
    """Go on behind an entry that cannot be kept: the chain has its place, quarantine says why."""
    refused = RefusedEntry(
        entry, told.kind, told.at_us, told.rows, bytes.fromhex(told.digest), told.reason
    )
    return Archived(through=await set_aside(desk, master, refused, begins=begins))
