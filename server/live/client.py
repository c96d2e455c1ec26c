"""One live stream: bounded queues between the hub and a socket that may be slow."""

import asyncio
from collections import deque
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final

from server.live.alert_batch import AlertBatch
from server.live.frames import frame, now_json, to_json
from server.situation.positions import in_columns

# An officer's screen that is so many alerts behind is not being looked at.
MOST_ALERTS: Final = 5000
MOST_COMMANDS: Final = 1000


class PositionBatch:
    """Newest positions of one flush; the columns are encoded once for all streams of a scope."""

    def __init__(self, rows: Iterable[dict[str, Any]], feed_id: int) -> None:
        """Take rows of one scope and the feed position up to which they are complete."""
        self.rows = {row["device"]: row for row in rows}
        self.feed_id = feed_id

    @cached_property
    def data(self) -> bytes:
        """The columns as JSON."""
        return to_json(in_columns(self.rows.values(), self.feed_id))

    def with_newer(self, newer: "PositionBatch") -> "PositionBatch":
        """Return both in one, the newer row of each device."""
        return PositionBatch({**self.rows, **newer.rows}.values(), newer.feed_id)


class Client:
    """One stream. The hub puts, the stream's own task takes.

    `id:` of an event is the feed position up to which this stream has everything, so that
    `Last-Event-ID` never skips what was queued behind it.

    Attributes:
        scope: Path of the organisation whose rows it may see.
        sees_cases: Whether the role sees alerts and positions.
        session_hash: The session that it lives with.
    """

    def __init__(self, *, scope: str, sees_cases: bool, session_hash: bytes) -> None:
        """Take what the hub needs to know; nothing is queued yet."""
        self.scope = scope
        self.sees_cases = sees_cases
        self.session_hash = session_hash
        self.is_reset = False
        self._alerts: deque[AlertBatch] = deque()
        self._alerts_waiting = 0
        self._gateways: dict[str, bytes] = {}
        self._commands: dict[str, bytes] = {}
        self._positions: PositionBatch | None = None
        self._owed_from: int | None = None
        self._heartbeat = False
        self._ended = False
        self._wake = asyncio.Event()

    def put_alerts(self, batch: AlertBatch) -> None:
        """Queue alerts; a stream that is too far behind is reset, never thinned out."""
        self._alerts_waiting += batch.count
        if self._alerts_waiting > MOST_ALERTS:
            self.reset()
            return
        self._alerts.append(batch)
        self._wake.set()

    def owe_positions(self, feed_id: int) -> None:
        """Note that positions of this feed position will come with a later flush."""
        if self._owed_from is None:
            self._owed_from = feed_id

    def settle_positions(self) -> None:
        """Note that everything owed has been put, or was of other scopes."""
        self._owed_from = None

    def put_positions(self, batch: PositionBatch) -> None:
        """Queue positions; those of a device replace older ones that still wait."""
        waiting = self._positions
        self._positions = batch if waiting is None else waiting.with_newer(batch)
        self._wake.set()

    def put_gateway(self, gateway: str, data: bytes) -> None:
        """Queue a gateway's state; a newer one replaces an older that still waits."""
        self._gateways[gateway] = data
        self._wake.set()

    def put_command(self, command: str, data: bytes) -> None:
        """Queue a command's state; a newer one replaces an older that still waits."""
        self._commands[command] = data
        if len(self._commands) > MOST_COMMANDS:
            self.reset()
        self._wake.set()

    def beat(self) -> None:
        """Queue a heartbeat."""
        self._heartbeat = True
        self._wake.set()

    def reset(self) -> None:
        """Drop everything, say `reset` and end: the snapshots have to be fetched again."""
        self._alerts.clear()
        self._alerts_waiting = 0
        self._positions = None
        self._gateways.clear()
        self._commands.clear()
        self.is_reset = True
        self.end()

    def end(self) -> None:
        """End the stream after what is queued."""
        self._ended = True
        self._wake.set()

    async def take(self) -> list[bytes]:
        """Wait for events; return them, some joined; an empty list: the stream has ended."""
        await self._wake.wait()
        self._wake.clear()
        frames = self._taken()
        if self._ended:
            # Whatever is asked next ends at once.
            self._wake.set()
        return frames

    def _taken(self) -> list[bytes]:
        if self.is_reset:
            self.is_reset = False
            return [frame("reset", b"{}")]
        # First, because the ids of what follows say that everything before them was sent.
        frames = [frame("command", data) for data in self._commands.values()]
        self._commands.clear()
        if self._positions is not None:
            batch, self._positions = self._positions, None
            complete_to = batch.feed_id
            if self._alerts:
                complete_to = min(complete_to, self._alerts[0].first_id - 1)
            frames.append(frame("pos", batch.data, complete_to))
        owed_to = None if self._owed_from is None else self._owed_from - 1
        for alerts in self._alerts:
            frames += alerts.events(owed_to)
        self._alerts.clear()
        self._alerts_waiting = 0
        frames += [frame("gateway", data) for data in self._gateways.values()]
        self._gateways.clear()
        if self._heartbeat:
            self._heartbeat = False
            frames.append(frame("hb", now_json()))
        return frames
