"""The checksums of the protocols. Every one takes the bytes that it covers and returns an int."""

import binascii
from typing import Final

import google_crc32c

_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_CRC16_MASK: Final = 0xFFFF


def xor8(data: bytes) -> int:
    """Return the XOR of all bytes, 0 ... 255 (JT/T 808-2019 clause 4.4.4)."""
    folded = int.from_bytes(data, "big")
    shift = 4 << len(data).bit_length()
    while shift >= 8:  # noqa: PLR2004  # halves fold onto each other; the low byte is left
        folded ^= folded >> shift
        shift //= 2
    return folded & 0xFF


def crc16_x25(data: bytes) -> int:
    """Return CRC-16/X.25 (ISO/IEC 13239, reflected 0x1021, init and xorout 0xFFFF), as GT06 has it.

    The standard library's CRC-CCITT is the same polynomial unreflected: the bits of each byte go
    in reversed and those of the result come out so.
    """
    forward = binascii.crc_hqx(data.translate(_REVERSED), _CRC16_MASK)
    low, high = _REVERSED[forward >> 8], _REVERSED[forward & 0xFF]
    return ((high << 8) | low) ^ _CRC16_MASK


def crc32c(data: bytes) -> int:
    """Return CRC-32C (RFC 3720 appendix B.4, Castagnoli)."""
    value: int = google_crc32c.value(data)
    return value
