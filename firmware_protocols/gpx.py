"""GPX 1.0 and 1.1 track points, read with expat; a DTD, and with it any entity, is refused.

Source: GPX 1.1 schema (topografix.com/GPX/1/1); `speed` (m/s) and `course` (degrees) are GPX 1.0
elements that 1.1 files carry in extensions under the same names.
"""

from collections.abc import Iterator
from typing import Final, NoReturn
from xml.parsers import expat

from firmware_protocols.errors import TrackFileError

_FIELDS: Final = {
    "ele": "altitude_m",
    "time": "fix_time",
    "speed": "speed_mps",
    "course": "heading_deg",
}
_MAX_VALUE_CHARS: Final = 64
"""The longest time stamp has 35 characters; more in one element is an attack or a mistake."""

_Row = tuple[int, dict[str, str]]


def parse_gpx(text: str, name: str) -> Iterator[_Row]:
    """Yield (line, values by the names of `TrackPoint`) for each `trkpt`; values are text.

    Raises:
        TrackFileError: Not well-formed, a DTD in it, or a `trkpt` without lon, lat or time.
    """
    handler = _Handler(name)
    try:
        # A declared encoding counts for bytes only; this is text already.
        handler.parser.Parse(text, True)  # noqa: FBT003 - expat takes it by position
    except expat.ExpatError as error:
        raise TrackFileError(name, error.lineno, f"not XML: {error}") from error
    yield from handler.rows


class _Handler:
    """Collects the rows; expat calls it for each element."""

    def __init__(self, name: str) -> None:
        self.rows: list[_Row] = []
        self._name = name
        self._point: dict[str, str] | None = None
        self._line = 0
        self._field: str | None = None
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.CharacterDataHandler = self._characters
        self.parser.EndElementHandler = self._end

    def _refuse_doctype(self, *_declaration: object) -> None:
        self._fail("a DTD (<!DOCTYPE ...>) is not allowed")

    def _start(self, element: str, attributes: dict[str, str]) -> None:
        local = element.rpartition(" ")[2]
        if local == "trkpt":
            self._line = self.parser.CurrentLineNumber
            self._point = {
                "longitude_deg": attributes.get("lon", ""),
                "latitude_deg": attributes.get("lat", ""),
            }
        self._field = _FIELDS.get(local) if self._point is not None else None

    def _characters(self, characters: str) -> None:
        if self._point is None or self._field is None:
            return
        value = self._point.get(self._field, "") + characters
        if len(value) > _MAX_VALUE_CHARS:
            self._fail(f"{self._field} of more than {_MAX_VALUE_CHARS} characters")
        self._point[self._field] = value

    def _end(self, element: str) -> None:
        self._field = None
        if element.rpartition(" ")[2] != "trkpt" or self._point is None:
            return
        if not self._point.get("fix_time", "").strip():
            self._fail("a trkpt without time")
        self.rows.append((self._line, self._point))
        self._point = None

    def _fail(self, detail: str) -> NoReturn:
        raise TrackFileError(self._name, self.parser.CurrentLineNumber, detail)
