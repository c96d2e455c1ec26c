"""Instants and half-open intervals of a directory, in milliseconds since 1970 UTC."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final, Protocol

from gateway.errors import DirectoryError

FOREVER_MS: Final = 1 << 62
"""`valid_to: null`."""

_MS_PER_S: Final = 1_000


class Valid(Protocol):
    """Anything that holds during [valid_from_ms, valid_to_ms)."""

    @property
    def valid_from_ms(self) -> int:
        """When it begins to hold."""

    @property
    def valid_to_ms(self) -> int:
        """When it no longer holds."""


def to_ms(instant: datetime) -> int:
    """Return milliseconds since 1970 UTC."""
    return round(instant.timestamp() * _MS_PER_S)


def to_text(time_ms: int) -> str:
    """Return RFC 3339 UTC with milliseconds."""
    instant = datetime.fromtimestamp(time_ms / _MS_PER_S, UTC)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{time_ms % _MS_PER_S:03d}Z"


def interval(place: str, start: datetime | None, end: datetime | None) -> tuple[int, int]:
    """Return [from, to) in milliseconds; without a start it is 1970, without an end for ever.

    Raises:
        DirectoryError: It is empty.
    """
    start_ms = 0 if start is None else to_ms(start)
    end_ms = FOREVER_MS if end is None else to_ms(end)
    if end_ms <= start_ms:
        raise DirectoryError(place, f"valid_to {end} is not after valid_from {start}")
    return start_ms, end_ms


def refuse_overlap(place: str, rows: Sequence[Valid], reason: str) -> None:
    """Refuse rows, in order of their beginnings, of which two hold at one time.

    Raises:
        DirectoryError: With `place` and `reason`.
    """
    for first, second in pairwise(rows):
        if second.valid_from_ms < first.valid_to_ms:
            raise DirectoryError(place, reason)


class Once:
    """Refuses what is named twice in one section."""

    def __init__(self, section: str) -> None:
        """Watch the rows of `section`."""
        self._section = section
        self._seen: dict[object, int] = {}

    def place(self, index: int, name: object) -> str:
        """Return the place of row `index`, which is named `name`.

        Raises:
            DirectoryError: An earlier row has that name.
        """
        place = f"{self._section}[{index}]"
        first = self._seen.setdefault(name, index)
        if first != index:
            raise DirectoryError(place, f"{name!r} is at {self._section}[{first}] already")
        return place
