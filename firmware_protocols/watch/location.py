"""The body of UD, AL and WT (Appendix I) to a report, and back."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from firmware_protocols.errors import FieldError
from firmware_protocols.identity import content_seq
from firmware_protocols.message import Report
from firmware_protocols.watch.frame import Frame, escape
from firmware_protocols.watch.profiles import Profile
from firmware_protocols.watch.surroundings import read_surroundings, write_surroundings
from firmware_protocols.watch.words import ALARM_WORD, BACKLOG_WORD

# Places of the values, from 0.
(
    _DATE, _TIME, _VALIDITY, _LATITUDE, _NORTH_SOUTH, _LONGITUDE, _EAST_WEST, _SPEED, _COURSE,
    _ALTITUDE, _SATELLITES, _SIGNAL, _BATTERY, _STEPS, _TUMBLES, _STATUS, _SURROUNDINGS,
) = range(17)  # fmt: skip

_NUMBER: Final = re.compile(r"-?\d{1,9}(\.\d{0,12})?")
_STATUS_WORD: Final = re.compile(r"[0-9A-Fa-f]{1,8}")
_KPH_PER_MPS: Final = 3.6
_MS_PER_S: Final = 1_000
_COURSE_MAX_DEG: Final = 360
_PERCENT_MAX: Final = 100
_LATITUDE_MAX_DEG: Final = 90
_LONGITUDE_MAX_DEG: Final = 180


def read_location(
    frame: Frame, device: str, profile: Profile, utc_offset_min: int, extra: dict[str, Any]
) -> Report:
    """Return the report of a location frame.

    Args:
        frame: Its word begins with UD, AL or WT.
        device: Device id for the report.
        profile: Meaning of the status bits.
        utc_offset_min: What its clock is ahead of UTC, minutes.
        extra: What the frame's header says.

    Raises:
        FieldError: A value is missing, malformed or outside its range.
    """
    body = frame.values or b""
    fields = body.split(b",")
    if len(fields) < _SURROUNDINGS:
        raise FieldError(f"`{frame.word}` has {len(fields)} values, at least {_SURROUNDINGS}")
    texts = [field.decode("latin-1").strip() for field in fields[:_SURROUNDINGS]]
    if texts[_VALIDITY] not in ("A", "V"):
        raise FieldError(f"validity {texts[_VALIDITY]!r} is not A or V")
    status, alarms = read_status(frame.word, texts[_STATUS], profile)
    surroundings, accuracy_m = read_surroundings(fields[_SURROUNDINGS:])
    said = extra | status | surroundings
    latitude_deg = _coordinate(texts, _LATITUDE, ("N", "S"), _LATITUDE_MAX_DEG, said)
    longitude_deg = _coordinate(texts, _LONGITUDE, ("E", "W"), _LONGITUDE_MAX_DEG, said)
    speed_kph = _number(texts, _SPEED, "speed")
    heading_deg = _within(texts, _COURSE, "course", _COURSE_MAX_DEG, said)
    battery_pct = _within(texts, _BATTERY, "battery", _PERCENT_MAX, said)
    for place, name in ((_SIGNAL, "signal_pct"), (_TUMBLES, "tumbles")):
        if texts[place]:
            said[name] = _whole(texts, place, name)
    return Report(
        device=device,
        kind="fix",
        fix_time_ms=read_time(texts[_DATE], texts[_TIME], utc_offset_min),
        boot=0,
        seq=content_seq(f"{frame.word[:2]},".encode() + body),
        valid=texts[_VALIDITY] == "A",
        longitude_deg=longitude_deg,
        latitude_deg=latitude_deg,
        datum="WGS84",
        accuracy_m=accuracy_m,
        altitude_m=_number(texts, _ALTITUDE, "altitude"),
        speed_mps=None if speed_kph is None else speed_kph / _KPH_PER_MPS,
        heading_deg=None if heading_deg is None else heading_deg % _COURSE_MAX_DEG,
        satellites=_whole(texts, _SATELLITES, "satellites"),
        battery_pct=None if battery_pct is None else int(battery_pct),
        alarms=alarms,
        backlog=frame.word.startswith(BACKLOG_WORD),
        steps=_whole(texts, _STEPS, "steps"),
        extra=said,
    )


def read_status(word: str, text: str, profile: Profile) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the status word for extra, and all its alarms.

    An AL frame without an alarm bit is an alarm all the same: the fence states tell why, else it
    is a general one.

    Raises:
        FieldError: It is not hexadecimal.
    """
    if not _STATUS_WORD.fullmatch(text):
        raise FieldError(f"status {text!r} is not 1 to 8 hexadecimal digits")
    bits = int(text, 16)
    states = [name for bit, name in profile.states.items() if bits >> bit & 1]
    alarms = [name for bit, name in profile.alarms.items() if bits >> bit & 1]
    if "low_battery" in states:
        alarms.append("low_battery")
    if word.startswith(ALARM_WORD) and not alarms:
        fence = {"outside_fence": "fence_exit", "inside_fence": "fence_enter"}
        alarms = [fence[state] for state in states if state in fence] or ["general"]
    said: dict[str, Any] = {"status_bits": text.upper()}
    if states:
        said["states"] = states
    return said, tuple(dict.fromkeys(alarms))


