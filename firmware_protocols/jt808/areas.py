"""Areas that the terminal itself watches: 0x8600-0x8605 and 0x8608 (JT/T 808-2019, 8.40 ff).

A setting's body has attributes first; the fields that they announce follow where they are set.
"""

from typing import ClassVar, Final, Literal, Self

import msgspec

from firmware_protocols.errors import FieldError
from firmware_protocols.jt808.area_rules import (
    AreaRule,
    Period,
    Point,
    SpeedLimit,
    attribute_word,
    read_name,
    read_night,
    read_period,
    read_point,
    read_speed,
    rules_of,
    write_name,
    write_night,
    write_period,
    write_point,
    write_speed,
)
from firmware_protocols.jt808.body import BodyReader, write_number, write_numbers

AreaAction = Literal["replace_all", "append", "modify"]
Shape = Literal["circle", "rectangle", "polygon", "route"]

_ACTIONS: Final[tuple[AreaAction, ...]] = ("replace_all", "append", "modify")  # 0, 1, 2
_SHAPES: Final[tuple[Shape, ...]] = ("circle", "rectangle", "polygon", "route")  # 1 ... 4
_DELETE_IDS: Final[dict[Shape, int]] = {
    "circle": 0x8601,
    "rectangle": 0x8603,
    "polygon": 0x8605,
    "route": 0x8607,
}
_SOUTH_BIT: Final = 6


class _Area(msgspec.Struct, frozen=True, kw_only=True):
    """What every area has.

    Attributes:
        id: Its number at the terminal.
        rules: What happens at its border.
        period: When it is in force; None is always.
        speed: Limit inside; None is none.
        name: On the wire in 2019 alone.
    """

    id: int
    rules: AreaRule = AreaRule(0)
    period: Period | None = None
    speed: SpeedLimit | None = None
    name: str = ""

    def _head(self, points: tuple[Point, ...]) -> bytes:
        word = attribute_word(self.rules, self.period, self.speed, points)
        return write_number(self.id, 4, "area id") + write_number(word, 2, "rules")


class Circle(_Area, frozen=True, kw_only=True):
    """A circular area; `radius_m` in whole metres."""

    centre: Point
    radius_m: int

    def write(self, *, is_2019: bool) -> bytes:
        """Return its item of 0x8600."""
        shape = write_point(self.centre) + write_number(self.radius_m, 4, "radius_m")
        return self._head((self.centre,)) + shape + _write_tail(self, is_2019=is_2019)

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:
        """Take its item of 0x8600."""
        area_id, word = reader.number(4), reader.number(2)
        centre, radius_m = read_point(reader, word, _SOUTH_BIT), reader.number(4)
        period, speed, name = _read_tail(reader, word, is_2019=is_2019)
        return cls(
            id=area_id,
            rules=rules_of(word),
            centre=centre,
            radius_m=radius_m,
            period=period,
            speed=speed,
            name=name,
        )


class Rectangle(_Area, frozen=True, kw_only=True):
    """A rectangle between two meridians and two parallels."""

    north_west: Point
    south_east: Point

    def write(self, *, is_2019: bool) -> bytes:
        """Return its item of 0x8602."""
        corners = (self.north_west, self.south_east)
        shape = b"".join(map(write_point, corners))
        return self._head(corners) + shape + _write_tail(self, is_2019=is_2019)

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:
        """Take its item of 0x8602."""
        area_id, word = reader.number(4), reader.number(2)
        north_west = read_point(reader, word, _SOUTH_BIT)
        south_east = read_point(reader, word, _SOUTH_BIT)
        period, speed, name = _read_tail(reader, word, is_2019=is_2019)
        return cls(
            id=area_id,
            rules=rules_of(word),
            north_west=north_west,
            south_east=south_east,
            period=period,
            speed=speed,
            name=name,
        )


class SetCircles(msgspec.Struct, frozen=True, kw_only=True):
    """0x8600: watch these circles."""

    message_id: ClassVar[int] = 0x8600
    action: AreaAction
    areas: tuple[Circle, ...]

    def write(self, *, is_2019: bool) -> bytes:
        """Return the body."""
        return _write_areas(self.action, self.areas, is_2019=is_2019)

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:
        """Take the body."""
        action, count = _read_action(reader), reader.number(1)
        areas = tuple(Circle.read(reader, is_2019=is_2019) for _ in range(count))
        return cls(action=action, areas=areas)


