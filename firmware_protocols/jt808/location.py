"""The body of a position, 0x0200 and all that carry one (JT/T 808-2019 clause 8.12).

alarm u32 | status u32 | latitude u32 | longitude u32 (1e-6 degrees) | altitude m |
speed u16 (1/10 km/h) | heading u16 | time BCD[6] | items
"""

from functools import lru_cache
from struct import Struct
from struct import error as StructError  # noqa: N812  # an exception's name
from typing import Any, Final

import msgspec

from firmware_protocols.errors import FieldError, LengthError
from firmware_protocols.identity import content_seq
from firmware_protocols.jt808.bcd_time import NO_TIME, time_ms
from firmware_protocols.jt808.items import Fields
from firmware_protocols.jt808.location_words import (
    ENCRYPTED,
    FIXED,
    POSITION_STATES,
    SOUTH,
    WEST,
    names_of,
)
from firmware_protocols.jt808.profiles import Profile
from firmware_protocols.message import Datum, Heartbeat, Report

FIXED_PART: Final = Struct(">IIIIhHH6s")
"""Altitude is a WORD in the standard; below the sea it is written as a negative one."""

LOCATION_BYTES: Final = FIXED_PART.size
TIME_AT: Final = LOCATION_BYTES - 6

MAX_LOCATION_BYTES: Final = 8_192
"""Eight frames; the items of vendors' driver alarms do not come near it."""

MICRODEGREES: Final = 1_000_000
_MAX_LATITUDE: Final = 90 * MICRODEGREES
_MAX_LONGITUDE: Final = 180 * MICRODEGREES
SPEED_PER_MPS: Final = 36
"""Tenths of km/h in a metre per second."""

_LATITUDE_AT: Final = 8
_NOWHERE: Final = b"\xff" * 8
_OF_A_POSITION: Final = (
    "longitude_deg",
    "latitude_deg",
    "datum",
    "altitude_m",
    "speed_mps",
    "heading_deg",
)

_CIRCLE_DEG: Final = 360
_MS_PER_MIN: Final = 60_000


class State(msgspec.Struct, frozen=True):
    """What a status word means under a profile."""

    valid: bool
    latitude_sign: int
    longitude_sign: int
    datum: Datum
    states: tuple[str, ...]
    alarms: tuple[str, ...]
    unknown_bits: int


def decode_location(
    body: bytes,
    device: str,
    profile: Profile,
    *,
    utc_offset_min: int | None = None,
    backlog: bool = False,
) -> Report | Heartbeat:
    """Return what a position's body says.

    Without a time (all zero before the first fix) it is a Heartbeat with the alarms, for nobody
    could date the position. An alarm is heard whatever its time and position are.

    Args:
        body: The body.
        device: Device id for the record.
        profile: Its device-model profile.
        utc_offset_min: Offset of its clock where the registry knows better than the profile.
        backlog: It came among positions that were held back.

    Raises:
        LengthError: It is shorter than 28 bytes, or longer than MAX_LOCATION_BYTES.
        FieldError: Without an alarm the time is no time, or a position that is said to be valid
            lies nowhere.
    """
    if not LOCATION_BYTES <= len(body) <= MAX_LOCATION_BYTES:
        raise LengthError(
            f"a position has {LOCATION_BYTES} to {MAX_LOCATION_BYTES} bytes, not {len(body)}",
            frame=body,
            offset=0,
        )
    alarm, status, latitude, longitude, altitude, speed, heading, bcd = FIXED_PART.unpack_from(body)
    state = state_of(profile, status)
    alarms, fields = _said(body, alarm, state, profile)
    offset_min = profile.utc_offset_min if utc_offset_min is None else utc_offset_min
    fix_time_ms = _fix_time_ms(body, offset_min, has_alarm=bool(alarms))
    if fix_time_ms is None:
        return _undated(bcd, device, alarms, fields)
    report = Report(
        device=device,
        kind="fix",
        fix_time_ms=fix_time_ms,
        boot=0,
        seq=content_seq(body),
        valid=state.valid,
        longitude_deg=state.longitude_sign * longitude / MICRODEGREES,
        latitude_deg=state.latitude_sign * latitude / MICRODEGREES,
        datum=state.datum,
        altitude_m=altitude,
        speed_mps=speed / SPEED_PER_MPS,
        heading_deg=heading if heading < _CIRCLE_DEG else _odd_heading(heading, fields),
        alarms=alarms,
        backlog=backlog,
        extra=fields.extra,
        **fields.values,
    )
    if latitude > _MAX_LATITUDE or longitude > _MAX_LONGITUDE:
        return _without_position(body, report)
    return report