def read_time(date: str, time: str, utc_offset_min: int) -> int:
    """Return ddmmyy and hhmmss as milliseconds since 1970 UTC.

    Raises:
        FieldError: There is no such moment.
    """
    if not re.fullmatch(r"[0-9]{12}", date + time):
        raise FieldError(f"time {date!r}, {time!r} is not ddmmyy, hhmmss")
    day, month, year, hour, minute, second = (int(pair) for pair in re.findall(r"..", date + time))
    try:
        moment = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise FieldError(f"time {date!r}, {time!r}: {error}") from error
    return int((moment - timedelta(minutes=utc_offset_min)).timestamp()) * _MS_PER_S


def write_location(report: Report, profile: Profile, utc_offset_min: int) -> bytes:
    """Return the body of a report with a position; alarms that have no bit are left out.

    Raises:
        FieldError: It has no WGS-84 position.
    """
    if report.longitude_deg is None or report.latitude_deg is None or report.datum != "WGS84":
        raise FieldError("a watch sends WGS-84 positions only")
    moment = datetime.fromtimestamp(report.fix_time_ms // _MS_PER_S, UTC)
    moment += timedelta(minutes=utc_offset_min)
    extra = report.extra
    fields = [
        f"{moment:%d%m%y}",
        f"{moment:%H%M%S}",
        "A" if report.valid else "V",
        f"{abs(report.latitude_deg):.7f}",
        "S" if report.latitude_deg < 0 else "N",
        f"{abs(report.longitude_deg):.7f}",
        "W" if report.longitude_deg < 0 else "E",
        _shown(None if report.speed_mps is None else report.speed_mps * _KPH_PER_MPS),
        _shown(report.heading_deg),
        _shown(report.altitude_m),
        _shown(report.satellites),
        _shown(extra.get("signal_pct")),
        _shown(report.battery_pct),
        _shown(report.steps),
        _shown(extra.get("tumbles")),
        extra.get("status_bits") or _status_of(report.alarms, profile),
        *write_surroundings(extra, report.accuracy_m),
    ]
    return b",".join(escape(field.encode()) for field in fields)


def _status_of(alarms: tuple[str, ...], profile: Profile) -> str:
    bits = {name: bit for bit, name in reversed(tuple(profile.alarms.items()))}
    return f"{sum(1 << bits[name] for name in alarms if name in bits):08X}"


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


def _coordinate(
    texts: list[str], place: int, letters: tuple[str, str], limit_deg: int, extra: dict[str, Any]
) -> float:
    value = _number(texts, place, "coordinate")
    if value is None or abs(value) > limit_deg:
        raise FieldError(f"coordinate {texts[place]!r} is not within {limit_deg} degrees")
    positive, negative = letters
    letter = texts[place + 1]
    if letter not in ("", positive, negative):
        raise FieldError(f"hemisphere {letter!r} is not {positive} or {negative}")
    if letter == "" or (value < 0 and letter == positive):
        # The sign is all that is left to go by.
        extra["tolerated"] = sorted({*extra.get("tolerated", []), "hemisphere"})
    return -abs(value) if letter == negative else value


def _number(texts: list[str], place: int, name: str) -> float | None:
    text = texts[place]
    if not text:
        return None
    if not (text.isascii() and _NUMBER.fullmatch(text)):
        raise FieldError(f"{name} {text!r} is not a number")
    return float(text)


def _whole(texts: list[str], place: int, name: str) -> int | None:
    value = _number(texts, place, name)
    if value is not None and value < 0:
        raise FieldError(f"{name} {texts[place]!r} is negative")
    return None if value is None else int(value)


def _within(
    texts: list[str], place: int, name: str, limit: int, extra: dict[str, Any]
) -> float | None:
    """Return a number of 0 ... limit; another one is kept in extra as it came."""
    value = _number(texts, place, name)
    if value is not None and not 0 <= value <= limit:
        extra[f"{name}_raw"] = texts[place]
        return None
    return value
