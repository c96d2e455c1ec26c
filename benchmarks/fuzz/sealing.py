"""Checksums and lengths put right, so that what is fuzzed gets past them.

A fuzzer does not guess a checksum: without this it would see little but ChecksumError.
"""

import struct
from collections.abc import Callable
from typing import Final

from firmware_protocols.checksum import crc16_x25, crc32c, xor8

Seal = Callable[[bytes], bytes]
"""Content to a frame with right delimiters, escapes, length and checksum."""

_GT06_TAIL: Final = b"\x0d\x0a"
_GT06_LENGTH_AND_CRC_BYTES: Final = 2
_SHORT_MAX: Final = 0xFF - _GT06_LENGTH_AND_CRC_BYTES
_LENGTH_MASK: Final = 0x03FF
_PHONE: Final = bytes.fromhex("013800138000")
AUTH_CODE: Final = "guitu"
_BIN_HEAD: Final = b"GTWB\x01"
_BIN_HEADER_BYTES: Final = 32
_BIN_SENT_FLAG: Final = 0x02


def seal_jt808(content: bytes) -> bytes:
    """Return header and body as a frame; length field and phone are put right too (clause 4.4)."""
    if len(content) >= 12:
        properties = int.from_bytes(content[2:4], "big")
        # Of the version flag and the part flag depends how much of the content is header.
        is_2019 = bool(properties & 0x4000)
        header = (17 if is_2019 else 12) + (4 if properties & 0x2000 else 0)
        length = max(len(content) - header, 0) & _LENGTH_MASK
        fixed = (properties & ~_LENGTH_MASK & 0xFFFF) | length
        # One terminal on a connection: a frame of another one is turned away at once.
        phone = content[4:5] + _PHONE.rjust(10, b"\0") if is_2019 else _PHONE
        content = content[:2] + fixed.to_bytes(2, "big") + phone + content[4 + len(phone) :]
    plain = content + bytes([xor8(content)])
    return b"\x7e" + plain.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + b"\x7e"


def seal_gt06(content: bytes) -> bytes:
    """Return protocol number, information and serial as a frame, long form where it must be."""
    if len(content) > _SHORT_MAX:
        covered = struct.pack(">H", (len(content) + 2) & 0xFFFF) + content
        head = b"\x79\x79"
    else:
        covered = bytes([len(content) + 2]) + content
        head = b"\x78\x78"
    return head + covered + struct.pack(">H", crc16_x25(covered)) + _GT06_TAIL


def seal_watch(content: bytes) -> bytes:
    """Return a content as a frame of one watch."""
    return b"[3G*8826264401*%04X*%s]" % (len(content) & 0xFFFF, content)


def seal_wristband_bin(content: bytes) -> bytes:
    """Return header and body as an unsigned frame: magic, length, key id and CRC-32C put right."""
    content = content.ljust(_BIN_HEADER_BYTES, b"\0")
    kind, flags, count = content[5:6], content[6] & _BIN_SENT_FLAG, content[8:10]
    body = content[_BIN_HEADER_BYTES:]
    size = struct.pack("<H", len(body) & 0xFFFF)
    head = _BIN_HEAD + kind + bytes([flags, 0]) + count + size + content[12:24] + bytes(4)
    return head + struct.pack("<I", crc32c(head + body)) + body


def unseal_wristband_bin(frame: bytes) -> bytes:
    """Return the frame as it is: sealing writes over what it puts right."""
    return frame


def unseal_jt808(frame: bytes) -> bytes:
    """Return the content of a frame, which need not be sound."""
    inner = frame.strip(b"\x7e").replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
    return inner[:-1]


def unseal_gt06(frame: bytes) -> bytes:
    """Return protocol number, information and serial of a frame, which need not be sound."""
    begin = 4 if frame.startswith(b"\x79\x79") else 3
    return frame[begin:-4]


def unseal_watch(frame: bytes) -> bytes:
    """Return the content of a frame, which need not be sound."""
    return frame.strip(b"[]").split(b"*", 3)[-1]


SEALS: Final[dict[str, tuple[Seal, Callable[[bytes], bytes]]]] = {
    "jt808": (seal_jt808, unseal_jt808),
    "gt06": (seal_gt06, unseal_gt06),
    "watch": (seal_watch, unseal_watch),
    "wristband-bin": (seal_wristband_bin, unseal_wristband_bin),
}
"""Codec to how a frame is sealed, and how its content is taken out of one."""

LOGINS: Final[dict[str, bytes]] = {
    "jt808": seal_jt808(bytes.fromhex("0102000000000000000000 01") + AUTH_CODE.encode()),
    "gt06": seal_gt06(bytes.fromhex("01 0123456789012345 0001")),
    "watch": seal_watch(b"LK"),
}
"""Codec to a frame that lets the terminal of sealed frames in."""
