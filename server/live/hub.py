"""Listens to the database once and hands what is new to every stream that may see it.

One connection, one task. While the database is away no heartbeat goes out: a console must never
take an old picture for a quiet one.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from server.alerts.schemas import Alert
from server.alerts.store import alerts
from server.bell import Bell
from server.commands.schemas import Command
from server.commands.store import commands, expire
from server.db import EVERYTHING, Connection, client_dsn
from server.errors import UnavailableError
from server.live import store
from server.live.alert_batch import AlertBatch
from server.live.client import Client, PositionBatch
from server.live.frames import to_json
from server.metrics import Metrics
from server.situation.feed import feed_ends
from server.situation.positions import newest_positions
from server.situation.store import gateways

_TRIM_EVERY_S: Final = 60.0
_SILENCE_EVERY_S: Final = 5.0
_log = logging.getLogger(__name__)

_DIRECTORY: Final = "guitu_directory"
"""The channel that migration 0021 notifies."""


@dataclass(frozen=True, slots=True)
class HubSettings:
    """What the hub needs of the server's settings, by the same names."""

    dsn: str
    most_clients: int
    coalesce_s: float
    heartbeat_s: float
    session_check_s: float
    feed_keep_s: int
    silent_after_s: int


class Hub:
    """All open streams and the one connection that feeds them."""

    def __init__(
        self,
        settings: HubSettings,
        metrics: Metrics,
        *,
        commands: Bell,
        directory: Bell,
        alerts: Bell,
    ) -> None:
        """Take the settings, and what wakes gateways and routing; nothing is connected yet."""
        self._settings = settings
        self._bell = commands
        self._alert_bell = alerts
        self._directory_bell = directory
        self._metrics = metrics
        self._clients: set[Client] = set()
        self._paths: dict[str, str] = {}
        self._last: int | None = None
        self._flushed_to = 0
        self._is_flush_due = False
        self._flush_at_s = 0.0
        self._beat_at_s = 0.0
        self._beaten_s: float | None = None
        self._check_at_s = 0.0
        self._trim_at_s = 0.0
        self._silence_at_s = 0.0
        self._silent: set[str] = set()
        self._is_closing = False

    def join(self, client: Client) -> None:
        """Start handing events to a stream.

        Raises:
            UnavailableError: There are as many streams as the settings allow, or a stop is due.
        """
        if self._is_closing or len(self._clients) >= self._settings.most_clients:
            raise UnavailableError("no more live streams: try again", retry_after_s=10)
        self._clients.add(client)
        self._metrics.live_clients.set(len(self._clients))

    def leave(self, client: Client) -> None:
        """Stop handing events to a stream."""
        self._clients.discard(client)
        self._metrics.live_clients.set(len(self._clients))

    def close(self) -> None:
        """End every stream and every wait, and let none in: the server stops."""
        self._is_closing = True
        self._bell.close()
        self._directory_bell.close()
        self._alert_bell.close()
        for client in self._clients:
            client.end()

    @property
    def beat_age_s(self) -> float | None:
        """How long ago the last heartbeat went out, to however many; None: none yet."""
        return None if self._beaten_s is None else time.monotonic() - self._beaten_s

    async def listen(self) -> None:
        """Feed the streams until the connection breaks, which raises psycopg.Error."""
        connection = await AsyncConnection.connect(
            client_dsn(self._settings.dsn, name="guitu-live"), autocommit=True, row_factory=dict_row
        )
        try:
            await connection.execute(
                "SELECT set_config('role', 'guitu_app', false),"
                " set_config('guitu.scope', %s, false)",
                (EVERYTHING,),
            )
            await connection.execute("LISTEN guitu_feed")
            await connection.execute(f"LISTEN {_DIRECTORY}".encode())
            await self._start(connection)
            self._metrics.live_connected.set(1)
            while True:
                await self._drain(connection)
                await self._flush(connection)
                await self._keep(connection)
                async for heard in connection.notifies(timeout=self._pause_s(), stop_after=1):
                    if heard.channel == _DIRECTORY:
                        await self._ring_directory(connection, heard.payload)
        finally:
            self._metrics.live_connected.set(0)
            await connection.close()

    async def _ring_directory(self, connection: Connection, org: str) -> None:
        await self._know_paths(connection, [org])
        self._directory_bell.ring(self._path(org), also_below=True)

    async def _start(self, connection: Connection) -> None:
        self._paths = await store.org_paths(connection)
        kept = await feed_ends(connection)
        if self._last is None:
            self._last = self._flushed_to = kept.newest
        elif not kept.reaches(self._last):
            # The database came back from a backup, or was away for longer than the feed is kept.
            self._last = self._flushed_to = kept.newest
            for client in tuple(self._clients):
                self._reset(client)

    async def _drain(self, connection: Connection) -> None:
        while rows := await store.rows_after(connection, self._last or 0):
            newest = {row["ref"]: row["id"] for row in rows if row["kind"] == "alert"}
            found = await alerts(connection, list(newest)) if newest else {}
            changed = sorted({row["ref"] for row in rows if row["kind"] == "gateway"})
            states = await self._states(connection, only=changed) if changed else []
            told = sorted({row["ref"] for row in rows if row["kind"] == "command"})
            ordered = await commands(connection, told) if told else {}
            known = (*found.values(), *states, *ordered.values())
            await self._know_paths(connection, (row["org"] for row in known))
            # Nothing is awaited from here on: where the database drops before, all is read again.
            if owed := [row["id"] for row in rows if row["kind"] == "positions"]:
                self._is_flush_due = True
                for client in self._clients:
                    client.owe_positions(owed[0])
            self._put_alerts(found, newest)
            if newest:
                self._alert_bell.ring(EVERYTHING)
            self._put_gateways(states)
            self._put_commands(ordered)
            self._last = rows[-1]["id"]

    def _put_alerts(self, found: dict[str, dict[str, Any]], newest: dict[str, int]) -> None:
        told = []
        for alert_id, feed_id in sorted(newest.items(), key=lambda item: item[1]):
            if row := found.get(alert_id):
                data = Alert.model_validate(row).model_dump_json().encode()
                told.append((self._path(row["org"]), feed_id, data))
        batches: dict[str, AlertBatch | None] = {}
        for client in [client for client in self._clients if client.sees_cases]:
            if client.scope not in batches:
                seen = [(at, data) for path, at, data in told if path.startswith(client.scope)]
                batches[client.scope] = AlertBatch(seen) if seen else None
            if batch := batches[client.scope]:
                client.put_alerts(batch)
                self._count_reset(client)

    def _put_commands(self, ordered: dict[str, dict[str, Any]]) -> None:
        for command_id, row in ordered.items():
            path = self._path(row["org"])
            if row["state"] == "queued":
                self._bell.ring(path)
            data = Command.model_validate(row).model_dump_json().encode()
            for client in [c for c in self._clients if path.startswith(c.scope)]:
                client.put_command(command_id, data)
                self._count_reset(client)

    async def _tell_silence(self, connection: Connection) -> None:
        # A gateway that falls silent announces nothing: its silence has to be looked for.
        silent = [row for row in await self._states(connection) if row["silent"]]
        fallen = [row for row in silent if row["gateway"] not in self._silent]
        await self._know_paths(connection, (row["org"] for row in fallen))
        if fallen:
            _log.warning("gateways_silent count=%d", len(fallen))
            self._put_gateways(fallen)
        self._silent = {row["gateway"] for row in silent}

    async def _states(
        self, connection: Connection, only: list[str] | None = None
    ) -> list[dict[str, Any]]:
        silent_after_s = self._settings.silent_after_s
        return await gateways(connection, silent_after_s=silent_after_s, only=only)

    def _put_gateways(self, rows: Iterable[dict[str, Any]]) -> None:
        for row in rows:
            if not row["silent"]:
                self._silent.discard(row["gateway"])
            path = self._path(row["org"])
            data = to_json(row)
            for client in self._clients:
                if path.startswith(client.scope):
                    client.put_gateway(row["gateway"], data)

    async def _flush(self, connection: Connection) -> None:
        now_s = time.monotonic()
        if not self._is_flush_due or now_s < self._flush_at_s:
            return
        complete_to = self._last or 0
        rows = await newest_positions(connection, self._flushed_to) if self._clients else []
        await self._know_paths(connection, (row["org_id"] for row in rows))
        # As in _drain, nothing is awaited from here on.
        self._put_positions(rows, complete_to)
        self._is_flush_due = False
        self._flush_at_s = now_s + self._settings.coalesce_s
        self._flushed_to = complete_to

    def _put_positions(self, rows: list[dict[str, Any]], complete_to: int) -> None:
        batches: dict[str, PositionBatch] = {}
        for client in self._clients:
            client.settle_positions()
            if not client.sees_cases:
                continue
            if client.scope not in batches:
                seen = [row for row in rows if self._path(row["org_id"]).startswith(client.scope)]
                batches[client.scope] = PositionBatch(seen, complete_to)
            if batches[client.scope].rows:
                client.put_positions(batches[client.scope])

    async def _keep(self, connection: Connection) -> None:
        now_s = time.monotonic()
        if now_s >= self._beat_at_s:
            self._beat_at_s = now_s + self._settings.heartbeat_s
            self._beaten_s = now_s
            for client in self._clients:
                client.beat()
        if now_s >= self._check_at_s:
            self._check_at_s = now_s + self._settings.session_check_s
            await self._end_signed_out(connection)
        if now_s >= self._silence_at_s:
            self._silence_at_s = now_s + _SILENCE_EVERY_S
            await self._tell_silence(connection)
            await expire(connection)
        if now_s >= self._trim_at_s:
            self._trim_at_s = now_s + _TRIM_EVERY_S
            await store.trim(connection, self._settings.feed_keep_s)

    async def _end_signed_out(self, connection: Connection) -> None:
        hashes = list({client.session_hash for client in self._clients})
        # Also with no stream: the query tells whether the database still answers.
        alive = await store.sessions_alive(connection, hashes)
        for client in self._clients:
            if client.session_hash not in alive and client.session_hash in hashes:
                client.end()

    def _pause_s(self) -> float:
        due_s = min(self._beat_at_s, self._check_at_s, self._trim_at_s, self._silence_at_s)
        if self._is_flush_due:
            due_s = min(due_s, self._flush_at_s)
        return max(0.0, due_s - time.monotonic())

    async def _know_paths(self, connection: Connection, org_ids: Iterable[str]) -> None:
        if any(org_id not in self._paths for org_id in org_ids):
            self._paths = await store.org_paths(connection)

    def _path(self, org_id: str) -> str:
        return self._paths.get(org_id, "")

    def _count_reset(self, client: Client) -> None:
        if client.is_reset:
            self._metrics.live_resets.inc()
            self.leave(client)

    def _reset(self, client: Client) -> None:
        client.reset()
        self._count_reset(client)
