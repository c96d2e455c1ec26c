"""One GT06 frame: its outer form, checked and taken apart, or put together.

Short form: 78 78, length u8, type u8, body, serial u16, CRC u16, 0D 0A. Long form: 79 79 and a
length u16. The length counts type, body, serial and CRC; CRC-16/X.25 covers length to serial.
Big-endian throughout.
"""

from dataclasses import dataclass
from typing import Final

from firmware_protocols.checksum import crc16_x25
from firmware_protocols.errors import ChecksumError, FieldError, LengthError, SyntaxDecodeError
from firmware_protocols.gt06.profiles import Profile

SHORT: Final = b"\x78\x78"
LONG: Final = b"\x79\x79"
TAIL: Final = b"\r\n"

TYPE_LOGIN: Final = 0x01
WIFI_TYPES: Final = frozenset({0x17, 0x69})
"""Types that some firmware sends without serial and CRC, the number of access points in the place
of the length (GK310 family)."""

_HEAD_BYTES: Final = 2
_COVERED_AFTER_BODY: Final = 4  # serial and CRC
_LENGTH_MIN: Final = 5  # type, serial, CRC
_SHORT_LENGTH_MAX: Final = 0xFF
_WORD_MAX: Final = 0xFFFF
_WIFI_FIXED_BYTES: Final = 14  # head 2, count, type, time 6, cell count, MCC 2, MNC
_WIFI_BYTES: Final = 7
_CELL_BYTES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame taken apart.

    Attributes:
        type: Protocol number.
        body: Information content, without serial and CRC.
        serial: Serial number; None for the forms that have none.
        is_long: 79 79 with a length of two bytes.
        length: The length field as it stands; for Wi-Fi frames the number of access points.
        tolerated: What was wrong and let pass by the profile: "checksum", "length".
    """

    type: int
    body: bytes
    serial: int | None
    is_long: bool = False
    length: int = 0
    tolerated: tuple[str, ...] = ()


def build_frame(message: int, body: bytes, *, serial: int, is_long: bool = False) -> bytes:
    """Return the bytes of a frame.

    Raises:
        FieldError: The body is too long for its form, or the serial is not 0 ... 65535.
    """
    length = len(body) + _LENGTH_MIN
    if not 0 <= serial <= _WORD_MAX:
        raise FieldError(f"serial {serial}, allowed 0 ... {_WORD_MAX}")
    if length > (_WORD_MAX if is_long else _SHORT_LENGTH_MAX):
        raise FieldError(f"a body of {len(body)} bytes does not fit the frame's length field")
    covered = length.to_bytes(2 if is_long else 1, "big") + bytes((message,)) + body
    covered += serial.to_bytes(2, "big")
    check = crc16_x25(covered).to_bytes(2, "big")
    return (LONG if is_long else SHORT) + covered + check + TAIL


def build_wifi_frame(message: int, count: int, body: bytes) -> bytes:
    """Return a Wi-Fi frame without serial and CRC."""
    return SHORT + bytes((count, message)) + body + TAIL


def declared_size(data: bytes | bytearray, at: int = 0) -> int:
    """Return how long the frame at `at` is by its length field, whole; needs its first 4 bytes."""
    if data[at : at + _HEAD_BYTES] == SHORT:
        return data[at + 2] + 5
    return int.from_bytes(data[at + 2 : at + 4], "big") + 6


def wifi_size(data: bytes | bytearray, at: int = 0) -> int | None:
    """Return how long the Wi-Fi frame at `at` is by its counts.

    Returns:
        Size in bytes; None as long as the cell count has not come.
    """
    cells_at = at + 10 + _WIFI_BYTES * data[at + 2]
    if cells_at >= len(data):
        return None
    return _WIFI_FIXED_BYTES + _WIFI_BYTES * data[at + 2] + _CELL_BYTES * data[cells_at] + len(TAIL)


def has_sound_checksum(data: bytes | bytearray) -> bool:
    """Return whether a whole frame's CRC is that of its bytes."""
    return crc16_x25(bytes(data[2:-4])) == int.from_bytes(data[-4:-2], "big")


def parse_frame(data: bytes, profile: Profile) -> Frame:
    """Return a frame taken apart; a lie is let pass only where the profile says so.

    Raises:
        DecodeError: Not a frame, or its length or checksum is wrong.
    """
    is_long = data[:_HEAD_BYTES] == LONG
    if data[:_HEAD_BYTES] not in (SHORT, LONG) or data[-2:] != TAIL or len(data) < len(SHORT) + 4:
        raise SyntaxDecodeError(
            "a frame begins with 7878 or 7979 and ends with 0d0a", frame=data, offset=0
        )
    type_at = 4 if is_long else 3
    length = int.from_bytes(data[2:type_at], "big")
    is_length_right = declared_size(data) == len(data)
    if not is_long and data[3] in WIFI_TYPES and wifi_size(data) == len(data):
        return Frame(type=data[3], body=data[4:-2], serial=None, length=length)
    bare = data[type_at + 1 : -2]
    if not is_long and profile.bare_bodies.get(data[3]) == len(bare):
        told = ("checksum",) if is_length_right else ("checksum", "length")
        return Frame(type=data[3], body=bare, serial=None, length=length, tolerated=told)
    tolerated = _tolerate(data, profile, length=length, is_length_right=is_length_right)
    return Frame(
        type=data[type_at],
        body=data[type_at + 1 : -len(TAIL) - _COVERED_AFTER_BODY],
        serial=int.from_bytes(data[-6:-4], "big"),
        is_long=is_long,
        length=length,
        tolerated=tolerated,
    )


def _tolerate(
    data: bytes, profile: Profile, *, length: int, is_length_right: bool
) -> tuple[str, ...]:
    tolerated = []
    overhead = 6 if data[:_HEAD_BYTES] == LONG else 5
    if len(data) < overhead + _LENGTH_MIN:
        raise LengthError(
            f"{len(data)} bytes leave no room for type, serial and checksum", frame=data, offset=2
        )
    if not has_sound_checksum(data):
        if not profile.tolerate_checksum:
            got, want = data[-4:-2].hex(), f"{crc16_x25(data[2:-4]):04x}"
            # A wrong length is the more telling fault of the two.
            if is_length_right:
                raise ChecksumError(
                    f"checksum {got}, the bytes give {want}", frame=data, offset=len(data) - 4
                )
        else:
            tolerated.append("checksum")
    if not is_length_right:
        if not profile.tolerate_length:
            raise LengthError(
                f"length field {length}, {len(data) - overhead} bytes follow", frame=data, offset=2
            )
        tolerated.append("length")
        if not has_sound_checksum(data) and not profile.tolerate_checksum:
            raise ChecksumError("length and checksum are both wrong", frame=data, offset=2)
    return tuple(tolerated)
