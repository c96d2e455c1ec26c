"""The message header in its forms, and frames made of and taken to pieces (clause 4.4.3).

    2011, 2013   id u16 | properties u16 | phone BCD6 | serial u16 [| total u16 | index u16]
    2019         id u16 | properties u16 | version u8 | phone BCD10 | serial u16 [| total | index]
    E7 variant   as 2013 with 7 bytes of phone
    0x55xx       as 2013 with a serial of one byte and other properties (a vendor's)

Properties: bits 0-9 body length, 10-12 encryption, 13 parts, 14 version form, 15 reserved.
"""

from collections.abc import Container
from struct import Struct
from typing import Final

import msgspec

from firmware_protocols.checksum import xor8
from firmware_protocols.errors import (
    ChecksumError,
    FieldError,
    LengthError,
    SyntaxDecodeError,
    UnsupportedError,
)
from firmware_protocols.jt808.address import PHONE_BYTES, Address
from firmware_protocols.jt808.framing import (
    ALT_FLAG,
    FLAG,
    MAX_CONTENT_BYTES,
    MIN_CONTENT_BYTES,
    is_unescaped,
    unescape,
    wrap,
)

MAX_BODY_BYTES: Final = 1_023
"""Ten bits of the properties; a longer body goes out in parts."""

MAX_PARTS: Final = 0xFFFF
MAX_SERIAL: Final = 0xFFFF
MAX_SHORT_SERIAL: Final = 0xFF

_LENGTH: Final = 0x03FF
_ENCRYPTION: Final = 0x1C00
_RSA: Final = 0x0400
_PARTS: Final = 0x2000
_VERSIONED: Final = 0x4000
_VENDOR_REPLY: Final = 0x8000

_SHORT_SERIAL_IDS: Final = 0x55

_TWO_WORDS: Final = Struct(">HH")
_SHORT: Final = Struct(">HH6sB")
_2013: Final = Struct(">HH6sH")
_2019: Final = Struct(">HHB10sH")
_ALT: Final = Struct(">HH7sH")


class Frame(msgspec.Struct, frozen=True):
    """One frame without its outer form.

    Attributes:
        message_id: Message id.
        serial: Serial number, 0 ... 65535 (255 for 0x55xx).
        address: Its terminal, and how to write to it.
        body: Message body, or a part of it.
        parts: How many parts the message has; 0 for a message in one frame.
        part: Which of them this is, from 1; 0 for a message in one frame.
        wants_reply: Bit 15 of the properties of a vendor message 0x55xx.
        tolerated: What is wrong in the frame and was borne: "checksum", "length", "escape" (it
            came without its escapes), "version_flag" (2013 with the mark of 2019).
    """

    message_id: int
    serial: int
    address: Address
    body: bytes
    parts: int = 0
    part: int = 0
    wants_reply: bool = False
    tolerated: tuple[str, ...] = ()


def parse_frame(data: bytes, tolerate: Container[str] = ()) -> Frame:
    """Return the frame that `data` is, delimiters included.

    Args:
        data: One frame as it was on the line.
        tolerate: "checksum" and "length" where a device-model profile bears a wrong one.

    Raises:
        SyntaxDecodeError: It does not begin and end with the same delimiter, or is too short.
        ChecksumError: Its XOR is another.
        LengthError: The body length of the properties is not that of the body.
        FieldError: The part is not one of the parts.
        UnsupportedError: The body is encrypted.
    """
    if len(data) < MIN_CONTENT_BYTES or data[0] != data[-1] or data[0] not in {FLAG, ALT_FLAG}:
        raise SyntaxDecodeError(
            f"not a frame: {MIN_CONTENT_BYTES} bytes or more between two 7E (or two E7)", frame=data
        )
    flag = data[0]
    content = unescape(data[1:-1], flag)
    tolerated: tuple[str, ...] = ()
    checksum = xor8(content)
    if checksum:
        raw = data[1:-1]
        if raw != content and xor8(raw) == 0:
            # Logs of other programs hold frames without their escapes.
            content, tolerated = raw, ("escape",)
        elif "checksum" in tolerate:
            tolerated = ("checksum",)
        else:
            raise ChecksumError(
                f"checksum {content[-1]:#04x}, the bytes have {content[-1] ^ checksum:#04x}",
                frame=data,
                offset=len(data) - 2,
            )
    if not tolerated and is_unescaped(data):
        tolerated = ("escape",)
    if not MIN_CONTENT_BYTES <= len(content) <= MAX_CONTENT_BYTES:
        raise LengthError(
            f"{len(content)} bytes, allowed are {MIN_CONTENT_BYTES} to {MAX_CONTENT_BYTES}",
            frame=data,
        )
    return _parse_content(content, flag, data, tolerate, tolerated)


