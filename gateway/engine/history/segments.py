"""A log of bytes in segments: appended to, read at random, dropped from its old end.

Offsets run on over all segments. The content is a function of the journal: what lies beyond a
snapshot is cut off when the snapshot is loaded, and written again by the replay of the journal.
"""

import os
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

SEGMENT_MS: Final = 3_600_000
"""An hour of journal time makes a segment: what is dropped is whole segments."""


class Segment(msgspec.Struct, array_like=True):
    """A stretch of the log: its first offset, and journal time of its first append."""

    start: int
    at_ms: int


class Log(Protocol):
    """Where a history keeps its bytes."""

    @property
    def end(self) -> int:
        """Offset of the next append."""
        ...

    @property
    def begin(self) -> int:
        """First offset that is still kept."""
        ...

    def append(self, data: bytes, at_ms: int) -> int:
        """Append bytes at journal time `at_ms` and return their offset."""
        ...

    def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset`, which one append has written."""
        ...

    def drop(self, before_ms: int) -> None:
        """Let go of segments that were complete before journal time `before_ms`."""
        ...

    def erase(self, offset: int, size: int) -> None:
        """Overwrite bytes that nobody will read any more with zeros, durably."""
        ...

    def dump(self) -> dict[str, Any]:
        """Make what was appended durable, and return what `load` needs to find it."""
        ...

    def load(self, stored: Mapping[str, Any]) -> None:
        """Go back to where `dump` was called; what was appended after it is forgotten."""
        ...


class _Segments:
    """The table of segments, and which an offset lies in."""

    def __init__(self, segments: Sequence[Segment] = (), end: int = 0) -> None:
        self.rows = list(segments)
        self.end = end

    @property
    def begin(self) -> int:
        return self.rows[0].start if self.rows else self.end

    def is_new_needed(self, at_ms: int) -> bool:
        return not self.rows or at_ms // SEGMENT_MS != self.rows[-1].at_ms // SEGMENT_MS

    def holding(self, offset: int) -> Segment:
        return self.rows[bisect_right(self.rows, offset, key=lambda row: row.start) - 1]

    def drop(self, before_ms: int) -> list[Segment]:
        count = 0
        while count + 1 < len(self.rows) and self.rows[count + 1].at_ms < before_ms:
            count += 1
        gone, self.rows = self.rows[:count], self.rows[count:]
        return gone

    def dump(self) -> dict[str, Any]:
        return {"segments": [[row.start, row.at_ms] for row in self.rows], "end": self.end}


def _segments(stored: Mapping[str, Any]) -> _Segments:
    return _Segments(msgspec.convert(stored["segments"], list[Segment]), stored["end"])


class DiskLog:
    """Segments as files of a folder. One process writes it."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, made when it is not there; empty until something is loaded or appended."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._files: dict[int, int] = {}
        self._table = _Segments()
        self._is_settled = False

    @property
    def end(self) -> int:
        """Offset of the next append."""
        return self._table.end

    @property
    def begin(self) -> int:
        """First offset that is still kept."""
        return self._table.begin

    def append(self, data: bytes, at_ms: int) -> int:
        """Append bytes at journal time `at_ms` and return their offset.

        Raises:
            OSError: They could not be written; the log is as it was.
        """
        if not self._is_settled:
            self._cut()
        if self._table.is_new_needed(at_ms):
            self._table.rows.append(Segment(self._table.end, at_ms))
        segment, offset = self._table.rows[-1], self._table.end
        file, written = self._file(segment), 0
        while written < len(data):
            at = offset - segment.start + written
            written += os.pwrite(file, memoryview(data)[written:], at)
        self._table.end += len(data)
        return offset

    def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset`, which one append has written."""
        segment = self._table.holding(offset)
        return os.pread(self._file(segment), size, offset - segment.start)

    def drop(self, before_ms: int) -> None:
        """Let go of segments that were complete before journal time `before_ms`."""
        for segment in self._table.drop(before_ms):
            os.close(self._file(segment))
            del self._files[segment.start]
            self._path(segment.start).unlink()

    def erase(self, offset: int, size: int) -> None:
        """Overwrite bytes that nobody will read any more with zeros, durably."""
        segment = self._table.holding(offset)
        os.pwrite(self._file(segment), bytes(size), offset - segment.start)
        os.fsync(self._file(segment))

    def dump(self) -> dict[str, Any]:
        """Make what was appended durable, and return what `load` needs to find it."""
        for segment in self._table.rows[-2:]:
            os.fsync(self._file(segment))
        return self._table.dump()

    def load(self, stored: Mapping[str, Any]) -> None:
        """Go back to where `dump` was called; what was appended after it is forgotten."""
        self.close()
        self._table = _segments(stored)
        self._cut()

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            os.close(file)
        self._files.clear()

    def _cut(self) -> None:
        kept = {self._path(segment.start) for segment in self._table.rows}
        for path in self._folder.glob("history-*.seg"):
            if path not in kept:
                path.unlink()
        if self._table.rows:
            newest = self._table.rows[-1]
            os.ftruncate(self._file(newest), self._table.end - newest.start)
        self._is_settled = True

    def _file(self, segment: Segment) -> int:
        file = self._files.get(segment.start)
        if file is None:
            path = self._path(segment.start)
            file = self._files[segment.start] = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        return file

    def _path(self, start: int) -> Path:
        return self._folder / f"history-{start:018d}.seg"


class MemoryLog:
    """Segments in memory, over what a gateway's folder holds if one is given, which it only reads.

    For what is thrown away afterwards: replays, verification, benchmarks of rules.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Read what is older than the first append from `folder`."""
        self._folder = folder
        self._table = _Segments()
        self._below = 0
        self._data: dict[int, bytearray] = {}

    @property
    def end(self) -> int:
        """Offset of the next append."""
        return self._table.end

    @property
    def begin(self) -> int:
        """First offset that is still kept."""
        return self._table.begin

    def append(self, data: bytes, at_ms: int) -> int:
        """Append bytes at journal time `at_ms` and return their offset."""
        offset = self._table.end
        if self._table.is_new_needed(at_ms) or self._table.rows[-1].start < self._below:
            self._table.rows.append(Segment(offset, at_ms))
            self._data[offset] = bytearray()
        self._data[self._table.rows[-1].start] += data
        self._table.end += len(data)
        return offset

    def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset`, which one append has written."""
        start = self._table.holding(offset).start
        held = self._data.get(start)
        if held is not None:
            return bytes(memoryview(held)[offset - start : offset - start + size])
        if self._folder is None:
            raise ValueError(f"offset {offset} is not of this log, which has no folder")
        with (self._folder / f"history-{start:018d}.seg").open("rb") as file:
            file.seek(offset - start)
            return file.read(size)

    def drop(self, before_ms: int) -> None:
        """Let go of segments that were complete before journal time `before_ms`."""
        for segment in self._table.drop(before_ms):
            self._data.pop(segment.start, None)

    def erase(self, offset: int, size: int) -> None:
        """Overwrite bytes that nobody will read any more with zeros; a folder's stay."""
        start = self._table.holding(offset).start
        if start in self._data:
            self._data[start][offset - start : offset - start + size] = bytes(size)

    def dump(self) -> dict[str, Any]:
        """Return what `load` needs; the bytes go with it."""
        held = [[start, bytes(data)] for start, data in self._data.items()]
        return self._table.dump() | {"below": self._below, "held": held}

    def load(self, stored: Mapping[str, Any]) -> None:
        """Go back to where `dump` was called, whichever kind of log it was called of."""
        self._table = _segments(stored)
        self._data = {start: bytearray(data) for start, data in stored.get("held", ())}
        self._below = stored.get("below", self._table.end)
