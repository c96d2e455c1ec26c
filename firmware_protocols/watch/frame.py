"""One frame: `[VV*ID*LLLL*CONTENT]` or `[VV*ID*IDX*LLLL*CONTENT]`.

VV is the maker, ID the watch's number, IDX a running number that some makers have, LLLL the length
of CONTENT as four hexadecimal digits, CONTENT a word and its values between commas. Sources: the
SeTracker server protocol as 4P-Touch publishes it (2025-08-02), cited by its part and item, and
what watches in the field were seen to send, in the layout of tests/vectors/watch.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from firmware_protocols.errors import LengthError, OversizedError, SyntaxDecodeError

MAX_CONTENT_BYTES: Final = 0xFFFF
"""What four hexadecimal digits can tell."""

MAX_FRAME_BYTES: Final = MAX_CONTENT_BYTES + 64
"""The longest content and the longest header; a stream without a closing bracket is held no
further."""

# The index is told from the length by what follows it: four hexadecimal digits and a star.
HEADER: Final = re.compile(
    rb"\[([0-9A-Za-z]{2})\*([0-9A-Za-z]{1,20})\*(?:([0-9A-Za-z]{1,8})\*)?([0-9A-Fa-f]{4})\*"
)

# Part II item 25: what may not stand in binary values, and its second byte after 7D.
_ESCAPES: Final = {b"}": 1, b"[": 2, b"]": 3, b",": 4, b"*": 5}
_ESCAPED: Final = re.compile(rb"[}\[\],*]")
_UNESCAPED: Final = re.compile(rb"}([\x01-\x05])")
_BY_CODE: Final = {code: byte for byte, code in _ESCAPES.items()}


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame taken apart.

    Attributes:
        maker: VV.
        terminal: ID.
        index: IDX; empty for the form without.
        word: What the content begins with ("LK", "UD", ...).
        values: The values behind it, still escaped; None when no comma follows the word.
        is_length_true: LLLL is the length of the content.
    """

    maker: str
    terminal: str
    index: str
    word: str
    values: bytes | None
    is_length_true: bool


def escape(value: bytes) -> bytes:
    """Return a binary value as it may stand in a frame."""
    return _ESCAPED.sub(lambda found: b"}%c" % _ESCAPES[found[0]], value)


def unescape(value: bytes) -> bytes:
    """Return the bytes that an escaped value stands for; a lone 7D stays."""
    return _UNESCAPED.sub(lambda found: _BY_CODE[found[1][0]], value)


def text_of(value: bytes) -> str:
    """Return a value as text; names of networks come as UTF-8 or GB 18030."""
    plain = unescape(value)
    for encoding in ("utf-8", "gb18030"):
        try:
            return plain.decode(encoding)
        except UnicodeDecodeError:
            continue
    return plain.decode("latin-1")


def parse_frame(frame: bytes, *, tolerate_length: bool) -> Frame:
    """Return a frame taken apart.

    The length counts the bytes on the wire; firmware that counts them before escaping is right too.

    Raises:
        DecodeError: It is no frame, or its length is another and that is not tolerated.
    """
    if len(frame) > MAX_FRAME_BYTES:
        raise OversizedError(f"{len(frame)} bytes, at most {MAX_FRAME_BYTES}", frame=frame)
    header = HEADER.match(frame)
    if header is None:
        raise SyntaxDecodeError(
            "does not begin with [VV*ID*LLLL* or [VV*ID*IDX*LLLL*", frame=frame, offset=0
        )
    if not frame.endswith(b"]"):
        raise SyntaxDecodeError("no closing ]", frame=frame, offset=len(frame))
    content = frame[header.end() : -1]
    told = int(header[4], 16)
    is_length_true = told in (len(content), len(unescape(content)))
    if not is_length_true and not tolerate_length:
        raise LengthError(
            f"length {told:#06x}, but {len(content):#06x} bytes of content",
            frame=frame,
            offset=header.start(4),
        )
    word, comma, values = content.partition(b",")
    return Frame(
        maker=header[1].decode(),
        terminal=header[2].decode(),
        index=(header[3] or b"").decode(),
        word=text_of(word),
        values=values if comma else None,
        is_length_true=is_length_true,
    )


def build_frame(maker: str, terminal: str, index: str, content: bytes) -> bytes:
    """Return the frame of a content whose binary values are escaped already.

    Raises:
        OversizedError: The content is longer than its length field can tell.
    """
    if len(content) > MAX_CONTENT_BYTES:
        raise OversizedError(f"{len(content)} bytes of content, at most {MAX_CONTENT_BYTES}")
    head = "*".join(part for part in (maker, terminal, index) if part)
    return f"[{head}*{len(content):04X}*".encode() + content + b"]"


def join(word: str, values: Sequence[str]) -> bytes:
    """Return a content of text values, each escaped; the word alone when there are none."""
    return b",".join([word.encode(), *(escape(value.encode()) for value in values)])
