"""What children print, made into our own log lines."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from guitu.logs import field_text

MAX_LINE_BYTES: Final = 16_384
SCREEN_LINES_MAX: Final = 20
SCREEN_WINDOW_S: Final = 10.0
"""A misconfigured device makes the broker say the same line for every message."""

_OURS: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z [A-Z]+ ")
_NATS: Final = re.compile(r"\[\d+\] \S+ \S+ \[(?P<level>[A-Z]{3})\] ?(?P<text>.*)")
_POSTGRES: Final = re.compile(r"(?P<level>[A-Z]+\d?):  (?P<text>.*)")
_LEVELS: Final = {
    "WRN": "WARNING",
    "ERR": "ERROR",
    "FTL": "CRITICAL",
    "WARNING": "WARNING",
    "ERROR": "ERROR",
    "FATAL": "ERROR",
    "PANIC": "CRITICAL",
}
# What PostgreSQL answers to whoever asks whether it is ready.
_NOT_READY_YET: Final = re.compile(
    r"the database system is (starting up|shutting down|in recovery)"
)


@dataclass(frozen=True)
class Line:
    """A log line.

    Attributes:
        text: The whole line in our format.
        for_screen: Whether a person at the terminal needs it.
        is_foreign: Said by a program that is not ours.
    """

    text: str
    for_screen: bool
    is_foreign: bool = False


class ScreenBudget:
    """Keeps a foreign program's lines from flooding the screen; its log file has them all."""

    def __init__(self) -> None:
        """Start with a full budget."""
        self._window_s = -SCREEN_WINDOW_S
        self._shown = 0
        self._held_back = 0

    def admit(self, now_s: float) -> tuple[bool, int]:
        """Return whether a line may be shown, and how many were held back before this window.

        Args:
            now_s: A clock that never goes back.
        """
        told = 0
        if now_s - self._window_s >= SCREEN_WINDOW_S:
            told, self._held_back = self._held_back, 0
            self._window_s, self._shown = now_s, 0
        if self._shown >= SCREEN_LINES_MAX:
            self._held_back += 1
            return False, told
        self._shown += 1
        return True, told


def log_line(part: str, text: str) -> Line:
    """Return a child's line in our format; a line of ours stays as it is."""
    if _OURS.match(text):
        return Line(text, for_screen=True)
    found = _NATS.match(text) or _POSTGRES.match(text)
    level = _LEVELS.get(found["level"], "INFO") if found else "INFO"
    said = found["text"] if found else text
    if _NOT_READY_YET.search(said):
        level = "INFO"
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    # A foreign program's everyday lines are for the file; a trace of ours comes unformatted.
    is_everyday = found is not None and level == "INFO"
    return Line(
        f"{stamp} {level} {part} said text={field_text(said)}", not is_everyday, is_foreign=True
    )


async def read_lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Yield the lines of a stream; a longer one than MAX_LINE_BYTES comes in pieces."""
    waiting = b""
    while chunk := await stream.read(65_536):
        *whole, waiting = (waiting + chunk).split(b"\n")
        while len(waiting) > MAX_LINE_BYTES:
            whole.append(waiting[:MAX_LINE_BYTES])
            waiting = waiting[MAX_LINE_BYTES:]
        for line in whole:
            for start in range(0, len(line), MAX_LINE_BYTES):
                yield line[start : start + MAX_LINE_BYTES].decode(errors="replace").rstrip()
    if waiting:
        yield waiting.decode(errors="replace").rstrip()
