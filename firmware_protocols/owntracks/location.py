"""`location`, `transition` and `steps` to reports."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from firmware_protocols.errors import FieldError
from firmware_protocols.identity import content_seq
from firmware_protocols.message import Report
from firmware_protocols.owntracks.names import (
    ALARM_BY_EVENT,
    ALARM_BY_TRIGGER,
    BATTERY_STATES,
    EXTRA_BY_NAME,
    HARSH_BY_REPORT_TYPE,
    HARSH_TRIGGER,
)

_KPH_PER_MPS: Final = 3.6
_MS_PER_S: Final = 1_000
_CELL: Final = ("mcc", "mnc", "lac", "cid")
_HEX_CELL: Final = ("lac", "cid")

Epoch = Annotated[int, Meta(ge=0, le=(1 << 43) - 1)]


class _Message(msgspec.Struct):
    """The fields that become fields of a report; -1 is what iOS says that does not know."""

    tst: Epoch
    type: str = msgspec.field(name="_type")
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    acc: Annotated[float, Meta(ge=-1, le=100_000)] | None = None
    alt: Annotated[float, Meta(ge=-1_000, le=20_000)] | None = None
    vel: Annotated[float, Meta(ge=-1, le=3_600)] | None = None
    cog: Annotated[float, Meta(ge=-1, le=360)] | None = None
    batt: Annotated[float, Meta(ge=-1, le=100)] | None = None
    steps: Annotated[int, Meta(ge=-1, le=(1 << 31) - 1)] | None = None
    created_at: Epoch | None = None
    sent: Epoch | None = None


_OWN_FIELDS: Final = frozenset(field.encode_name for field in msgspec.structs.fields(_Message))


def read_report(fields: dict[str, Any], device: str) -> Report:
    """Return the report of a `location`, `transition` or `steps`.

    Args:
        fields: The message's JSON object.
        device: Device id; empty takes the user of `topic`, else `tid`.

    Raises:
        FieldError: A field is missing, of the wrong type or out of range.
    """
    try:
        said = msgspec.convert(fields, _Message)
    except msgspec.ValidationError as error:
        raise FieldError(str(error)) from error
    has_position = said.lon is not None and said.lat is not None
    if (said.lon is None) is not (said.lat is None) or (
        said.type == "location" and not has_position
    ):
        raise FieldError("`lon` and `lat` come together: one of them is missing")
    alarms, extra = _alarms(said.type, fields), read_extra(fields, _OWN_FIELDS)
    if said.type != "location":
        extra["message"] = said.type
    sent_s = said.created_at if said.sent is None else said.sent
    heading_deg = _told(said.cog)
    speed_kph, battery = _told(said.vel), _told(said.batt)
    return Report(
        device=device or device_of(fields),
        kind="fix" if has_position else "status",
        fix_time_ms=said.tst * _MS_PER_S,
        boot=0,
        seq=said.tst if said.type == "location" else _seq(fields),
        sent_time_ms=None if sent_s is None else sent_s * _MS_PER_S,
        longitude_deg=said.lon,
        latitude_deg=said.lat,
        datum="WGS84" if has_position else None,
        accuracy_m=_told(said.acc),
        altitude_m=said.alt,
        speed_mps=None if speed_kph is None else speed_kph / _KPH_PER_MPS,
        heading_deg=None if heading_deg is None else heading_deg % 360,
        battery_pct=None if battery is None else round(battery),
        alarms=alarms,
        steps=None if said.steps is None or said.steps < 0 else said.steps,
        extra=extra,
    )


def device_of(fields: dict[str, Any]) -> str:
    """Return the device that a message names: of `owntracks/user/phone` the user, else `tid`."""
    topic = fields.get("topic")
    if isinstance(topic, str) and topic:
        match topic.split("/"):
            case ["owntracks", user, _phone, *_]:
                return user
        return topic
    tracker = fields.get("tid")
    return tracker if isinstance(tracker, str) else ""


def read_extra(fields: dict[str, Any], own: frozenset[str]) -> dict[str, Any]:
    """Return the fields that are not `own`, under our names; values as they came."""
    extra: dict[str, Any] = {}
    cell = _cell(fields)
    if cell:
        extra["cells"] = [cell]
    battery_state = _nth(BATTERY_STATES, fields.get("bs"))
    if battery_state:
        extra["battery_state"] = battery_state
    for name, value in fields.items():
        if name in own or (cell and name in _CELL) or (name == "bs" and battery_state):
            continue
        key = EXTRA_BY_NAME.get(name, name)
        extra[f"{key}_field" if key in extra else key] = value
    return extra


def _told(value: float | None) -> float | None:
    return None if value is None or value < 0 else value


def _seq(fields: dict[str, Any]) -> int:
    # A transition may have the time of a location, so its number is made of all that it says.
    return content_seq(msgspec.json.encode(fields, order="deterministic"))


def _alarms(kind: str, fields: dict[str, Any]) -> tuple[str, ...]:
    if kind == "transition":
        alarm = ALARM_BY_EVENT.get(str(fields.get("event")))
        return () if alarm is None else (alarm,)
    trigger = fields.get("t")
    if trigger == HARSH_TRIGGER:
        alarm = _nth(HARSH_BY_REPORT_TYPE, fields.get("rty"))
    else:
        alarm = ALARM_BY_TRIGGER.get(trigger) if isinstance(trigger, str) else None
    return () if alarm is None else (alarm,)


def _nth(names: Sequence[str], place: Any) -> str | None:
    is_place = isinstance(place, int) and not isinstance(place, bool)
    return names[place] if is_place and 0 <= place < len(names) else None


def _cell(fields: dict[str, Any]) -> dict[str, int] | None:
    """Return the cell of a tracker, whose lac and cid are hexadecimal texts."""
    cell: dict[str, int] = {}
    for name in _CELL:
        value = fields.get(name)
        try:
            if name in _HEX_CELL and isinstance(value, str):
                cell[name] = int(value, 16)
            elif isinstance(value, int) and not isinstance(value, bool):
                cell[name] = value
            else:
                return None
        except ValueError:
            return None
    return cell
