"""Bytes of JT/T 808 put together plainly from what the .toml files say. No codec is imported."""

import calendar
import hashlib
import re
import struct
from functools import reduce

WORD = re.compile(r"@(\d)(?:/(\d))?|'([^']*)'(?:/(\d+))?|([0-9a-f]+)(?:\*(\d+))?")
ITEM = re.compile(r"([0-9a-f]+)=(\([^)]*\)|(?:'[^']*'(?:/\d+)?|[0-9a-f*]+)*)")
ESCAPES = {0x7D: b"\x7d\x01", 0x7E: b"\x7d\x02"}
SOUTH, WEST, IS_2019, IN_PARTS = 4, 8, 0x4000, 0x2000


def packed(text, places=()):
    """Return bytes of words: hexadecimal, `00*8` eight times, 'text'/9 in GBK with NULs behind.

    `@0` is the first of the places, `@0/2` the same behind its length in two bytes.
    """
    out = b""
    for place, width, letters, size, digits, times in WORD.findall(text):
        if place:
            body = places[int(place)]
            out += (len(body).to_bytes(int(width), "big") if width else b"") + body
        elif digits:
            out += bytes.fromhex(digits) * int(times or 1)
        else:
            out += letters.encode("gbk").ljust(int(size or 0), b"\0")
    return out


def items(text):
    """Return `id u8 | length u8 | value` of each `id=value`; what stands in brackets is of item EB.

    Within it a length of two bytes counts the id of two bytes and the value.
    """
    out = b""
    for key, value in ITEM.findall(text):
        if value.startswith("("):
            inside = [(bytes.fromhex(k), packed(v)) for k, v in ITEM.findall(value[1:-1])]
            data = b"".join(struct.pack(">H", 2 + len(v)) + k + v for k, v in inside)
        else:
            data = packed(value)
        out += bytes([int(key, 16), len(data)]) + data
    return out


def imei_of(phone):
    """Return the IMEI whose first 14 digits stand in six bytes in binary: the last is Luhn's."""
    digits = f"{int(phone, 16):014d}"
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(digits)]
    total = sum(number // 10 + number % 10 for number in doubled)
    return f"{digits}{-total % 10}"


def seq(body):
    """Return what names a report that has no number: 53 bits of BLAKE2b over its bytes."""
    return int(hashlib.blake2b(body, digest_size=8).hexdigest(), 16) >> 11


def utc_ms(bcd, offset_h=8):
    """Return milliseconds of YYMMDDhhmmss."""
    year, *rest = (int(bcd[at : at + 2]) for at in range(0, 12, 2))
    return (calendar.timegm((2000 + year, *rest)) - offset_h * 3_600) * 1_000


def place(row):
    """Return a position's bytes, and what they say."""
    numbers = [row.get(name, 0) for name in ("alarm", "status", "lat", "lon")]
    motion = [row.get(name, 0) for name in ("alt", "speed", "heading")]
    status, lat, lon = numbers[1:]
    body = struct.pack(">IIIIhHH", *numbers, *motion) + bytes.fromhex(row["time"])
    body += items(row.get("items", "")) + packed(row.get("tail", ""))
    says = {"type": "Report", "kind": "fix", "fix_time_ms": utc_ms(row["time"])}
    says |= {"boot": 0, "seq": seq(body)}
    if row.get("is_lost"):
        says["kind"] = "status"
    else:
        says |= {
            "longitude_deg": lon / 1e6 * (-1 if status & WEST else 1),
            "latitude_deg": lat / 1e6 * (-1 if status & SOUTH else 1),
            "datum": "WGS84",
            "altitude_m": motion[0],
            "speed_mps": motion[1] / 36,
            "heading_deg": motion[2],
        }
    if not status & 2:
        says["valid"] = False
    return body, says | row.get("says", {})


def frame(message_id, phone, body, row):
    """Return a frame of a row's header and faults.

    `wrong` spoils the checksum, `more` is added to the length that the header tells, `raw` leaves
    the escapes out, as logs do.
    """
    number = bytes.fromhex(phone)
    bits = row.get("bits", 0) | (IS_2019 if len(number) == 11 else 0)
    content = struct.pack(">HH", message_id, (len(body) + row.get("more", 0)) | bits)
    content += number + bytes.fromhex(row.get("serial", "0101")) + body
    sum_ = reduce(lambda one, other: one ^ other, content)
    if row.get("check", sum_) != sum_:
        raise ValueError(f"{row['name']}: checksum {sum_:#x}, {row['check']:#x} wanted")
    content += bytes([sum_ ^ row.get("wrong", 0)])
    if not row.get("raw"):
        content = b"".join(ESCAPES.get(byte, bytes([byte])) for byte in content)
    return b"~" + content + b"~"
