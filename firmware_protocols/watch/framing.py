"""Cutting a stream into frames.

The length field cannot be trusted (14 of 48 captured frames have it wrong), so the closing bracket
ends a frame; names of Wi-Fi networks may hold brackets of their own, so these are counted. Three
rules decide, each by bytes that lie before the decision, so that no cut of the stream changes it:

1. The bracket that brings the count back to zero ends the frame.
2. So does a closing bracket just where the length field says (a name holds a lone `[`).
3. An opening bracket with a frame's whole beginning behind it starts a new frame: the end of the
   old one was lost.
"""

import re
from typing import Final

from firmware_protocols.dialogue import Cut
from firmware_protocols.watch.frame import HEADER, MAX_FRAME_BYTES

MAX_GARBAGE_BYTES: Final = 65_536
"""Garbage is reported in pieces of this size, so that it is noticed while it still comes."""

_GARBAGE_KEPT_BYTES: Final = 1_024
_BRACKET: Final = re.compile(rb"[\[\]]")
_BEGINNING: Final = re.compile(rb"\[[0-9A-Za-z]{2}\*[0-9]{5,20}\*")
_BEGINNING_BYTES_MAX: Final = 25
_BETWEEN_FRAMES: Final = b"\r\n\t \0"
"""Some firmware ends its frames like lines; that is no garbage."""


class Framer:
    """Cuts one stream. Holds at most one frame and `_GARBAGE_KEPT_BYTES` of garbage."""

    def __init__(self) -> None:
        """Begin at the stream's first byte."""
        self._buffer = bytearray()
        self._offset = 0  # of the buffer's first byte in the stream
        self._depth = 0  # brackets open at `_scanned`; 0 is between frames
        self._scanned = 0
        self._garbage = bytearray()
        self._garbage_offset = 0
        self._garbage_size = 0

    @property
    def buffered(self) -> int:
        """Bytes held back."""
        return len(self._buffer) + len(self._garbage)

    @property
    def has_rest(self) -> bool:
        """Whether bytes are held back, or were dropped, that belong to no frame yet."""
        return self._depth > 0 or self._garbage_size > 0

    def feed(self, data: bytes) -> list[Cut]:
        """Return what `data` completes, in order."""
        self._buffer += data
        cuts: list[Cut] = []
        while self._seek(cuts) and self._close(cuts):
            pass
        return cuts

    def _seek(self, cuts: list[Cut]) -> bool:
        """Drop what lies before a frame's first byte; whether that is here."""
        if self._depth == 0:
            start = self._buffer.find(b"[")
            self._drop(len(self._buffer) if start < 0 else start, cuts)
            if start < 0:
                return False
            self._depth = self._scanned = 1
        return True

    def _close(self, cuts: list[Cut]) -> bool:
        """Look at the frame's brackets; whether the state between frames was reached."""
        while found := _BRACKET.search(self._buffer, self._scanned, MAX_FRAME_BYTES):
            at = found.start()
            if found[0] == b"]":
                self._depth -= 1
                if self._depth == 0 or self._is_end_by_length(at):
                    self._emit(at + 1, cuts)
                    return True
            elif _BEGINNING.match(self._buffer, at):
                self._drop(at, cuts)
                self._depth = self._scanned = 1
                continue
            elif self._may_begin(at):
                return False
            else:
                self._depth += 1
            self._scanned = at + 1
        if len(self._buffer) < MAX_FRAME_BYTES:
            self._scanned = len(self._buffer)
            return False
        self._drop(MAX_FRAME_BYTES, cuts)
        self._depth = 0
        return True

    def _may_begin(self, at: int) -> bool:
        """Whether more bytes may make a frame's beginning of what stands at `at`."""
        return (
            len(self._buffer) - at < _BEGINNING_BYTES_MAX
            and _BRACKET.search(self._buffer, at + 1) is None
        )

    def _is_end_by_length(self, at: int) -> bool:
        header = HEADER.match(self._buffer)
        return header is not None and header.end() + int(header[4], 16) == at

    def _emit(self, size: int, cuts: list[Cut]) -> None:
        self._flush(cuts)
        data = bytes(self._buffer[:size])
        cuts.append(Cut(offset=self._offset, data=data, size=size, is_frame=True))
        self._advance(size)

    def _advance(self, size: int) -> None:
        del self._buffer[:size]
        self._offset += size
        self._depth = self._scanned = 0

    def _drop(self, size: int, cuts: list[Cut]) -> None:
        """Count the first `size` bytes of the buffer as garbage, white space before it left out."""
        dropped = bytes(self._buffer[:size])
        offset = self._offset
        self._advance(size)
        if self._garbage_size == 0:
            stripped = dropped.lstrip(_BETWEEN_FRAMES)
            offset += len(dropped) - len(stripped)
            dropped = stripped
        while dropped:
            if self._garbage_size == 0:
                self._garbage_offset = offset
            piece = dropped[: MAX_GARBAGE_BYTES - self._garbage_size]
            self._garbage += piece[: _GARBAGE_KEPT_BYTES - len(self._garbage)]
            self._garbage_size += len(piece)
            offset += len(piece)
            dropped = dropped[len(piece) :]
            if self._garbage_size == MAX_GARBAGE_BYTES:
                self._flush(cuts)

    def _flush(self, cuts: list[Cut]) -> None:
        if self._garbage_size:
            cuts.append(
                Cut(
                    offset=self._garbage_offset,
                    data=bytes(self._garbage),
                    size=self._garbage_size,
                    is_frame=False,
                )
            )
            self._garbage.clear()
            self._garbage_size = 0
