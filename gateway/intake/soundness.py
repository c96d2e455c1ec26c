"""What every report must hold to, whichever codec it came by; and heartbeats as reports."""

from typing import Final

import msgspec

from firmware_protocols.message import Heartbeat, Report
from gateway.intake.refusal import Refusal

HEARTBEAT_BOOT: Final = 1 << 33
"""Boot number of reports made of heartbeats; no codec's reaches it (docs/wire/uplink-v1.md)."""

_MEASURES: Final = ("heart_rate_bpm", "skin_temperature_c", "skin_contact")

NUMBER_BITS: Final = 62
MAX_LON_DEG: Final = 180.0
MAX_LAT_DEG: Final = 90.0
FULL_PCT: Final = 100


def sound(report: Report) -> Report:
    """Return the report without what cannot be: a position elsewhere, a battery over 100 %.

    A position that the device itself calls invalid is dropped with everything that belongs to it.

    Raises:
        Refusal: Its numbers or its position are out of range.
    """
    if (report.boot | report.seq) >> NUMBER_BITS:
        detail = f"boot {report.boot} or seq {report.seq} is not 0 to 2^{NUMBER_BITS}"
        raise Refusal("field", detail, keep_bytes=True)
    battery = report.battery_pct
    if battery is not None and not 0 <= battery <= FULL_PCT:
        report = msgspec.structs.replace(report, battery_pct=None)
    if report.longitude_deg is None or report.latitude_deg is None:
        return report
    if not report.valid:
        return msgspec.structs.replace(
            report,
            kind="status",
            longitude_deg=None,
            latitude_deg=None,
            datum=None,
            accuracy_m=None,
            altitude_m=None,
            speed_mps=None,
            heading_deg=None,
        )
    if not (abs(report.longitude_deg) <= MAX_LON_DEG and abs(report.latitude_deg) <= MAX_LAT_DEG):
        raise Refusal("field", "the position is not on the globe", keep_bytes=True)
    return report


def says_state(heartbeat: Heartbeat) -> bool:
    """Return whether a heartbeat tells more than that the link is there."""
    return bool(
        heartbeat.alarms
        or heartbeat.battery_pct is not None
        or any(name in heartbeat.extra for name in _MEASURES)
    )


def report_of_heartbeat(heartbeat: Heartbeat, received_at_us: int, nth: int) -> Report:
    """Return the status that a heartbeat is, at the time of its arrival.

    Measures without a time of their own come as heartbeats, under Report's names in `extra`.

    Args:
        heartbeat: The heartbeat.
        received_at_us: Our clock.
        nth: Place in its message: two of them differ in `seq`.
    """
    return Report(
        device=heartbeat.device,
        kind="status",
        fix_time_ms=received_at_us // 1_000,
        boot=HEARTBEAT_BOOT,
        seq=received_at_us + nth,
        battery_pct=heartbeat.battery_pct,
        steps=heartbeat.steps,
        alarms=heartbeat.alarms,
        **{name: heartbeat.extra[name] for name in _MEASURES if name in heartbeat.extra},
    )
