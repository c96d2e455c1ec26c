"""Keeps the directory up to date: asks, refuses what is wrong, keeps the last good one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import httpx

from gateway.directory.snapshot import Directory, compile_directory
from gateway.errors import DirectoryError
from gateway.metrics import Metrics

log = logging.getLogger("guitu.gateway.directory")

_PATH: Final = "/api/v1/gateway/directory"
_TIMEOUT_S: Final = 10.0
_OK: Final = 200
_NOT_MODIFIED: Final = 304


class DirectorySync:
    """Polls the server for a newer directory."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        poll_s: float,
        metrics: Metrics,
        take: Callable[[Directory], Awaitable[None]],
        in_force: Directory | None,
    ) -> None:
        """Prepare the polling.

        Args:
            client: HTTP client with base address and credentials.
            poll_s: Pause between questions.
            metrics: Counts refusals.
            take: Puts a directory in force.
            in_force: The directory from disk, if there is one.
        """
        self._client = client
        self._poll_s = poll_s
        self._metrics = metrics
        self._take = take
        self._body = in_force.body if in_force else b""
        self._etag = ""
        self._is_refused = False
        self._trouble: str | None = None

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            try:
                await self._ask()
            except httpx.HTTPError as error:
                self._report(f"server unreachable: {type(error).__name__}")
            except DirectoryError as error:
                self._metrics.directory_refused.inc()
                self._report(str(error))
            await asyncio.sleep(self._poll_s)

    async def _ask(self) -> None:
        headers = {"If-None-Match": self._etag} if self._etag else {}
        answer = await self._client.get(_PATH, headers=headers, timeout=_TIMEOUT_S)
        if answer.status_code not in (_OK, _NOT_MODIFIED):
            self._report(f"server answered {answer.status_code}")
            return
        if answer.status_code == _NOT_MODIFIED and self._is_refused:
            return
        if answer.status_code == _OK:
            # Remembered even when it is refused: the same fault need not be fetched every time.
            self._etag = answer.headers.get("ETag", "")
            self._is_refused = True
            if answer.content != self._body:
                directory = await asyncio.to_thread(compile_directory, answer.content)
                await self._take(directory)
                self._body = answer.content
                log.info("directory_taken version=%d", directory.version)
            self._is_refused = False
        if self._trouble is not None:
            log.info("directory_resumed")
            self._trouble = None

    def _report(self, trouble: str) -> None:
        if self._trouble != trouble:
            log.warning("directory_waiting reason=%s", trouble)
            self._trouble = trouble
