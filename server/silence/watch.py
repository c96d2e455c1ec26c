"""Looks every few seconds for gateways that are not heard and for work of ours that is not done."""

import asyncio
import logging
import socket
import time
from collections import deque
from datetime import UTC, datetime
from typing import Any, Final

from server.alerts.outcome_store import announce_alerts
from server.db import Connection
from server.parts import Parts
from server.silence import store
from server.silence.beginning import Beginning, begin
from server.silence.telling import take_readings
from server.silence.trouble import backlog_readings, database_reading

EVERY_S: Final = 5.0
_GAP_S: Final = 3 * EVERY_S
_SLOW_ANSWERS: Final = 3
_DEAD_WITHIN_S: Final = 3600.0
_log = logging.getLogger(__name__)


class Watch:
    """One server's watch; of several, one raises each alert.

    A gateway is silent only if this server could have heard it: after a start, or after a time
    without the database, the patience begins anew.

    Attributes:
        looked_s: When it looked last, by the monotonic clock; None: not yet.
    """

    def __init__(self, parts: Parts, *, every_s: float = EVERY_S) -> None:
        """Take the parts; nothing is looked at yet."""
        settings = parts.settings
        self._parts = parts
        self._every_s = every_s
        self._silent_after_s = settings.gateway_silent_after_s
        self._source = f"server@{socket.gethostname()}:{settings.http_port}"
        self._took_s: deque[float] = deque(maxlen=_SLOW_ANSWERS)
        self._hearing_since_s: float | None = None
        self.looked_s: float | None = None

    @property
    def age_s(self) -> float | None:
        """How long ago it looked; None: not yet."""
        return None if self.looked_s is None else time.monotonic() - self.looked_s

    async def run(self) -> None:
        """Work for ever; an error ends it and the caller starts it again."""
        while True:
            await self.round(time.monotonic())
            await asyncio.sleep(self._every_s)

    async def round(self, now_s: float) -> None:
        """Look once.

        Args:
            now_s: The monotonic clock.
        """
        if self.looked_s is None or now_s - self.looked_s > _GAP_S:
            self._hearing_since_s = now_s
        heard_s = now_s - (self._hearing_since_s or now_s)
        began_s = time.perf_counter()
        async with self._parts.database.upkeep() as connection:
            roots = await store.roots(connection)
            self._took_s.append(time.perf_counter() - began_s)
            changed = await self._take_back(connection)
            if heard_s >= self._silent_after_s:
                changed |= await self._take_silent(connection)
                changed |= await self._look_at_work(connection, roots)
            await announce_alerts(connection, changed)
        self.looked_s = now_s

    async def _take_silent(self, connection: Connection) -> dict[str, str]:
        changed = {}
        for row in await store.newly_silent(connection, self._silent_after_s):
            gateway, since = row["gateway"], row["last_seen_at"]
            lost = await store.lost_coverage(connection, gateway, self._silent_after_s)
            evidence = _lost(gateway, since, lost)
            said = _explained(gateway, lost["unwatched"])
            began = Beginning(row["org_id"], gateway, "gateway_silent", since, evidence, said)
            raised = await begin(connection, began)
            if raised is not None:
                changed[raised] = row["org_id"]
                _log.error("gateway_silent gateway=%s unwatched=%d", gateway, lost["unwatched"])
        return changed

    async def _take_back(self, connection: Connection) -> dict[str, str]:
        changed = {}
        for row in await store.back_again(connection):
            cleared = await store.end(connection, **row, at=datetime.now(UTC), body={})
            if cleared is not None:
                changed[cleared] = row["org"]
                _log.info("gateway_back gateway=%s", row["source"])
        return changed

    async def _look_at_work(self, connection: Connection, roots: list[str]) -> dict[str, str]:
        settings = self._parts.settings
        patience_s = settings.server_overdue_s
        site = backlog_readings(await store.backlog(connection, patience_s, _DEAD_WITHIN_S))
        enough = self._took_s if len(self._took_s) == _SLOW_ANSWERS else ()
        database = database_reading(enough, settings.server_slow_s)
        now = datetime.now(UTC)
        changed: dict[str, str] = {}
        for root in roots:
            changed |= await take_readings(connection, root, "server", site, now)
            changed |= await take_readings(connection, root, self._source, [database], now)
        return changed


def _lost(gateway: str, since: datetime, lost: dict[str, Any]) -> dict[str, Any]:
    newest = lost["newest_report_time"]
    return {
        "gateway": gateway,
        "last_heard_at": since.isoformat(),
        "unwatched": lost["unwatched"],
        "newest_report_time": newest.isoformat() if newest else None,
        # Whatever a rule looks at, it is the gateway that evaluates it.
        "blind_rules": "all",
        "coverage": f"/api/v1/gateways/{gateway}/coverage",
    }


def _explained(gateway: str, unwatched: int) -> tuple[str, str]:
    return (
        f"网关 {gateway} 已失联，{unwatched} 人无监测，该网关的全部规则停止判断。",
        f"Gateway {gateway} is not heard: {unwatched} unwatched, none of its rules is evaluated.",
    )
