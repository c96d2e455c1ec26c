"""Named values of a frame to a record, and back."""

from collections.abc import Mapping
from typing import Any, Final

from firmware_protocols.alarm import alarms_to_mask, mask_to_alarms
from firmware_protocols.errors import FieldError
from firmware_protocols.gt06.alarms import ALARM_CODES
from firmware_protocols.gt06.fields import Values
from firmware_protocols.gt06.layout import Layout
from firmware_protocols.gt06.profiles import Profile
from firmware_protocols.message import Heartbeat, Login, Media, Report

_IMEI_DIGITS: Final = 15
_OFFSET_HOURS_MAX: Final = 14
_MINUTES: Final = 60
_PERCENT_MAX: Final = 100

FIX_FIELDS: Final[tuple[str, ...]] = (
    "fix_time_ms",
    "sent_time_ms",
    "valid",
    "longitude_deg",
    "latitude_deg",
    "accuracy_m",
    "altitude_m",
    "speed_mps",
    "heading_deg",
    "satellites",
    "battery_pct",
    "backlog",
    "steps",
)
"""Values that are fields of a Report; the others go to `extra`."""

_BEAT_FIELDS: Final[tuple[str, ...]] = ("battery_pct", "steps")
_EVENTS: Final = "events"
_CARD_ALARM: Final = "card_alarm"


def codes_of(layout: Layout, profile: Profile) -> Mapping[int, str]:
    """Return what a layout's alarm numbers mean on a device model."""
    if layout.codes is ALARM_CODES and profile.alarm_codes:
        return {**layout.codes, **profile.alarm_codes}
    return layout.codes


def alarms_of(values: Mapping[str, Any], layout: Layout, profile: Profile) -> tuple[str, ...]:
    """Return every alarm that the values say, in the order of their bits."""
    codes = codes_of(layout, profile)
    numbers = [values.get("alarm_code", 0)]
    numbers += [row["event"] for row in values.get(_EVENTS, ()) if "event" in row]
    names = {codes.get(number) for number in numbers}
    names.add(layout.status_alarms.get(values.get("status_alarm", 0)))
    if values.get(_CARD_ALARM):
        names.add("general")
    return mask_to_alarms(alarms_to_mask(name for name in names if name))


def to_record(
    values: Values, layout: Layout, profile: Profile, *, device: str, seq: int
) -> Report | Heartbeat:
    """Return the report, or, when it has no time of its own, the heartbeat.

    Args:
        values: What the frame says; taken apart.
        layout: The frame's layout.
        profile: Device model.
        device: Device id.
        seq: Sequence number of a report.
    """
    alarms = alarms_of(values, layout, profile)
    for name in ("alarm_code", "status_alarm"):
        if not values.get(name):
            values.pop(name, None)
    _tidy(values)
    if "fix_time_ms" not in values:
        beat = {name: values.pop(name) for name in _BEAT_FIELDS if name in values}
        return Heartbeat(device=device, alarms=alarms, extra=values, **beat)
    named: dict[str, Any] = {name: values.pop(name) for name in FIX_FIELDS if name in values}
    is_fix = "longitude_deg" in named
    return Report(
        device=device,
        kind="fix" if is_fix else "status",
        boot=0,
        seq=seq,
        datum="WGS84" if is_fix else None,
        alarms=alarms,
        extra=values,
        **named,
    )


def _tidy(values: Values) -> None:
    """Leave out what the device does not know, and claim no more than it says."""
    if values.get("battery_pct", 0) > _PERCENT_MAX:
        values["battery_raw"] = values.pop("battery_pct")
    # A radius of nothing is one that the device does not know.
    if values.get("accuracy_m") == 0:
        del values["accuracy_m"]
    if "altitude_m" in values:
        values["altitude_m"] = float(values["altitude_m"])
    if "fix_time_ms" not in values and "sent_time_ms" in values:
        values["fix_time_ms"] = values["sent_time_ms"]


def to_login(values: Values, *, device: str, body: bytes) -> Login:
    """Return the login; FieldError, with the body, when the IMEI is none."""
    imei = values.pop("imei", "")
    if len(imei) != _IMEI_DIGITS or not imei.isdecimal():
        raise FieldError(
            f"login with {imei!r} instead of an IMEI of {_IMEI_DIGITS} digits", frame=body, offset=0
        )
    offset = None
    if "utc_offset_hhmm" in values:
        hours, minutes = divmod(values["utc_offset_hhmm"], 100)
        if hours <= _OFFSET_HOURS_MAX and minutes < _MINUTES:
            offset = (hours * _MINUTES + minutes) * (-1 if values["is_west"] else 1)
            del values["utc_offset_hhmm"], values["is_west"]
    return Login(
        device=device or imei,
        step="login",
        terminal=imei,
        imei=imei,
        utc_offset_min=offset,
        extra=values,
    )


def login_values(login: Login) -> Values:
    """Return the values of a login; FieldError when they do not fit."""
    if len(login.terminal) != _IMEI_DIGITS or not login.terminal.isdecimal():
        raise FieldError(f"terminal {login.terminal!r} is no IMEI of {_IMEI_DIGITS} digits")
    values = dict(login.extra)
    values["imei"] = "0" + login.terminal
    if login.utc_offset_min is not None:
        hours, minutes = divmod(abs(login.utc_offset_min), _MINUTES)
        if hours > _OFFSET_HOURS_MAX:
            raise FieldError(f"utc_offset_min {login.utc_offset_min} is beyond 14 hours")
        values["utc_offset_hhmm"] = hours * 100 + minutes
        values["is_west"] = login.utc_offset_min < 0
        values.setdefault("terminal_type", "0000")
    return values


def to_media(values: Values, *, device: str) -> Media:
    """Return the entry of a picture or of a part of it."""
    return Media(
        device=device,
        media=str(values.pop("media")),
        media_type="image" if values.get("media_kind", 0) == 0 else "other",
        begin_time_ms=values.pop("fix_time_ms", None),
        size_bytes=values.pop("size_bytes", None),
        payload=values.pop("payload", None),
        extra=values,
    )


def media_values(media: Media) -> Values:
    """Return the values of a media entry; FieldError when its id is no number."""
    if not media.media.isdecimal():
        raise FieldError(f"media {media.media!r} is no number")
    named = {
        "fix_time_ms": media.begin_time_ms,
        "size_bytes": media.size_bytes,
        "payload": media.payload,
    }
    values = {name: value for name, value in named.items() if value is not None}
    return {**media.extra, **values, "media": int(media.media)}


def report_values(message: Report | Heartbeat, layout: Layout, profile: Profile) -> Values:
    """Return the values of a report or heartbeat; FieldError when its alarms find no place."""
    names = FIX_FIELDS if isinstance(message, Report) else _BEAT_FIELDS
    values = dict(message.extra)
    for name in names:
        value = getattr(message, name)
        if value is not None:
            values[name] = value
    places = {"alarm_code": codes_of(layout, profile), "status_alarm": layout.status_alarms}
    # What only the alarm number can say takes it before what the status bits can say as well.
    for alarm in sorted(message.alarms, key=lambda name: name in layout.status_alarms.values()):
        if alarm in alarms_of(values, layout, profile):
            continue
        for name, table in places.items():
            number = next((code for code, meant in table.items() if meant == alarm), None)
            if number is not None and not values.get(name):
                values[name] = number
                break
    return values
