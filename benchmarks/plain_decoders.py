"""Baselines: the same messages, decoded by plain loops and by `struct` alone.

They check what the codecs check of a sound message (checksum, length, ranges), but say nothing of
what is wrong, know one form each and no device. They give (time ms, longitude, latitude) of every
report, and read all its other fields.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from struct import Struct
from typing import Any, Final

Place = tuple[int, float, float]

_HEAD: Final = Struct("<4sBBHHHIqII")
_RECORD: Final = Struct("<qQiiIIiIHBBHhIHBB")
_JT808: Final = Struct(">HH6sHIIIIHHH6s")
_BEIJING_MS: Final = 8 * 3_600_000
_RANGES: Final = (
    ("lon", -180, 180),
    ("lat", -90, 90),
    ("acc", 0, 100_000),
    ("alt", -1_000, 20_000),
    ("spd", 0, 1_000),
    ("hdg", 0, 360),
    ("sat", 0, 255),
    ("bat", 0, 100),
    ("hr", 0, 400),
    ("skt", -50, 100),
    ("steps", 0, 1 << 32),
)


def bin_loop(frames: Sequence[bytes]) -> list[Place]:
    """Read wristband binary byte by byte, its CRC-32C included."""
    places = []
    for frame in frames:
        crc = 0xFFFFFFFF
        for byte in frame[:28] + frame[32:]:
            crc = (crc >> 8) ^ _CRC32C[(crc ^ byte) & 0xFF]
        if crc ^ 0xFFFFFFFF != int.from_bytes(frame[28:32], "little"):
            raise ValueError("checksum")
        for at in range(32, len(frame), 56):
            record: dict[str, int] = {}
            for name, offset, size, is_signed in _FIELDS:
                raw = frame[at + offset : at + offset + size]
                record[name] = int.from_bytes(raw, "little", signed=is_signed)
            _check_degrees(record["lon"] / 1e7, record["lat"] / 1e7)
            places.append((record["time"], record["lon"] / 1e7, record["lat"] / 1e7))
    return places


def bin_struct(frames: Sequence[bytes]) -> list[Place]:
    """Read wristband binary by `struct`; the CRC-32C is left out: `struct` has none."""
    places = []
    for frame in frames:
        _HEAD.unpack_from(frame)
        for record in _RECORD.iter_unpack(frame[32:]):
            lon, lat = record[2] / 1e7, record[3] / 1e7
            _check_degrees(lon, lat)
            places.append((record[0], lon, lat))
    return places


def json_loop(messages: Sequence[bytes]) -> list[Place]:
    """Read JSON arrays with the standard library and check every range in a loop."""
    places = []
    for message in messages:
        said: dict[str, Any] = json.loads(message)
        for row in said["reports"]:
            for name, low, high in _RANGES:
                value = row.get(name)
                if value is not None and not low <= value <= high:
                    raise ValueError(name)
            places.append((row["t"], row["lon"], row["lat"]))
    return places


def jt808_loop(frames: Sequence[bytes]) -> list[Place]:
    """Read 0x0200 frames byte by byte."""
    places = []
    for frame in frames:
        content = bytearray()
        is_escaped = False
        for byte in frame[1:-1]:
            if is_escaped:
                content.append(0x7E if byte == 0x02 else 0x7D)
                is_escaped = False
            elif byte == 0x7D:
                is_escaped = True
            else:
                content.append(byte)
        checksum = 0
        for byte in content:
            checksum ^= byte
        if checksum:
            raise ValueError("checksum")
        numbers = [int.from_bytes(content[at : at + 4], "big") for at in range(12, 28, 4)]
        numbers += [int.from_bytes(content[at : at + 2], "big") for at in range(28, 34, 2)]
        digits = "".join(f"{byte:02x}" for byte in content[34:40])
        at = 40
        while at < len(content) - 1:
            numbers.append(int.from_bytes(content[at + 2 : at + 2 + content[at + 1]], "big"))
            at += 2 + content[at + 1]
        places.append(_jt808_place(digits, numbers[3], numbers[2]))
    return places


def jt808_struct(frames: Sequence[bytes]) -> list[Place]:
    """Read 0x0200 frames by `bytes.replace` and `struct`; the XOR as one loop over the bytes."""
    places = []
    for frame in frames:
        content = frame[1:-1].replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
        checksum = 0
        for byte in content:
            checksum ^= byte
        if checksum:
            raise ValueError("checksum")
        *_, lat, lon, _, _, _, bcd = _JT808.unpack_from(content)
        at, items = 40, {}
        while at < len(content) - 1:
            items[content[at]] = content[at + 2 : at + 2 + content[at + 1]]
            at += 2 + content[at + 1]
        places.append(_jt808_place(bcd.hex(), lon, lat))
    return places


def _jt808_place(digits: str, lon: int, lat: int) -> Place:
    parts = [int(digits[at : at + 2]) for at in range(0, 12, 2)]
    moment = datetime(2_000 + parts[0], *parts[1:], tzinfo=UTC)  # type: ignore[misc,arg-type]
    return round(moment.timestamp() * 1_000) - _BEIJING_MS, lon / 1e6, lat / 1e6


def _check_degrees(lon: float, lat: float) -> None:
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError("degrees")


def _crc32c_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


_CRC32C: Final = _crc32c_table()
_FIELDS: Final = (
    ("time", 0, 8, True),
    ("alarms", 8, 8, False),
    ("lon", 16, 4, True),
    ("lat", 20, 4, True),
    ("seq", 24, 4, False),
    ("accuracy", 28, 4, False),
    ("altitude", 32, 4, True),
    ("speed", 36, 4, False),
    ("heading", 40, 2, False),
    ("satellites", 42, 1, False),
    ("battery", 43, 1, False),
    ("heart_rate", 44, 2, False),
    ("skin_temperature", 46, 2, True),
    ("steps", 48, 4, False),
    ("present", 52, 2, False),
    ("flags", 54, 1, False),
    ("datum", 55, 1, False),
)
