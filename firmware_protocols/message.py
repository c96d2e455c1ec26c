"""What every codec decodes to: one report, in SI units and UTC, absent means absent.

A report is one row of telemetry: a position (`kind` "fix") or a device state without one
(`kind` "status"). The names are those of `guitu decode` and of `docs/protocols/`.
"""

from typing import Final, Literal

import msgspec

Datum = Literal["WGS84", "GCJ02", "BD09"]
Kind = Literal["fix", "status"]

ALARM_BITS: Final[dict[str, int]] = {
    "sos": 1 << 0,
    "strap": 1 << 1,
    "case": 1 << 2,
    "removed": 1 << 3,
    "low_battery": 1 << 4,
    "charging": 1 << 5,
    "fall": 1 << 6,
    "jamming": 1 << 7,
}
"""Alarm names and their bit in every columnar form (journal, Arrow, database).

Bits are never reused; a new alarm takes the next free one.
"""

URGENT_ALARMS: Final = ALARM_BITS["sos"] | ALARM_BITS["strap"] | ALARM_BITS["case"]


def alarms_to_mask(alarms: tuple[str, ...]) -> int:
    """Return the bit mask of alarm names; an unknown name raises KeyError."""
    mask = 0
    for name in alarms:
        mask |= ALARM_BITS[name]
    return mask


def mask_to_alarms(mask: int) -> tuple[str, ...]:
    """Return the alarm names of a bit mask, in bit order."""
    return tuple(name for name, bit in ALARM_BITS.items() if mask & bit)


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of telemetry.

    Attributes:
        device: Pseudonymous device id.
        kind: "fix" has a position, "status" has none.
        fix_time_ms: The device's claim of when, milliseconds since 1970 UTC.
        boot: Device boot counter; (device, boot, seq) names a report for ever.
        seq: Sequence number within the boot.
        longitude_deg: Longitude in `datum`, degrees, x.
        latitude_deg: Latitude in `datum`, degrees, y.
        datum: Datum of the position.
        accuracy_m: Radius of the 68 % error circle, metres.
        altitude_m: Height, metres, as the device gives it.
        speed_mps: Ground speed, metres per second.
        heading_deg: Course over ground, degrees clockwise from north.
        satellites: Satellites used.
        battery_pct: Charge, percent.
        alarms: Names from ALARM_BITS.
        backlog: The device says that it held this report back.
    """

    device: str
    kind: Kind
    fix_time_ms: int
    boot: int
    seq: int
    longitude_deg: float | None = None
    latitude_deg: float | None = None
    datum: Datum | None = None
    accuracy_m: float | None = None
    altitude_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None
    satellites: int | None = None
    battery_pct: int | None = None
    alarms: tuple[str, ...] = ()
    backlog: bool = False
