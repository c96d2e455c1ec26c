"""Keeps the directory up to date: asks, refuses what is wrong, keeps the last good one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import httpx

from gateway.directory.delta import apply_delta, digest_of
from gateway.directory.signature import DirectoryKeys
from gateway.directory.snapshot import Directory, compile_directory
from gateway.errors import DirectoryError
from gateway.metrics import Metrics

log = logging.getLogger("guitu.gateway.directory")

_PATH: Final = "/api/v1/gateway/directory"
_DELTA_TYPE: Final = "application/vnd.guitu.directory-delta+json"
_TIMEOUT_S: Final = 10.0
_OK: Final = 200
_NOT_MODIFIED: Final = 304


class DirectorySync:
    """Asks the server for a newer directory; the server answers when there is one.

    Attributes:
        trouble: Why the directory in force is not the server's newest; None: it is.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        pause_s: float,
        wait_s: float,
        keys: DirectoryKeys | None,
        metrics: Metrics,
        take: Callable[[Directory], Awaitable[None]],
        in_force: Directory | None,
    ) -> None:
        """Prepare the questions.

        Args:
            client: HTTP client with base address and credentials.
            pause_s: Pause between an answer and the next question.
            wait_s: How long the server may wait with its answer.
            keys: Who may sign; None: unsigned directories are taken too.
            metrics: Counts refusals.
            take: Puts a directory in force.
            in_force: The directory from disk, if there is one.
        """
        self._client = client
        self._pause_s = pause_s
        self._wait_s = wait_s
        self._keys = keys
        self._metrics = metrics
        self._take = take
        self._body = in_force.body if in_force else b""
        self._version = in_force.version if in_force else None
        self._etag = ""
        self._is_refused = False
        self.trouble: str | None = None

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            try:
                await self._ask()
            except httpx.HTTPError as error:
                self._report(f"server unreachable: {type(error).__name__}")
            except DirectoryError as error:
                self._metrics.directory_refused.inc()
                self._report(str(error))
            await asyncio.sleep(self._pause_s)

    async def _ask(self) -> None:
        headers = {"If-None-Match": self._etag} if self._etag else {}
        if self._body:
            headers["Guitu-Base"] = await asyncio.to_thread(digest_of, self._body)
        if self._version is not None:
            headers["Guitu-In-Force"] = str(self._version)
        # Trouble is told and mended at once: only who is up to date has time to wait.
        wait_s = 0.0 if self._is_refused or self.trouble else self._wait_s
        answer = await self._client.get(
            _PATH, params={"wait_s": wait_s}, headers=headers, timeout=_TIMEOUT_S + wait_s
        )
        if answer.status_code not in (_OK, _NOT_MODIFIED):
            self._report(f"server answered {answer.status_code}")
            return
        if answer.status_code == _NOT_MODIFIED and self._is_refused:
            return
        if answer.status_code == _OK:
            # Remembered even when it is refused: the same fault need not be fetched every time.
            self._etag = answer.headers.get("ETag", "")
            self._is_refused = True
            await self._put_in_force(answer)
            self._is_refused = False
        if self.trouble is not None:
            log.info("directory_resumed")
            self.trouble = None

    async def _put_in_force(self, answer: httpx.Response) -> None:
        body = await self._body_of(answer)
        if body == self._body:
            return
        directory = await asyncio.to_thread(compile_directory, body)
        if self._keys is not None:
            self._keys.check(
                answer.headers.get("Guitu-Signature"),
                org=directory.org,
                version=directory.version,
                digest=digest_of(body),
            )
        await self._take(directory)
        self._body, self._version = body, directory.version
        log.info("directory_taken version=%d bytes=%d", directory.version, len(answer.content))

    async def _body_of(self, answer: httpx.Response) -> bytes:
        """Return the whole body of an answer; a delta that does not fit asks for the whole.

        Raises:
            DirectoryError: The delta does not fit.
        """
        if not answer.headers.get("Content-Type", "").startswith(_DELTA_TYPE):
            return answer.content
        older, self._body, self._etag = self._body, b"", ""
        body = await asyncio.to_thread(apply_delta, older, answer.content)
        if digest_of(body) != answer.headers.get("Guitu-Digest"):
            raise DirectoryError("delta", "makes another directory than the server's")
        self._body, self._etag = older, answer.headers.get("ETag", "")
        return body

    def _report(self, trouble: str) -> None:
        if self.trouble != trouble:
            log.warning("directory_waiting reason=%s", trouble)
            self.trouble = trouble
