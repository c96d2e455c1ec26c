"""GET /api/v1/live."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from server.alerts.schemas import Alert
from server.alerts.store import alerts
from server.auth.person import CASE_READERS, AnyDesk, Desk
from server.commands.schemas import Command
from server.commands.store import commands
from server.db import Connection
from server.live import store
from server.live.client import Client
from server.live.frames import frame, to_json
from server.live.hub import Hub
from server.situation.feed import feed_ends
from server.situation.positions import in_columns, newest_positions

router = APIRouter(prefix="/api/v1/live", tags=["live"])

_WRITE_BYTES: Final = 1 << 16
# Tells a proxy to pass each event on at once.
_HEADERS: Final = {"X-Accel-Buffering": "no"}


class LiveResponse(StreamingResponse):
    """A stream that leaves the hub however it ends."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, client: Client, first: list[bytes]) -> None:
        """Take a stream that has joined the hub, and the events that come first."""
        super().__init__(_frames(client, first), headers=_HEADERS)
        self._hub = hub
        self._client = client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client goes, the session ends or the server stops."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.leave(self._client)


@router.get("", response_class=LiveResponse, status_code=200)
async def follow(
    desk: AnyDesk,
    request: Request,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
    after: Annotated[int | None, Query(ge=0)] = None,
) -> LiveResponse:
    """Follow what changes (docs/http.md, Live events)."""
    person = desk.person
    hub: Hub = request.app.state.hub
    client = Client(
        scope=person.org_path,
        sees_cases=person.role in CASE_READERS,
        session_hash=person.session_hash,
    )
    # Joined before the missed events are read: what happens in between comes twice, never not.
    hub.join(client)
    with ExitStack() as leaving:
        leaving.callback(hub.leave, client)
        first = await _first_frames(desk, client, _resumed_from(last_event_id, after))
        response = LiveResponse(hub, client, first)
        leaving.pop_all()
    return response


async def _frames(client: Client, first: list[bytes]) -> AsyncIterator[bytes]:
    yield b"".join(first)
    while frames := await client.take():
        for piece in _joined(frames):
            yield piece


def _joined(frames: Iterable[bytes]) -> Iterator[bytes]:
    """Yield frames joined, so that few writes do, and none is larger than needs be."""
    waiting: list[bytes] = []
    size = 0
    for one in frames:
        if waiting and size + len(one) > _WRITE_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
        waiting.append(one)
        size += len(one)
    yield b"".join(waiting)


def _resumed_from(last_event_id: str | None, after: int | None) -> int | None:
    if last_event_id is not None and last_event_id.isdecimal():
        return int(last_event_id)
    return after


async def _first_frames(desk: Desk, client: Client, last_id: int | None) -> list[bytes]:
    connection = desk.connection
    kept = await feed_ends(connection)
    hello = to_json({"feed_id": kept.newest, "now": datetime.now(UTC)})
    first = [frame("hello", hello)]
    if last_id is None or not client.sees_cases:
        return first
    if not kept.reaches(last_id) or await store.is_too_old(connection, last_id):
        return [*first, frame("reset", b"{}")]
    first += await _missed_commands(connection, last_id)
    missed = await store.alerts_after(connection, last_id)
    found = await alerts(connection, missed)
    for alert_id in missed:
        if alert_id in found:
            data = Alert.model_validate(found[alert_id]).model_dump_json().encode()
            first.append(frame("alert", data, last_id))
    # Positions come last, so that only their id says that everything before has been sent.
    rows = await newest_positions(connection, last_id)
    first.append(frame("pos", to_json(in_columns(rows, kept.newest)), max(kept.newest, last_id)))
    return first


async def _missed_commands(connection: Connection, last_id: int) -> list[bytes]:
    missed = await store.commands_after(connection, last_id)
    found = await commands(connection, missed) if missed else {}
    return [
        frame("command", Command.model_validate(found[command_id]).model_dump_json().encode())
        for command_id in missed
        if command_id in found
    ]