class SetRectangles(msgspec.Struct, frozen=True, kw_only=True):
    """0x8602: watch these rectangles."""

    message_id: ClassVar[int] = 0x8602
    action: AreaAction
    areas: tuple[Rectangle, ...]

    def write(self, *, is_2019: bool) -> bytes:
        """Return the body."""
        return _write_areas(self.action, self.areas, is_2019=is_2019)

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:
        """Take the body."""
        action, count = _read_action(reader), reader.number(1)
        areas = tuple(Rectangle.read(reader, is_2019=is_2019) for _ in range(count))
        return cls(action=action, areas=areas)


class SetPolygon(_Area, frozen=True, kw_only=True):
    """0x8604: watch this polygon; `points` in order, the ring not closed."""

    message_id: ClassVar[int] = 0x8604
    points: tuple[Point, ...]

    def write(self, *, is_2019: bool) -> bytes:
        """Return the body; here the night's limit follows the points."""
        period_and_speed = write_period(self.period) + write_speed(self.speed)
        points = b"".join(map(write_point, self.points))
        count = write_number(len(self.points), 2, "count of points")
        night = write_night(self.speed, is_2019=is_2019)
        name = write_name(self.name, is_2019=is_2019)
        return self._head(self.points) + period_and_speed + count + points + night + name

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:
        """Take the body."""
        area_id, word = reader.number(4), reader.number(2)
        period, speed = read_period(reader, word), read_speed(reader, word)
        count = reader.number(2)
        points = tuple(read_point(reader, word, _SOUTH_BIT) for _ in range(count))
        return cls(
            id=area_id,
            rules=rules_of(word),
            period=period,
            points=points,
            speed=read_night(reader, speed, is_2019=is_2019),
            name=read_name(reader, is_2019=is_2019),
        )


class DeleteAreas(msgspec.Struct, frozen=True, kw_only=True):
    """0x8601, 0x8603, 0x8605 and 0x8607: forget areas; without ids all of the shape."""

    shape: Shape
    ids: tuple[int, ...] = ()

    @property
    def message_id(self) -> int:
        """The shape's message id."""
        return _DELETE_IDS[self.shape]

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002  # one form in all editions
        """Return the body."""
        return write_number(len(self.ids), 1, "count of ids") + write_numbers(self.ids, 4, "id")

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool, shape: Shape) -> Self:  # noqa: ARG003
        """Take the body of the shape's message."""
        return cls(shape=shape, ids=reader.numbers(4, reader.number(1)))


class QueryAreas(msgspec.Struct, frozen=True, kw_only=True):
    """0x8608: tell the areas of a shape (2019); without ids all. Answered by 0x0608."""

    message_id: ClassVar[int] = 0x8608
    shape: Shape
    ids: tuple[int, ...] = ()

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002
        """Return the body."""
        kind = bytes((_SHAPES.index(self.shape) + 1,))
        return (
            kind + write_number(len(self.ids), 4, "count of ids") + write_numbers(self.ids, 4, "id")
        )

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take the body."""
        kind = reader.number(1)
        if not 1 <= kind <= len(_SHAPES):
            raise FieldError(f"shape {kind}; 1 to 4 are known", frame=reader.body, offset=0)
        return cls(shape=_SHAPES[kind - 1], ids=reader.numbers(4, reader.number(4)))


def _write_areas(
    action: AreaAction, areas: tuple[Circle | Rectangle, ...], *, is_2019: bool
) -> bytes:
    head = bytes((_ACTIONS.index(action),)) + write_number(len(areas), 1, "count of areas")
    return head + b"".join(area.write(is_2019=is_2019) for area in areas)


def _read_action(reader: BodyReader) -> AreaAction:
    action = reader.number(1)
    if action >= len(_ACTIONS):
        raise FieldError(f"action {action}; 0 to 2 are known", frame=reader.body, offset=0)
    return _ACTIONS[action]


def _write_tail(area: Circle | Rectangle, *, is_2019: bool) -> bytes:
    limits = write_period(area.period) + write_speed(area.speed)
    night = write_night(area.speed, is_2019=is_2019)
    return limits + night + write_name(area.name, is_2019=is_2019)


def _read_tail(
    reader: BodyReader, word: int, *, is_2019: bool
) -> tuple[Period | None, SpeedLimit | None, str]:
    period = read_period(reader, word)
    speed = read_night(reader, read_speed(reader, word), is_2019=is_2019)
    return period, speed, read_name(reader, is_2019=is_2019)
