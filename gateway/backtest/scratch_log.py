"""Where the engine of a replay keeps its history: a scratch folder, over what a gateway has."""

import os
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from gateway.engine.history.segments import DiskLog, Segment


class ScratchLog:
    """Appends to a folder of its own; what is older it only reads, from a gateway's folder.

    The gateway's files are opened together, so that a running gateway may let go of them.
    """

    def __init__(self, scratch: Path, gateway: Path | None = None) -> None:
        """Write into `scratch`, which is empty; read below the first append from `gateway`."""
        self._own = DiskLog(scratch)
        self._gateway = gateway
        self._below = 0
        self._old: list[tuple[Segment, int]] = []

    @property
    def end(self) -> int:
        """Offset of the next append."""
        return self._below + self._own.end

    @property
    def begin(self) -> int:
        """First offset that is still kept."""
        return self._old[0][0].start if self._old else self._below + self._own.begin

    def append(self, data: bytes, at_ms: int) -> int:
        """Append bytes at journal time `at_ms` and return their offset."""
        return self._below + self._own.append(data, at_ms)

    def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset`, which one append has written."""
        if offset >= self._below:
            return self._own.read(offset - self._below, size)
        at = bisect_right(self._old, offset, key=lambda held: held[0].start) - 1
        segment, file = self._old[at]
        return os.pread(file, size, offset - segment.start)

    def drop(self, before_ms: int) -> None:
        """Let go of segments that were complete before journal time `before_ms`."""
        while len(self._old) > 1 and self._old[1][0].at_ms < before_ms:
            os.close(self._old.pop(0)[1])
        self._own.drop(before_ms)

    def erase(self, offset: int, size: int) -> None:
        """Overwrite bytes that nobody will read any more with zeros; the gateway's stay."""
        if offset >= self._below:
            self._own.erase(offset - self._below, size)

    def dump(self) -> dict[str, Any]:
        """Return where it ends; nobody goes back into a scratch folder."""
        return {"segments": [], "end": self.end}

    def load(self, stored: Mapping[str, Any]) -> None:
        """Begin where a gateway's log was dumped; of its files, those up to a gap are gone."""
        self._below = stored["end"]
        for segment in reversed(msgspec.convert(stored["segments"], list[Segment])):
            try:
                file = os.open(self._path(segment), os.O_RDONLY)
            except OSError:
                break
            self._old.insert(0, (segment, file))

    def close(self) -> None:
        """Close the files."""
        for _, file in self._old:
            os.close(file)
        self._old.clear()
        self._own.close()

    def _path(self, segment: Segment) -> Path:
        return (self._gateway or Path()) / f"history-{segment.start:018d}.seg"
