"""Seeded messages of wristbands as they come from the field, in each protocol's own bytes."""

import random
from datetime import UTC, datetime, timedelta
from struct import pack
from typing import Final

from firmware_protocols.checksum import xor8
from firmware_protocols.message import Report

MESSAGES: Final = 50
REPORTS: Final = 400
"""In one message: a backlog of an hour at one fix in ten seconds, 53 kB of JSON."""

_START_MS: Final = 1_795_312_923_000
_INTERVAL_MS: Final = 10_000
_BEIJING: Final = timedelta(hours=8)


def batches(seed: int) -> list[list[Report]]:
    """Return MESSAGES times REPORTS reports.

    Every one has a position, one in ten what the wristband measures of its wearer, one in a
    hundred an alarm.
    """
    dice = random.Random(seed)  # noqa: S311  # a benchmark's input, no secret
    return [[_report(dice, boot, seq) for seq in range(REPORTS)] for boot in range(1, MESSAGES + 1)]


def _report(dice: random.Random, boot: int, seq: int) -> Report:
    is_measured = seq % 10 == 0
    return Report(
        device="",
        kind="fix",
        fix_time_ms=_START_MS + seq * _INTERVAL_MS,
        boot=boot,
        seq=seq,
        longitude_deg=round(dice.uniform(119.5, 120.5), 7),
        latitude_deg=round(dice.uniform(28.0, 29.0), 7),
        datum="WGS84",
        accuracy_m=round(dice.uniform(3, 30), 1),
        altitude_m=round(dice.uniform(0, 300), 1),
        speed_mps=round(dice.uniform(0, 15), 2),
        heading_deg=round(dice.uniform(0, 359), 1),
        satellites=dice.randint(5, 20),
        battery_pct=dice.randint(20, 100),
        alarms=("low_battery",) if dice.random() < 0.01 else (),
        skin_contact=True if is_measured else None,
        heart_rate_bpm=dice.randint(50, 120) if is_measured else None,
        skin_temperature_c=round(dice.uniform(30, 36), 1) if is_measured else None,
        steps=dice.randint(0, 20_000) if is_measured else None,
    )


def jt808_frames(seed: int) -> list[bytes]:
    """Return as many JT/T 808-2013 frames 0x0200, with mileage, signal and satellites.

    Bytes are put together here, not by the codec's own encoder.
    """
    dice = random.Random(seed)  # noqa: S311  # likewise
    phone = bytes.fromhex("013912345678")
    frames = []
    for serial in range(MESSAGES * REPORTS):
        fixed_at = datetime.fromtimestamp(_START_MS // 1_000 + serial, UTC) + _BEIJING
        body = pack(
            ">IIIIHHH6s",
            0b1 if dice.random() < 0.01 else 0,
            0b11,
            dice.randint(28_000_000, 29_000_000),
            dice.randint(119_500_000, 120_500_000),
            dice.randint(0, 300),
            dice.randint(0, 500),
            dice.randint(0, 359),
            bytes.fromhex(f"{fixed_at:%y%m%d%H%M%S}"),
        )
        body += pack(">BBI", 0x01, 4, dice.randint(0, 1 << 20))
        body += bytes((0x30, 1, dice.randint(0, 31), 0x31, 1, dice.randint(4, 20)))
        content = pack(">HH6sH", 0x0200, len(body), phone, serial & 0xFFFF) + body
        content += bytes((xor8(content),))
        escaped = content.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")
        frames.append(b"\x7e" + escaped + b"\x7e")
    return frames