def _fix_time_ms(body: bytes, utc_offset_min: int, *, has_alarm: bool) -> int | None:
    bcd = body[TIME_AT:LOCATION_BYTES]
    if bcd == NO_TIME:
        return None
    try:
        return time_ms(bcd, utc_offset_min * _MS_PER_MIN, frame=body, offset=TIME_AT)
    except FieldError:
        if has_alarm:
            return None
        raise


def _undated(bcd: bytes, device: str, alarms: tuple[str, ...], fields: Fields) -> Heartbeat:
    fields.extra |= {"no_time": True} if bcd == NO_TIME else {"time_raw": bcd.hex()}
    battery_pct = fields.values.get("battery_pct")
    return Heartbeat(device=device, battery_pct=battery_pct, alarms=alarms, extra=fields.extra)


def _without_position(body: bytes, report: Report) -> Report:
    """Return the status of a terminal that fills the position with FF while it has none."""
    if report.valid and not report.alarms:
        raise FieldError(
            "latitude over 90 or longitude over 180 degrees in a valid position",
            frame=body,
            offset=_LATITUDE_AT,
        )
    raw = body[_LATITUDE_AT : _LATITUDE_AT + 8]
    if raw != _NOWHERE:
        report.extra["position_raw"] = raw.hex()
    nothing: dict[str, Any] = dict.fromkeys(_OF_A_POSITION)
    return msgspec.structs.replace(report, kind="status", **nothing)


def _odd_heading(heading: int, fields: Fields) -> int | None:
    if heading == _CIRCLE_DEG:
        return 0
    fields.extra["heading_raw"] = heading
    return None


def _said(
    body: bytes, alarm: int, state: State, profile: Profile
) -> tuple[tuple[str, ...], Fields]:
    """Return all alarms, and what words and items say besides."""
    alarms, unknown_alarms = alarms_of(profile, alarm)
    extra: dict[str, Any] = {}
    if state.states:
        extra["states"] = state.states
    if state.unknown_bits:
        extra["status_bits_unknown"] = state.unknown_bits
    if unknown_alarms:
        extra["alarm_bits_unknown"] = unknown_alarms
    fields = Fields(extra)
    if len(body) > LOCATION_BYTES:
        _read_items(body, profile, fields)
    if state.alarms or fields.alarms:
        alarms = tuple(dict.fromkeys((*alarms, *state.alarms, *fields.alarms)))
    return alarms, fields


def _read_items(body: bytes, profile: Profile, fields: Fields) -> None:
    at, end = LOCATION_BYTES, len(body)
    if profile.fixed_tail is not None and _is_read(profile.fixed_tail.read, body[at:], fields):
        return
    items = profile.items
    while at + 2 <= end:
        start = at + 2
        stop = start + body[at + 1]
        if stop > end:
            break
        key = body[at]
        item = items.get(key)
        value = body[start:stop]
        if item is None or not _is_read(item.read, value, fields):
            _keep(f"{key:02x}", value, fields)
        at = stop
    if at < end:
        # A tail that is no list of items costs nobody the position before it.
        _keep("tail", body[at:], fields)


def _is_read(read: Any, value: bytes, fields: Fields) -> bool:
    try:
        return bool(read(value, fields))
    except (StructError, ValueError, IndexError):
        return False


def _keep(key: str, value: bytes, fields: Fields) -> None:
    unknown: dict[str, str] = fields.extra.setdefault("unknown", {})
    digits = value.hex()
    unknown[key] = f"{unknown[key]},{digits}" if key in unknown else digits


@lru_cache(maxsize=4_096)
def alarms_of(profile: Profile, word: int) -> tuple[tuple[str, ...], int]:
    """Return the alarms of an alarm word, and its bits that have no name.

    Those are an alarm all the same, "general": the terminal says that something is the matter.
    """
    alarms, unnamed = names_of(word, profile.alarms)
    return ((*alarms, "general") if unnamed else alarms), unnamed


@lru_cache(maxsize=4_096)
def state_of(profile: Profile, word: int) -> State:
    """Return what a status word means under a profile."""
    rest = word & ~POSITION_STATES
    alarms, rest = names_of(rest, profile.state_alarms)
    states, rest = names_of(rest, profile.states)
    return State(
        valid=bool(word & FIXED),
        latitude_sign=-1 if word & SOUTH else 1,
        longitude_sign=-1 if word & WEST else 1,
        datum=profile.encrypted_datum if word & ENCRYPTED else "WGS84",
        states=states,
        alarms=alarms,
        unknown_bits=rest,
    )
