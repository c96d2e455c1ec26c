"""A stream cut into GT06 frames, the same cuts however the stream arrives.

A frame ends where its length field says, if 0D 0A stands there. Where it does not, or where a
sound frame turns up before that place, the length lies: the frame is then cut at its first 0D 0A
for the decoder to refuse or to tolerate, and its successors are not lost.
"""

import re
from itertools import islice
from typing import Final

from firmware_protocols.dialogue import Cut
from firmware_protocols.gt06.frame import (
    LONG,
    SHORT,
    TAIL,
    WIFI_TYPES,
    declared_size,
    has_sound_checksum,
    wifi_size,
)

MAX_FRAME_BYTES: Final = 4_096
"""The longest frames carry 1 KiB of a picture; a length lie holds back no more than this."""

GARBAGE_BYTES: Final = 1_024
"""Garbage leaves in pieces of this size, so that none is kept beyond it."""

_HEAD_AND_TYPE_BYTES: Final = 4
_SMALLEST_BYTES: Final = 6
_SOUND_MIN_BYTES: Final = 10
_LIE_WINDOW_BYTES: Final = 260
"""The longest short frame: the end of one that says less than it is stands within."""

_HEAD: Final = re.compile(rb"(?=\x78\x78|\x79\x79)")
_INNER_HEAD: Final = re.compile(rb"\r\n(?=\x78\x78|\x79\x79)")
_INNER_CHECKS_MAX: Final = 8
"""More would let a hostile stream cost a scan of the whole window for each of its bytes."""


class Cutter:
    """Cuts one stream."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._garbage = bytearray()
        self._offset = 0

    @property
    def buffered(self) -> int:
        """Bytes held back."""
        return len(self._held) + len(self._garbage)

    @property
    def held(self) -> bytes:
        """The bytes held back, garbage first."""
        return bytes(self._garbage + self._held)

    def feed(self, data: bytes) -> list[Cut]:
        """Return what `data` completes, in order."""
        self._held += data
        cuts: list[Cut] = []
        while self._held:
            size = _frame_size(self._held)
            if size is None:
                break
            if size > 0:
                self._flush(cuts)
                cuts.append(self._take(size, is_frame=True))
            else:
                self._discard(-size or self._until_next_head(), cuts)
        return cuts

    def _take(self, size: int, *, is_frame: bool) -> Cut:
        cut = Cut(offset=self._offset, data=bytes(self._held[:size]), size=size, is_frame=is_frame)
        del self._held[:size]
        self._offset += size
        return cut

    def _until_next_head(self) -> int:
        found = _HEAD.search(self._held, 1)
        if found is not None:
            return found.start()
        # The last byte may be the first half of a head.
        is_half = self._held[-1] in (SHORT[0], LONG[0]) and len(self._held) > 1
        return len(self._held) - is_half

    def _discard(self, size: int, cuts: list[Cut]) -> None:
        while size:
            part = min(size, GARBAGE_BYTES - len(self._garbage))
            self._garbage += self._held[:part]
            del self._held[:part]
            size -= part
            if len(self._garbage) == GARBAGE_BYTES:
                self._flush(cuts)

    def _flush(self, cuts: list[Cut]) -> None:
        if self._garbage:
            data = bytes(self._garbage)
            cuts.append(Cut(offset=self._offset, data=data, size=len(data), is_frame=False))
            self._offset += len(data)
            self._garbage.clear()


def _frame_size(held: bytearray) -> int | None:
    """Return the size of the frame that `held` begins with; None if that is unknown yet.

    What it says of the first bytes never changes when more arrive. 0 says that no frame begins
    here, a negative size that so many bytes of garbage stand before one.
    """
    head = bytes(held[:2])
    if head not in (SHORT, LONG):
        return None if head in (SHORT[:1], LONG[:1]) else 0
    size = declared_size(held) if len(held) >= _HEAD_AND_TYPE_BYTES else None
    if size is None or size > MAX_FRAME_BYTES:
        return None if size is None else 0
    lie = _lie(held, size)
    if lie is not None or len(held) < size:
        return lie
    has_end = size >= _SMALLEST_BYTES and held[size - 2 : size] == TAIL
    if has_end and _is_sound(held[:size]):
        return size
    # A count of access points may put 0D 0A there by chance; a frame that has one has no CRC.
    if head == SHORT and held[3] in WIFI_TYPES:
        return _wifi_frame_size(held, size)
    return _unless_inner(held, size) if has_end else _lie_size(held, size)


def _wifi_frame_size(held: bytearray, size: int) -> int | None:
    counted = wifi_size(held)
    window = len(held) + 1 if counted is None else counted
    if (lie := _lie(held, window)) is not None:
        return lie
    if counted is None or len(held) < counted:
        return None
    if held[counted - 2 : counted] == TAIL:
        return counted
    return _lie_size(held, max(size, counted))


def _lie(held: bytearray, size: int) -> int | None:
    """Return where to cut when a sound frame behind 0D 0A ends before `size`, else None."""
    end = min(size, len(held))
    ends = _INNER_HEAD.finditer(held, 4, end)
    for found in islice(ends, _INNER_CHECKS_MAX):
        start = found.end()
        if start + 4 > end:
            break
        inner = start + declared_size(held, start)
        frame = held[start:inner]
        if inner > len(held) or inner >= size or frame[-2:] != TAIL:
            continue
        if _is_sound(frame):
            return _lie_size(held, start)
    return None


def _is_sound(frame: bytearray) -> bool:
    return len(frame) >= _SOUND_MIN_BYTES and has_sound_checksum(frame)


def _lie_size(held: bytearray, size: int) -> int | None:
    """Return where a frame whose length lies ends: at its first 0D 0A."""
    window = max(size, _LIE_WINDOW_BYTES)
    end = held.find(TAIL, _HEAD_AND_TYPE_BYTES, window) + len(TAIL)
    if end < len(TAIL):
        return None if len(held) < window else 0
    return _unless_inner(held, end)


def _unless_inner(held: bytearray, end: int) -> int:
    """Return `end`, or, when a sound frame ends there, that what stands before it is garbage."""
    for found in _HEAD.finditer(held, 1, end - _SOUND_MIN_BYTES + len(SHORT)):
        start = found.start()
        if start + declared_size(held, start) == end and _is_sound(held[start:end]):
            return -start
    return end
