"""Frames out of a file with one frame in each line, as hex or as text."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final, Literal

from firmware_protocols.errors import OversizedError, SyntaxDecodeError

MAX_LINE_BYTES: Final = 16 << 20
"""The longest payload that a codec takes has 1 MiB, which is 3 MiB of hex with blanks between."""

Form = Literal["hex", "text", "either"]

_HEX: Final = re.compile(rb"(?:[0-9A-Fa-f]{2})+\Z")
_NOT_HEX: Final = re.compile(rb"[^0-9A-Fa-f]")
_BLANKS: Final = re.compile(rb"\s+")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def frame_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines that are not blank, without line ends and blanks at either end.

    Read one by one as they are wanted. A line of more than MAX_LINE_BYTES is yielded cut to one
    byte more, the rest of it skipped.
    """
    is_first = True
    while line := stream.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            _skip_line(stream)
            yield line
            continue
        if is_first:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            is_first = False
        if stripped := line.strip():
            yield stripped


def frame_of(line: bytes, form: Form) -> bytes:
    """Return the frame that a line holds.

    Args:
        line: As `frame_lines` yields it.
        form: How the protocol's frames are written down. Hex may have either case, and blanks
            between its digits.

    Raises:
        DecodeError: The line is too long, or is not hex where hex is wanted.
    """
    if len(line) > MAX_LINE_BYTES:
        raise OversizedError(f"a line of more than {MAX_LINE_BYTES} bytes", frame=line)
    if form == "text":
        return line
    digits = _BLANKS.sub(b"", line)
    if _HEX.match(digits):
        return bytes.fromhex(digits.decode("ascii"))
    if form == "either":
        return line
    wrong = _NOT_HEX.search(digits)
    if wrong is None:
        raise SyntaxDecodeError(
            f"{len(digits)} hex digits are no whole number of bytes", frame=line
        )
    shown = ascii(wrong.group().decode("latin-1"))
    raise SyntaxDecodeError(f"{shown} is not a hex digit: 0-9, a-f, A-F", frame=line)


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
        pass
