"""Makes frames.json from the byte tables of docs/protocols/wristband-bin-v1.md alone.

Nothing of the codec is imported, so that the vectors do not follow its mistakes.
Run: python tests/vectors/wristband-bin/make.py
"""

import hashlib
import hmac
import json
import struct
from pathlib import Path
from typing import Any

KEY = bytes(range(32))
T = 1_795_312_923_000


def crc32c(data: bytes) -> int:
    """RFC 3720 appendix B.4, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def frame(
    kind: int,
    body: bytes,
    *,
    count: int = 1,
    boot: int = 0,
    flags: int = 0,
    sent: int = 0,
    key_id: int = 0,
    version: int = 1,
    device: str | None = None,
) -> bytes:
    if device is not None:
        flags |= 1
    head = b"GTWB" + struct.pack(
        "<BBHHHIqI", version, kind, flags, count, len(body), boot, sent, key_id
    )
    tag = b""
    if device is not None:
        label = b"guitu/wristband-bin/1\0" + device.encode() + b"\0"
        tag = hmac.new(KEY, label + head + body, hashlib.sha256).digest()[:16]
    return head + struct.pack("<I", crc32c(head + body + tag)) + body + tag


def record(**raw: Any) -> bytes:
    order = (
        ("fix_time_ms", "q"),
        ("alarms", "Q"),
        ("lon_e7", "i"),
        ("lat_e7", "i"),
        ("seq", "I"),
        ("accuracy_mm", "I"),
        ("altitude_mm", "i"),
        ("speed_mmps", "I"),
        ("heading_cdeg", "H"),
        ("satellites", "B"),
        ("battery_pct", "B"),
        ("heart_rate_bpm", "H"),
        ("skin_temperature_cc", "h"),
        ("steps", "I"),
        ("present", "H"),
        ("flags", "B"),
        ("datum", "B"),
    )
    return struct.pack("<" + "".join(form for _, form in order), *(raw.get(n, 0) for n, _ in order))


FIX = {
    "fix_time_ms": T,
    "lon_e7": 1_201_551_000,
    "lat_e7": 302_741_000,
    "seq": 345,
    "accuracy_mm": 8_000,
    "altitude_mm": -12_500,
    "speed_mmps": 1_200,
    "heading_cdeg": 9_000,
    "satellites": 11,
    "battery_pct": 87,
    "present": 0b111_1111,
}
FIX_SAID = {
    "kind": "fix",
    "fix_time_ms": T,
    "boot": 12,
    "seq": 345,
    "longitude_deg": 120.1551,
    "latitude_deg": 30.2741,
    "datum": "WGS84",
    "accuracy_m": 8.0,
    "altitude_m": -12.5,
    "speed_mps": 1.2,
    "heading_deg": 90.0,
    "satellites": 11,
    "battery_pct": 87,
}
EVERYTHING = FIX | {
    "alarms": 0b1010,
    "heart_rate_bpm": 71,
    "skin_temperature_cc": -250,
    "steps": 4_000_000_000,
    "present": 0b111_1111_1111,
    "flags": 0b111,
    "datum": 2,
    "seq": 346,
}
EVERYTHING_SAID = FIX_SAID | {
    "seq": 346,
    "alarms": ["strap", "removed"],
    "heart_rate_bpm": 71,
    "skin_temperature_c": -2.5,
    "steps": 4_000_000_000,
    "valid": False,
    "backlog": True,
    "skin_contact": True,
    "datum": "BD09",
    "sent_time_ms": T + 500,
}
STATUS = {"fix_time_ms": T, "seq": 1, "battery_pct": 5, "present": 0b100_0000, "alarms": 0b1_0000}
STATUS_SAID = {
    "kind": "status",
    "fix_time_ms": T,
    "boot": 12,
    "seq": 1,
    "battery_pct": 5,
    "alarms": ["low_battery"],
}
VITALS = {"fix_time_ms": T, "seq": 2, "heart_rate_bpm": 0, "present": 0b1_1000_0000}
VITALS_SAID = {
    "kind": "vitals",
    "fix_time_ms": T,
    "boot": 12,
    "seq": 2,
    "heart_rate_bpm": 0,
    "skin_contact": False,
}
REPLY = struct.pack("<BBH", 1, 6, 6) + b"c-7Qm2" + "好的".encode()
COMMAND = struct.pack("<BBHHH", 1, 6, 0, 30, 0) + b"c-7Qm2"


def good() -> list[Any]:
    fix = frame(1, record(**FIX), boot=12)
    everything = frame(1, record(**EVERYTHING), boot=12, flags=2, sent=T + 500)
    states = frame(1, record(**STATUS) + record(**VITALS), count=2, boot=12)
    signed = frame(1, record(**FIX), boot=12, key_id=7, device="wb-000001")
    return [
        ("fix", fix, [FIX_SAID]),
        ("everything", everything, [EVERYTHING_SAID]),
        ("status-and-vitals", states, [STATUS_SAID, VITALS_SAID]),
        ("signed-with-key-7", signed, [FIX_SAID]),
        ("reply", frame(2, REPLY), [{"kind": "reply", "to": "c-7Qm2", "ok": True, "text": "好的"}]),
    ]


def bad() -> list[Any]:
    fix = record(**FIX)
    whole = frame(1, fix, boot=12)
    flipped = bytearray(whole)
    flipped[40] ^= 1
    signed = frame(1, fix, boot=12, key_id=7, device="wb-000001")
    return [
        ("magic", b"X" + whole[1:], "SyntaxDecodeError", 0),
        ("version-2", frame(1, fix, version=2), "UnsupportedError", 4),
        ("down-link-type", frame(0x81, struct.pack("<III", 1, 2, 3)), "UnsupportedError", 5),
        ("frame-flag-3", frame(1, fix, flags=8), "FieldError", 6),
        ("no-records", frame(1, b"", count=0), "FieldError", 8),
        ("two-records-in-one", frame(1, fix, count=2), "LengthError", 10),
        ("sent-without-flag", frame(1, fix, sent=1), "FieldError", 16),
        ("key-without-signature", frame(1, fix, key_id=7), "FieldError", 24),
        ("one-bit", bytes(flipped), "ChecksumError", 28),
        ("latitude", frame(1, record(**FIX | {"lat_e7": 900_000_001})), "FieldError", 32 + 20),
        (
            "second-battery",
            frame(1, fix + record(**FIX | {"battery_pct": 101}), count=2),
            "FieldError",
            32 + 56 + 43,
        ),
        ("absent-but-not-zero", frame(1, record(**STATUS | {"steps": 1})), "FieldError", 32 + 48),
        ("alarm-63", frame(1, record(**STATUS | {"alarms": 1 << 63})), "FieldError", 32 + 8),
        (
            "present-11",
            frame(1, record(**STATUS | {"present": 1 << 11, "battery_pct": 0})),
            "FieldError",
            32 + 52,
        ),
        ("skin-not-said", frame(1, record(**STATUS | {"flags": 4})), "FieldError", 32 + 54),
        ("datum-3", frame(1, record(**FIX | {"datum": 3})), "FieldError", 32 + 55),
        ("time-before-1970", frame(1, record(**FIX | {"fix_time_ms": -1})), "FieldError", 32),
        (
            "key-8-unknown",
            frame(1, fix, boot=12, key_id=8, device="wb-000001"),
            "AuthenticityError",
            32 + 56,
        ),
        (
            "of-another-device",
            frame(1, fix, key_id=7, device="wb-000002"),
            "AuthenticityError",
            32 + 56,
        ),
        ("cut-short", signed[:-1], "LengthError", 10),
    ]


def down() -> list[Any]:
    ranges = struct.pack("<IIIIII", 12, 340, 345, 12, 350, 350)
    cut = struct.pack("<BBHHH", 129, 3, 0, 0, 0) + b"c-9"
    return [
        ("ack", frame(0x81, ranges, count=2), [[12, 340, 345], [12, 350, 350]]),
        (
            "set-interval",
            frame(0x82, COMMAND),
            {"id": "c-7Qm2", "name": "set_interval", "interval_s": 30},
        ),
        ("power-off", frame(0x82, cut), {"id": "c-9", "name": "power_off"}),
    ]


def main() -> None:
    source = "made by make.py from the page's byte tables"
    made = {
        "source": source,
        "device": "wb-000001",
        "keys": {"7": KEY.hex()},
        "good": [{"name": n, "hex": f.hex(), "messages": said} for n, f, said in good()],
        "bad": [{"name": n, "hex": f.hex(), "error": e, "offset": o} for n, f, e, o in bad()],
        "down": [{"name": n, "hex": f.hex(), "says": said} for n, f, said in down()],
    }
    path = Path(__file__).with_name("frames.json")
    path.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
