"""Track files to track points: CSV, GPX and Geolife PLT. Pure: takes the text, not the file.

Positions are WGS-84: GPX and Geolife say so themselves, a CSV must be. Points come back in the
order of the file; repeated times and jumps stay as they are, they are what a track is read for.

    .csv  a header, then rows: fix_time,longitude_deg,latitude_deg and optionally accuracy_m,
          altitude_m, speed_mps, heading_deg; short names t, lon, lat, acc, alt, spd, hdg. A time
          is RFC 3339 with a zone, or whole milliseconds since 1970 UTC.
    .gpx  GPX 1.0 or 1.1 track points (`trkpt`) with `time`; `ele`, `speed`, `course` where given.
    .plt  Geolife: six header lines, then lat,lon,0,altitude_ft,days,date,time in GMT;
          altitude -777 means that there is none.
"""

import csv
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from firmware_protocols.errors import TrackFileError
from firmware_protocols.gpx import parse_gpx
from firmware_protocols.message import Report

MAX_TEXT_CHARS: Final = 64 * 1024 * 1024
"""A year of fixes every ten seconds; a larger text would only fill the memory."""

_METRES_PER_FOOT: Final = 0.3048
_NO_ALTITUDE_FT: Final = -777.0
_PLT_HEADER_LINES: Final = 6
_PLT_FIELDS: Final = 7
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_ALIASES: Final = {
    "t": "fix_time",
    "lon": "longitude_deg",
    "lat": "latitude_deg",
    "acc": "accuracy_m",
    "alt": "altitude_m",
    "spd": "speed_mps",
    "hdg": "heading_deg",
}
_REQUIRED: Final = ("fix_time", "longitude_deg", "latitude_deg")
_RANGES: Final[dict[str, tuple[float, float]]] = {
    "longitude_deg": (-180.0, 180.0),
    "latitude_deg": (-90.0, 90.0),
    "accuracy_m": (0.0, 100_000.0),
    "altitude_m": (-1_000.0, 20_000.0),
    "speed_mps": (0.0, 1_000.0),
    "heading_deg": (0.0, 360.0),
}


class TrackPoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One point of a track, WGS-84; what the file does not say is None.

    Attributes:
        fix_time_ms: Milliseconds since 1970 UTC.
        longitude_deg: Degrees, x.
        latitude_deg: Degrees, y.
        accuracy_m: Radius of the 68 % error circle, metres.
        altitude_m: Height, metres.
        speed_mps: Ground speed, metres per second.
        heading_deg: Course over ground, 0 <= heading < 360.
    """

    fix_time_ms: int
    longitude_deg: float
    latitude_deg: float
    accuracy_m: float | None = None
    altitude_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None


_Row = tuple[int, dict[str, str]]
"""A line of the file, counted from 1, and its values by the names of `TrackPoint`."""


def report_of(point: TrackPoint, *, device: str, boot: int, seq: int, shift_ms: int) -> Report:
    """Return the report of a device that is at a point of a track.

    Args:
        point: The point.
        device: Device id.
        boot: Boot counter.
        seq: Sequence number.
        shift_ms: Added to the point's time.
    """
    return Report(
        device=device,
        kind="fix",
        fix_time_ms=point.fix_time_ms + shift_ms,
        boot=boot,
        seq=seq,
        longitude_deg=point.longitude_deg,
        latitude_deg=point.latitude_deg,
        datum="WGS84",
        accuracy_m=point.accuracy_m,
        altitude_m=point.altitude_m,
        speed_mps=point.speed_mps,
        heading_deg=point.heading_deg,
    )


def read_track(text: str, *, name: str) -> list[TrackPoint]:
    """Return the points of a track file, in the order of the file.

    Args:
        text: The whole file, decoded.
        name: Its name; the ending (.csv, .gpx, .plt) says the format, and errors cite it.

    Raises:
        TrackFileError: Unknown ending, too long, no points, or a line that does not hold to the
            format; the text names the line.
    """
    rows_of = _FORMATS.get(name[name.rfind(".") :].lower())
    if rows_of is None:
        raise TrackFileError(name, 0, f"the ending is not one of {', '.join(_FORMATS)}")
    if len(text) > MAX_TEXT_CHARS:
        raise TrackFileError(name, 0, f"{len(text)} characters, at most {MAX_TEXT_CHARS}")
    points = [_point(name, row) for row in rows_of(text.removeprefix("\ufeff"), name)]
    if not points:
        raise TrackFileError(name, 0, "no track point in it")
    return points


def _csv_rows(text: str, name: str) -> Iterator[_Row]:
    reader = csv.reader(text.splitlines(), strict=True)
    header: list[str] | None = None
    try:
        for values in reader:
            if not values:
                continue
            if header is None:
                header = _csv_header(values, name, reader.line_num)
            elif len(values) != len(header):
                detail = f"{len(values)} values, the header has {len(header)}"
                raise TrackFileError(name, reader.line_num, detail)
            else:
                yield reader.line_num, dict(zip(header, values, strict=True))
    except csv.Error as error:
        raise TrackFileError(name, reader.line_num, f"not CSV: {error}") from error


def _csv_header(values: list[str], name: str, line: int) -> list[str]:
    header = [_ALIASES.get(value.strip(), value.strip()) for value in values]
    missing = [column for column in _REQUIRED if column not in header]
    if missing or len(set(header)) != len(header):
        fault = f"lacks {', '.join(missing)}" if missing else "names a column twice"
        raise TrackFileError(
            name, line, f"the header {fault}; wanted {','.join(_REQUIRED)} (or t,lon,lat)"
        )
    return header


def _plt_rows(text: str, name: str) -> Iterator[_Row]:
    lines = text.splitlines()
    if len(lines) < _PLT_HEADER_LINES or lines[1].strip() != "WGS 84":
        raise TrackFileError(name, 2, "not a Geolife PLT: line 2 is to say `WGS 84`")
    for line, content in enumerate(lines[_PLT_HEADER_LINES:], _PLT_HEADER_LINES + 1):
        if not content.strip():
            continue
        values = content.split(",")
        if len(values) != _PLT_FIELDS:
            raise TrackFileError(name, line, f"{len(values)} values, {_PLT_FIELDS} wanted")
        row = {
            "latitude_deg": values[0],
            "longitude_deg": values[1],
            "fix_time": f"{values[5].strip()}T{values[6].strip()}+00:00",
        }
        altitude_ft = _number(name, line, "altitude_ft", values[3])
        if altitude_ft != _NO_ALTITUDE_FT:
            row["altitude_m"] = str(altitude_ft * _METRES_PER_FOOT)
        yield line, row


_FORMATS: Final[dict[str, Callable[[str, str], Iterator[_Row]]]] = {
    ".csv": _csv_rows,
    ".gpx": parse_gpx,
    ".plt": _plt_rows,
}


def _point(name: str, row: _Row) -> TrackPoint:
    line, values = row
    scaled = {
        column: _in_range(name, line, column, values[column])
        for column in _RANGES
        if values.get(column, "").strip()
    }
    for column in _REQUIRED[1:]:
        if column not in scaled:
            raise TrackFileError(name, line, f"{column} is empty")
    if "heading_deg" in scaled:
        scaled["heading_deg"] %= 360.0
    return TrackPoint(fix_time_ms=_time_ms(name, line, values["fix_time"]), **scaled)


def _in_range(name: str, line: int, column: str, text: str) -> float:
    value = _number(name, line, column, text)
    low, high = _RANGES[column]
    if not low <= value <= high:
        raise TrackFileError(name, line, f"{column} {value:g} is outside {low:g} to {high:g}")
    return value


def _number(name: str, line: int, column: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise TrackFileError(name, line, f"{column} {text[:40]!r} is not a number")
    return value


def _time_ms(name: str, line: int, text: str) -> int:
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) <= len("9999999999999"):
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        detail = f"fix_time {text[:40]!r} is neither RFC 3339 with a zone nor ms since 1970"
        raise TrackFileError(name, line, detail)
    milliseconds = (moment - _EPOCH).total_seconds() * 1_000
    if milliseconds < 0:
        raise TrackFileError(name, line, f"fix_time {text[:40]!r} is before 1970")
    return round(milliseconds)
