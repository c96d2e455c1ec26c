"""One stream of the uplink: read entries after the mark, send, move the mark when confirmed."""

import logging
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal, TypeVar

import httpx
import msgspec

from gateway.errors import UplinkError, UplinkRefusedError
from gateway.journal.store import Journal
from gateway.uplink.encode import OUTCOMES_TYPE, TELEMETRY_TYPE, encode_outcomes, encode_telemetry

log = logging.getLogger("guitu.gateway.uplink")

T = TypeVar("T", bound=msgspec.Struct)
Stream = Literal["outcomes", "telemetry"]

ENTRIES_MAX: Final = 2_000
_TIMEOUT_S: Final = 30.0
_RETRY_FIRST_S: Final = 0.5
_RETRY_MAX_S: Final = 30.0
_IDLE_S: Final = 1.0
OUTCOMES_MAX: Final = 1_000
"""Outcomes in one request; the server takes 50,000. A larger entry travels alone, whole."""

_PACE_S: Final[dict[Stream, float]] = {"outcomes": 0.0, "telemetry": 0.05}
"""A pause gathers positions into fewer, larger requests; an alert waits for nobody."""
_MARK_EVERY: Final = 500
"""Entries without an outcome before the outcome stream's mark is moved past them."""

_CONFLICT: Final = 409
_OK: Final = 200
_REFUSALS: Final = frozenset((400, 401, 403, 404, 413, 415, 422))


class _Marks(msgspec.Struct):
    outcomes: int
    telemetry: int


class _Through(msgspec.Struct):
    through: int


class UplinkStream:
    """A thread that drains one stream; the server's mark is the truth.

    Attributes:
        name: Which of the two.
        confirmed_seq: The server has everything up to this entry; None before it said so.
        trouble: Why nothing is sent at the moment, or None.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        gateway: str,
        open_journal: Callable[[], Journal],
        began_seq: int,
        replaced: Path,
        client: httpx.Client,
        rows_max: int,
        stopping: threading.Event,
    ) -> None:
        """Prepare the stream.

        Args:
            stream: Which of the two.
            gateway: Name of this gateway.
            open_journal: Opens the journal for reading, in the stream's own thread.
            began_seq: The journal's end when the program started.
            replaced: File that says that this journal is not the one that the server knows.
            client: HTTP client with base address and credentials.
            rows_max: Telemetry rows in one request.
            stopping: Set when the gateway shuts down.
        """
        self.confirmed_seq: int | None = None
        self.trouble: str | None = None
        self.name: Stream = stream
        self._gateway = gateway
        self._open_journal = open_journal
        self._began_seq = began_seq
        self._replaced = replaced
        self._client = client
        self._rows_max = rows_max
        self._stopping = stopping
        self._grown = threading.Event()

    def wake(self) -> None:
        """Say that the journal has grown."""
        self._grown.set()

    def run(self) -> None:
        """Drain until stopped; whatever the server does, the journal keeps what it has not."""
        journal = self._open_journal()
        delay_s = _RETRY_FIRST_S
        while not self._stopping.is_set():
            try:
                if self.confirmed_seq is None:
                    self.confirmed_seq = self._ask_mark()
                sent = self._send_next(journal)
            except UplinkError as error:
                self._report(error)
                wait_s = error.retry_after_s or delay_s * random.uniform(0.5, 1.5)  # noqa: S311
                delay_s = min(delay_s * 2, _RETRY_MAX_S)
                self._stopping.wait(min(wait_s, _RETRY_MAX_S))
                continue
            if self.trouble is not None:
                log.info("uplink_resumed stream=%s", self.name)
                self.trouble = None
            delay_s = _RETRY_FIRST_S
            if sent:
                self._stopping.wait(_PACE_S[self.name])
            else:
                self._grown.wait(_IDLE_S)
                self._grown.clear()
        journal.close()

    def _ask_mark(self) -> int:
        answer = self._request("GET", "/api/v1/gateway/marks")
        mark: int = getattr(_decoded(answer, _Marks), self.name)
        if mark > self._began_seq or self._replaced.exists():
            # Remembered: the journal will grow past the mark, and its first entries would be
            # taken for sent.
            with suppress(OSError):
                self._replaced.touch()
            raise UplinkRefusedError(
                f"the server has {self.name} up to entry {mark} of another journal than this one, "
                f"which ended at {self._began_seq} when the gateway started: its folder was lost "
                "or replaced. Register the gateway under a new name"
            )
        return mark

    def _send_next(self, journal: Journal) -> bool:
        first = (self.confirmed_seq or 0) + 1
        sizes = self._within_bounds(journal.sizes(first - 1, ENTRIES_MAX))
        if not sizes:
            return False
        if sizes[0][0] != first:
            raise UplinkRefusedError(
                f"the server has {self.name} up to entry {first - 1}, this journal begins at "
                f"{sizes[0][0]}: the server went back to an older state. Restore what lies between "
                "from the gateway's backup, or register the gateway under a new name"
            )
        last = sizes[-1][0]
        if self.name == "outcomes":
            found = journal.outcomes(first, last)
            if len(found) > OUTCOMES_MAX:
                last = max(first, found[OUTCOMES_MAX][0] - 1)
                found = [(seq, outcome) for seq, outcome in found if seq <= last]
            if not found and len(sizes) < _MARK_EVERY:
                return False
            body, kind = encode_outcomes(found, self._gateway), OUTCOMES_TYPE
        else:
            if not any(rows for _, rows in sizes) and len(sizes) < _MARK_EVERY:
                return False
            body = encode_telemetry(journal.read(first - 1, len(sizes)))
            kind = TELEMETRY_TYPE
        answer = self._request(
            "POST",
            f"/api/v1/gateway/{self.name}?first={first}&last={last}",
            content=body,
            headers={
                "Content-Type": kind,
                "Idempotency-Key": f"{self._gateway}/{self.name}/{first}-{last}",
            },
        )
        self.confirmed_seq = _decoded(answer, _Through).through
        return True

    def _within_bounds(self, sizes: list[tuple[int, int]]) -> list[tuple[int, int]]:
        total = 0
        for index, (_, rows) in enumerate(sizes):
            total += rows
            if total > self._rows_max and index:
                return sizes[:index]
        return sizes

    def _request(
        self, method: str, path: str, *, content: bytes = b"", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        try:
            answer = self._client.request(
                method, path, content=content, headers=headers, timeout=_TIMEOUT_S
            )
        except httpx.HTTPError as error:
            raise UplinkError(f"server unreachable: {type(error).__name__}") from error
        if answer.status_code in (_OK, _CONFLICT):
            return answer
        detail = f"server answered {answer.status_code} to {method} {path}: {answer.text[:300]}"
        if answer.status_code in _REFUSALS:
            raise UplinkRefusedError(detail)
        raise UplinkError(detail, retry_after_s=_retry_after_s(answer))

    def _report(self, error: UplinkError) -> None:
        if self.trouble != str(error):
            self.trouble = str(error)
            level = logging.ERROR if isinstance(error, UplinkRefusedError) else logging.WARNING
            log.log(level, "uplink_waiting stream=%s reason=%s", self.name, error)


def _decoded(answer: httpx.Response, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.DecodeError as error:
        raise UplinkError(f"server's answer is not to be understood: {error}") from error


def _retry_after_s(answer: httpx.Response) -> float | None:
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None
