"""GT06 frames the slow way: a CRC bit by bit, a position by plain arithmetic."""

from datetime import UTC, datetime


def crc_bit_by_bit(data: bytes) -> int:
    """Return CRC-16/X.25 as the catalogue defines it: 0x8408 reflected, in and out FFFF."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc ^ 0xFFFF


def short_frame(message: int, body: bytes, serial: int) -> bytes:
    """Return a 7878 frame put together by hand."""
    covered = bytes([len(body) + 5, message]) + body + bytes([serial >> 8, serial & 255])
    crc = crc_bit_by_bit(covered)
    return b"\x78\x78" + covered + bytes([crc >> 8, crc & 255]) + b"\r\n"


def long_frame(message: int, body: bytes, serial: int) -> bytes:
    """Return a 7979 frame put together by hand."""
    length = len(body) + 5
    covered = bytes([length >> 8, length & 255, message]) + body
    covered += bytes([serial >> 8, serial & 255])
    crc = crc_bit_by_bit(covered)
    return b"\x79\x79" + covered + bytes([crc >> 8, crc & 255]) + b"\r\n"


def fix_of(block: bytes) -> dict[str, object]:
    """Return what clock and position block (18 bytes) say, the clock in UTC."""
    year, month, day, hour, minute, second = block[:6]
    moment = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC)
    latitude = (block[7] * 2**24 + block[8] * 2**16 + block[9] * 2**8 + block[10]) / 60 / 30000
    longitude = (block[11] * 2**24 + block[12] * 2**16 + block[13] * 2**8 + block[14]) / 60 / 30000
    high = block[16]
    return {
        "fix_time_ms": int(moment.timestamp()) * 1000,
        "satellites": block[6] % 16,
        "latitude_deg": latitude if high & 4 else -latitude,
        "longitude_deg": -longitude if high & 8 else longitude,
        "speed_mps": block[15] * 1000 / 3600,
        "heading_deg": ((high & 3) * 256 + block[17]) % 360,
        "valid": high & 16 != 0,
    }