def _parse_content(
    content: bytes, flag: int, data: bytes, tolerate: Container[str], tolerated: tuple[str, ...]
) -> Frame:
    properties = (content[2] << 8) | content[3]
    is_vendor = content[0] == _SHORT_SERIAL_IDS
    layout = _SHORT if is_vendor else _layout(properties, flag, len(content))
    start = layout.size
    if len(content) <= start:
        raise LengthError("cut within the header", frame=data, offset=len(data) - 1)
    version = None
    if layout is _2019:
        message_id, _, version, phone, serial = layout.unpack_from(content)
    else:
        message_id, _, phone, serial = layout.unpack_from(content)
        if properties & _VERSIONED and layout is _2013:
            tolerated += ("version_flag",)
    parts = part = 0
    if properties & (_ENCRYPTION | _PARTS) and not is_vendor:
        if properties & _ENCRYPTION:
            cipher = "RSA" if properties & _RSA else "an unknown cipher"
            raise UnsupportedError(f"the body is encrypted with {cipher}", frame=data, offset=3)
        parts, part, start = _parts(content, start, data)
    body = content[start:-1]
    if len(body) != properties & _LENGTH:
        if "length" not in tolerate:
            raise LengthError(
                f"body of {len(body)} bytes, its header says {properties & _LENGTH}",
                frame=data,
                offset=3,
            )
        tolerated += ("length",)
    wants_reply = is_vendor and properties >= _VENDOR_REPLY
    return Frame(
        message_id,
        serial,
        Address(phone, version, flag),
        body,
        parts,
        part,
        wants_reply,
        tolerated,
    )


def _layout(properties: int, flag: int, content_bytes: int) -> Struct:
    """Return the header's form.

    Some firmware sets the flag of 2019 in frames of 2013; there the length tells.
    """
    if flag == ALT_FLAG:
        return _ALT
    if not properties & _VERSIONED:
        return _2013
    rest = (properties & _LENGTH) + 1 + (_TWO_WORDS.size if properties & _PARTS else 0)
    return _2013 if content_bytes == _2013.size + rest else _2019


def _parts(content: bytes, start: int, data: bytes) -> tuple[int, int, int]:
    """Return how many parts, which one, and where the body begins."""
    if len(content) <= start + _TWO_WORDS.size:
        raise LengthError("cut within the numbers of parts", frame=data, offset=len(data) - 1)
    parts, part = _TWO_WORDS.unpack_from(content, start)
    if not 1 <= part <= parts:
        raise FieldError(
            f"part {part} of {parts}; parts count from 1", frame=data, offset=start + 1
        )
    return parts, part, start + _TWO_WORDS.size


def build_frame(
    address: Address,
    message_id: int,
    serial: int,
    body: bytes = b"",
    *,
    parts: int = 0,
    part: int = 0,
    wants_reply: bool = False,
) -> bytes:
    """Return a frame as it goes on the line; the arguments are those of `Frame`.

    Raises:
        ValueError: The body is over 1,023 bytes (see `build_frames`), or a number does not fit.
    """
    if len(body) > MAX_BODY_BYTES:
        raise ValueError(f"body of {len(body)} bytes, one frame carries {MAX_BODY_BYTES}")
    greatest = MAX_SHORT_SERIAL if message_id >> 8 == _SHORT_SERIAL_IDS else MAX_SERIAL
    if not 0 <= serial <= greatest:
        raise ValueError(f"serial {serial} is outside 0 to {greatest}")
    properties = len(body)
    if message_id >> 8 == _SHORT_SERIAL_IDS:
        properties |= _VENDOR_REPLY if wants_reply else 0
        if len(address.phone) != PHONE_BYTES:
            raise ValueError(f"{message_id:#06x} has no form with {len(address.phone)} phone bytes")
        head = message_id.to_bytes(2, "big") + properties.to_bytes(2, "big")
        return wrap(head + address.phone + serial.to_bytes(1, "big") + body, address.flag)
    version = b""
    if address.version is not None:
        properties |= _VERSIONED
        version = bytes((address.version,))
    numbers = b""
    if parts:
        properties |= _PARTS
        numbers = parts.to_bytes(2, "big") + part.to_bytes(2, "big")
    head = message_id.to_bytes(2, "big") + properties.to_bytes(2, "big") + version
    return wrap(head + address.phone + serial.to_bytes(2, "big") + numbers + body, address.flag)


def build_frames(
    address: Address, message_id: int, serial: int, body: bytes, part_bytes: int = MAX_BODY_BYTES
) -> list[bytes]:
    """Return the frames of a message: one, or parts with serials that follow each other.

    Args:
        address: The terminal.
        message_id: Message id.
        serial: Serial of the first frame; it wraps after 65535.
        body: The whole body.
        part_bytes: Most that one frame shall carry, 1 ... 1023.

    Raises:
        ValueError: It needs more than 65,535 parts.
    """
    if len(body) <= part_bytes:
        return [build_frame(address, message_id, serial, body)]
    pieces = [body[start : start + part_bytes] for start in range(0, len(body), part_bytes)]
    if len(pieces) > MAX_PARTS:
        raise ValueError(f"{len(pieces)} parts, a message has at most {MAX_PARTS}")
    return [
        build_frame(
            address,
            message_id,
            (serial + index) & 0xFFFF,
            piece,
            parts=len(pieces),
            part=index + 1,
        )
        for index, piece in enumerate(pieces)
    ]
