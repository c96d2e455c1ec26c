"""Tells the server how this gateway is (docs/wire/health-v1.md): the sign that it lives."""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
import msgspec

log = logging.getLogger("guitu.gateway.reporting")

PATH: Final = "/api/v1/gateway/health"
_TIMEOUT_S: Final = 8.0
_US_PER_S: Final = 1_000_000
_TEXT_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class Condition:
    """How the gateway's parts are at an instant.

    Attributes:
        broker: Whether every session is connected.
        journal: Why nothing can be written; None: it can.
        newest_seq: The journal's newest entry.
        confirmed_seq: The newest that the server has whole.
        oldest_at_us: When the oldest that waits for the server was written; None: nothing waits.
    """

    broker: bool
    journal: str | None
    newest_seq: int
    confirmed_seq: int
    oldest_at_us: int | None


class HealthReporter:
    """Posts one report after another; what the server does with it holds up nothing here."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        data_dir: Path,
        every_s: float,
        condition: Callable[[], Condition],
        clock_us: Callable[[], int],
    ) -> None:
        """Prepare.

        Args:
            client: HTTP client with base address and credentials.
            data_dir: Folder whose disk is looked at.
            every_s: Pause between two reports.
            condition: Tells how the parts are.
            clock_us: Our clock.
        """
        self._client = client
        self._data_dir = data_dir
        self._every_s = every_s
        self._condition = condition
        self._clock_us = clock_us
        self._broker_lost_s: float | None = None
        self._trouble: str | None = None

    async def run(self) -> None:
        """Report until cancelled."""
        while True:
            await self._send(self.report(time.monotonic()))
            await asyncio.sleep(self._every_s)

    def report(self, now_s: float) -> dict[str, object]:
        """Return what is to be said.

        Args:
            now_s: A monotonic clock.
        """
        now, now_us = self._condition(), self._clock_us()
        if now.broker:
            self._broker_lost_s = None
        elif self._broker_lost_s is None:
            self._broker_lost_s = now_s
        lost_s = self._broker_lost_s
        oldest_us = now.oldest_at_us
        total, free = self._disk()
        return {
            "format": "guitu-health/1",
            "sent_time": datetime.fromtimestamp(now_us / _US_PER_S, UTC).isoformat(),
            # Never zero while it is away: zero says that it is back.
            "broker_down_s": 0.0 if lost_s is None else max(round(now_s - lost_s, 3), 0.001),
            "journal": None if now.journal is None else now.journal[:_TEXT_MAX],
            "disk_free_bytes": free,
            "disk_bytes": total,
            "unconfirmed_entries": max(0, now.newest_seq - now.confirmed_seq),
            "oldest_unconfirmed_s": (
                0.0 if oldest_us is None else max(0.0, (now_us - oldest_us) / _US_PER_S)
            ),
        }

    def _disk(self) -> tuple[int | None, int | None]:
        try:
            usage = shutil.disk_usage(self._data_dir)
        except OSError:
            return None, None
        return usage.total, usage.free

    async def _send(self, report: dict[str, object]) -> None:
        headers = {"Content-Type": "application/json"}
        content = msgspec.json.encode(report)
        try:
            answer = await self._client.post(
                PATH, content=content, headers=headers, timeout=_TIMEOUT_S
            )
            trouble = None if answer.is_success else f"server answered {answer.status_code}"
        except httpx.HTTPError as error:
            trouble = f"server unreachable: {type(error).__name__}"
        if trouble != self._trouble:
            self._trouble = trouble
            log.info("health_report %s", trouble or "taken")
