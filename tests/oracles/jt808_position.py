"""A position of JT/T 808 read byte by byte, as the standard's tables say; slow and obvious."""

from datetime import datetime


def content_of(frame: bytes) -> bytes:
    """Return what stands between the delimiters, escapes taken back one byte at a time."""
    content = bytearray()
    escaped = False
    for byte in frame[1:-1]:
        if escaped:
            content.append({0x01: 0x7D, 0x02: 0x7E}[byte])
            escaped = False
        elif byte == 0x7D:
            escaped = True
        else:
            content.append(byte)
    return bytes(content)


def checksum_of(content: bytes) -> int:
    """Return the XOR of all bytes but the last."""
    value = 0
    for byte in content[:-1]:
        value ^= byte
    return value


def position_of(body: bytes) -> dict[str, object]:
    """Return what the 28 fixed bytes of a position say, under the names of a report."""
    status = int.from_bytes(body[4:8], "big")
    latitude = int.from_bytes(body[8:12], "big") / 1e6
    longitude = int.from_bytes(body[12:16], "big") / 1e6
    moment = datetime.strptime(body[22:28].hex() + "+0800", "%y%m%d%H%M%S%z")
    return {
        "fix_time_ms": int(moment.timestamp()) * 1000,
        "valid": bool(status & 0b10),
        "latitude_deg": -latitude if status & 0b100 else latitude,
        "longitude_deg": -longitude if status & 0b1000 else longitude,
        "altitude_m": int.from_bytes(body[16:18], "big", signed=True),
        "speed_mps": int.from_bytes(body[18:20], "big") / 10 / 3.6,
        "heading_deg": int.from_bytes(body[20:22], "big"),
    }


def items_of(body: bytes) -> dict[int, bytes]:
    """Return the additional items by id; ValueError when they do not fill the body."""
    items = {}
    rest = body[28:]
    while rest:
        if len(rest) < 2 or len(rest) < 2 + rest[1]:
            raise ValueError("an item is cut short")
        items[rest[0]] = rest[2 : 2 + rest[1]]
        rest = rest[2 + rest[1] :]
    return items
