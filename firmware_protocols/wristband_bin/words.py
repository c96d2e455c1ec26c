"""Bodies that carry a command's id and a text: the command and its reply."""

import re
from struct import Struct
from typing import Final

from firmware_protocols.command import CommandName
from firmware_protocols.errors import FieldError, LengthError
from firmware_protocols.wristband_bin.frame import Frame
from firmware_protocols.wristband_bin.layout import HEADER

REPLY_HEAD: Final = Struct("<BBH")
"""answer, bytes of the id, bytes of the text; id and text follow."""

COMMAND_HEAD: Final = Struct("<BBHHH")
"""command, bytes of the id, bytes of the text, interval_s, zero; id and text follow."""

ANSWERS: Final[dict[int, bool | None]] = {0: False, 1: True, 2: None}

COMMANDS: Final[dict[int, CommandName]] = {
    1: "set_interval",
    2: "locate",
    3: "text",
    4: "restart",
    129: "power_off",
    130: "factory_reset",
    131: "close_link",
    132: "close_radio",
}
"""Bit 7 marks what is dangerous."""

MAX_TEXT_CHARS: Final = 200

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")


def words(head: Struct, *values: int, name: str, text: str) -> bytes:
    """Return a body; `values` are the head's fields without the two lengths.

    Raises:
        FieldError: The id or the text does not hold to the codec.
    """
    detail = _fault(name, text)
    if detail:
        raise FieldError(detail)
    try:
        written = text.encode()
    except UnicodeEncodeError as error:
        raise FieldError("the text has a lone surrogate, which UTF-8 does not carry") from error
    first, *rest = values
    return head.pack(first, len(name), len(written), *rest) + name.encode() + written


def read_words(head: Struct, frame: Frame, payload: bytes) -> tuple[int, str, str]:
    """Return the first field, the id and the text of a body; the caller reads other fields.

    Raises:
        DecodeError: The body does not hold to the codec.
    """
    begin = frame.offset + HEADER.size
    if frame.count != 1:
        detail = f"{frame.count} items, 1 goes into a frame of this type"
        raise FieldError(detail, frame=payload, offset=frame.offset + 8)
    if len(frame.body) < head.size:
        detail = f"body of {len(frame.body)} bytes, at least {head.size} wanted"
        raise LengthError(detail, frame=payload, offset=begin)
    first, id_bytes, text_bytes = head.unpack_from(frame.body)[:3]
    if len(frame.body) != head.size + id_bytes + text_bytes:
        wanted = head.size + id_bytes + text_bytes
        detail = f"body of {len(frame.body)} bytes, its lengths say {wanted}"
        raise LengthError(detail, frame=payload, offset=begin + 1)
    tail = frame.body[head.size :]
    try:
        name, text = tail[:id_bytes].decode("ascii"), tail[id_bytes:].decode()
    except UnicodeDecodeError as error:
        detail = "the id is not ASCII or the text is not UTF-8"
        raise FieldError(detail, frame=payload, offset=begin + head.size) from error
    detail = _fault(name, text)
    if detail:
        raise FieldError(detail, frame=payload, offset=begin + head.size)
    return first, name, text


def _fault(name: str, text: str) -> str:
    if not _ID.match(name):
        return f"id {name!r} is not 1 to 40 of A-Z a-z 0-9 _ -"
    if len(text) > MAX_TEXT_CHARS:
        return f"text of {len(text)} characters, at most {MAX_TEXT_CHARS}"
    return ""
