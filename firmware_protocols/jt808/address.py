"""A terminal's number as headers write it (clause 4.4.3)."""

from functools import lru_cache
from typing import Final

import msgspec

from firmware_protocols.jt808.framing import ALT_FLAG, FLAG

PHONE_BYTES: Final = 6
PHONE_BYTES_2019: Final = 10
PHONE_BYTES_ALT: Final = 7

VERSION_2019: Final = 1
"""`version` of JT/T 808-2019; it counts upwards with each revision."""

_IMEI_DIGITS: Final = 15


class Address(msgspec.Struct, frozen=True):
    """How a terminal is written in headers to and from it; a reply has its terminal's.

    Attributes:
        phone: Phone field: 6 bytes, 10 in the form of 2019, 7 in the E7 variant.
        version: Protocol version byte; None in the form of 2011 and 2013.
        flag: Delimiter.
    """

    phone: bytes
    version: int | None = None
    flag: int = FLAG

    @property
    def terminal(self) -> str:
        """The terminal's number: BCD digits without leading zeros, or the IMEI hidden in them."""
        return _terminal(self.phone)


def address_of(terminal: str, version: int | None = None, flag: int = FLAG) -> Address:
    """Return the address of a terminal's number, zeros before it as the form wants.

    Raises:
        ValueError: The number is not made of digits or does not fit; an IMEI of 15 digits fits
            into 6 bytes as the variant that hides it, without its check digit, in binary.
    """
    size = PHONE_BYTES if version is None else PHONE_BYTES_2019
    size = PHONE_BYTES_ALT if flag == ALT_FLAG else size
    if terminal.isascii() and terminal.isdigit():
        if len(terminal) <= 2 * size:
            return Address(bytes.fromhex(terminal.zfill(2 * size)), version, flag)
        hidden = int(terminal[:-1]).to_bytes(size, "big") if len(terminal) == _IMEI_DIGITS else b""
        if hidden and _terminal(hidden) == terminal:
            return Address(hidden, version, flag)
    raise ValueError(f"{terminal!r} does not fit into {size} bytes of BCD digits")


@lru_cache(maxsize=65_536)
def _terminal(phone: bytes) -> str:
    digits = phone.hex()
    if digits.isdecimal():
        return digits.lstrip("0") or "0"
    # An IMEI's first 14 digits in binary; the check digit is computed (seen in captured frames).
    imei = str(int(digits, 16))
    if len(phone) == PHONE_BYTES and len(imei) == _IMEI_DIGITS - 1:
        return imei + _luhn(imei)
    return digits


def _luhn(digits: str) -> str:
    """Return the check digit (ISO/IEC 7812-1 annex B) that follows an even number of digits."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004  # sum of the two digits
    return str(-total % 10)
