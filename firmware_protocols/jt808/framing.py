"""The outer form of a frame: delimiters, escapes, checksum (JT/T 808-2019 clause 4.4).

`7E | content, escaped | 7E`; the last byte of the content is the XOR of the others. One vendor's
variant has E7 as its delimiter, with escapes of its own.
"""

from typing import Final

from firmware_protocols.checksum import xor8
from firmware_protocols.dialogue import Cut

FLAG: Final = 0x7E
ALT_FLAG: Final = 0xE7
"""Delimiter of the variant."""

MAX_CONTENT_BYTES: Final = 21 + 1_023 + 1
"""Longest header (2019, with parts), longest body that ten bits count, checksum."""

MAX_FRAME_BYTES: Final = 2 + 2 * MAX_CONTENT_BYTES
"""Every byte escaped and two delimiters; nothing longer can be a frame."""

MIN_CONTENT_BYTES: Final = 12
"""Header of a vendor message with its 1-byte serial, checksum."""

_GARBAGE_SHOWN_BYTES: Final = 1_024

# Order matters: what is put in must not look like what is still to be replaced.
_ESCAPES: Final = {
    FLAG: ((b"\x7d", b"\x7d\x01"), (b"\x7e", b"\x7d\x02")),
    ALT_FLAG: (
        (b"\xe6", b"\xe6\x01"),
        (b"\xe7", b"\xe6\x02"),
        (b"\x3e", b"\x3e\x01"),
        (b"\x3d", b"\x3e\x02"),
    ),
}


def escape(content: bytes, flag: int = FLAG) -> bytes:
    """Return content as it stands between two delimiters (clause 4.4.2)."""
    for plain, escaped in _ESCAPES[flag]:
        content = content.replace(plain, escaped)
    return content


def unescape(content: bytes, flag: int = FLAG) -> bytes:
    """Return what stands between two delimiters without its escapes.

    An escape byte that begins no escape is left as it is; the checksum tells whether it was meant.
    """
    if flag == FLAG:
        if b"\x7d" not in content:
            return content
        return content.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
    for plain, escaped in reversed(_ESCAPES[flag]):
        content = content.replace(escaped, plain)
    return content


def is_unescaped(frame: bytes) -> bool:
    """Tell whether a frame has bytes between its delimiters that the line would have escaped."""
    flag = frame[0]
    if frame.find(flag, 1, len(frame) - 1) > 0:
        return True
    if flag != FLAG or b"\x7d" not in frame:
        return False
    return frame.count(b"\x7d") != frame.count(b"\x7d\x01") + frame.count(b"\x7d\x02")


def wrap(content: bytes, flag: int = FLAG) -> bytes:
    """Return the frame of a content without checksum: XOR, escapes, delimiters."""
    mark = bytes((flag,))
    return mark + escape(content + bytes((xor8(content),)), flag) + mark


def is_sound(content: bytes, flag: int = FLAG) -> bool:
    """Tell whether what stands between two delimiters has the length and XOR of a frame."""
    plain = unescape(content, flag)
    return MIN_CONTENT_BYTES <= len(plain) <= MAX_CONTENT_BYTES and xor8(plain) == 0


class FrameCutter:
    """Cuts a stream into frames and garbage, the same way however the bytes arrive.

    A delimiter that ended a frame may also begin the next one, for some terminals send one where
    two belong: what follows it is taken when it is sound and is garbage when not. Until the
    first sound frame either delimiter may begin one; that frame decides for the connection.
    """

    def __init__(self) -> None:
        """Start at the first byte of a connection."""
        self._buffer = bytearray()
        self._offset = 0
        self._flag = 0  # 0 until a sound frame has told
        self._shared = 0  # delimiter that ended the frame just before the buffer, else 0

    @property
    def buffered(self) -> int:
        """Bytes of a frame that is not whole; always under MAX_FRAME_BYTES."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Cut]:
        """Return what `data` completes, in order."""
        self._buffer += data
        cuts: list[Cut] = []
        while self._buffer:
            cut = self._frame() if self._is_flag(self._buffer[0]) else self._gap()
            if cut is None:
                break
            cuts.append(cut)
        return cuts

    def _is_flag(self, byte: int) -> bool:
        return byte == self._flag if self._flag else byte in _ESCAPES

    def _frame(self) -> Cut | None:
        """Cut at a delimiter that begins a frame."""
        buffer, flag = self._buffer, self._buffer[0]
        end = buffer.find(flag, 1, MAX_FRAME_BYTES)
        if end < 0:
            if len(buffer) < MAX_FRAME_BYTES:
                return None
            return self._take(MAX_FRAME_BYTES if self._flag else 1, is_frame=False)
        if end == 1:  # the first one was the end of what is lost
            return self._take(1, is_frame=False)
        if is_sound(bytes(buffer[1:end]), flag):
            self._flag = flag
        elif not self._flag and flag == ALT_FLAG:
            # An E7 before anything else is rather garbage before a standard frame.
            return self._take(1, is_frame=False)
        cut = self._take(end + 1, is_frame=True)
        self._shared = flag
        return cut

    def _gap(self) -> Cut | None:
        """Cut before the next delimiter, or at it where the last one serves twice."""
        buffer = self._buffer
        ends = [buffer.find(flag, 0, MAX_FRAME_BYTES) for flag in _ESCAPES if self._is_flag(flag)]
        end = min((end for end in ends if end >= 0), default=-1)
        if end < 0:
            if len(buffer) < MAX_FRAME_BYTES:
                return None
            return self._take(MAX_FRAME_BYTES, is_frame=False)
        if self._shared == buffer[end] and is_sound(bytes(buffer[:end]), self._shared):
            shared, self._flag = self._shared, self._shared
            cut = self._take(end + 1, is_frame=True)
            self._shared = shared
            return Cut(
                offset=cut.offset, data=bytes((shared,)) + cut.data, size=cut.size, is_frame=True
            )
        return self._take(end, is_frame=False)

    def _take(self, size: int, *, is_frame: bool) -> Cut:
        shown = size if is_frame else min(size, _GARBAGE_SHOWN_BYTES)
        data = bytes(self._buffer[:shown])
        offset = self._offset
        del self._buffer[:size]
        self._offset += size
        self._shared = 0
        return Cut(offset=offset, data=data, size=size, is_frame=is_frame)
