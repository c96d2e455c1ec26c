"""Routes that the terminal itself watches: 0x8606 (JT/T 808-2019 tables 60 to 63)."""

from typing import ClassVar, Final, Self

import msgspec

from firmware_protocols.jt808.area_rules import (
    AreaRule,
    Period,
    Point,
    SpeedLimit,
    attribute_word,
    hemisphere_bits,
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
from firmware_protocols.jt808.body import BodyReader, write_number

_HAS_TRAVEL_TIME: Final = 0x01
_HAS_SPEED: Final = 0x02
_SOUTH_BIT: Final = 2


class TravelTime(msgspec.Struct, frozen=True, kw_only=True):
    """How long a section may take, seconds."""

    max_s: int
    min_s: int


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A turning point and the section that begins at it.

    Attributes:
        id: Number of the turning point.
        section: Number of the section.
        point: Where it is.
        width_m: Width of the section, whole metres.
        travel_time: Limits for it; None is none.
        speed: Limit on it; None is none.
    """

    id: int
    section: int
    point: Point
    width_m: int
    travel_time: TravelTime | None = None
    speed: SpeedLimit | None = None

    def write(self, *, is_2019: bool) -> bytes:
        """Return its item of 0x8606."""
        bits = hemisphere_bits((self.point,), _SOUTH_BIT)
        bits |= _HAS_TRAVEL_TIME if self.travel_time else 0
        bits |= _HAS_SPEED if self.speed else 0
        written = write_number(self.id, 4, "turn id") + write_number(self.section, 4, "section")
        written += write_point(self.point) + write_number(self.width_m, 1, "width_m")
        written += bytes((bits,))
        if self.travel_time:
            written += write_number(self.travel_time.max_s, 2, "max_s")
            written += write_number(self.travel_time.min_s, 2, "min_s")
        return written + write_speed(self.speed) + write_night(self.speed, is_2019=is_2019)

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:
        """Take its item of 0x8606."""
        turn_id, section = reader.number(4), reader.number(4)
        # The hemispheres stand behind the coordinates that they belong to.
        bits = reader.body[reader.offset + 9] if reader.left > 9 else 0  # noqa: PLR2004
        point = read_point(reader, bits, _SOUTH_BIT)
        width_m, bits = reader.number(1), reader.number(1)
        travel_time = None
        if bits & _HAS_TRAVEL_TIME:
            travel_time = TravelTime(max_s=reader.number(2), min_s=reader.number(2))
        speed = read_night(reader, read_speed(reader, bits), is_2019=is_2019)
        return cls(
            id=turn_id,
            section=section,
            point=point,
            width_m=width_m,
            travel_time=travel_time,
            speed=speed,
        )


class SetRoute(msgspec.Struct, frozen=True, kw_only=True):
    """0x8606: watch this route.

    Attributes:
        id: Its number at the terminal.
        turns: Its turning points, in order.
        rules: What happens when it is entered or left.
        period: When it is in force; None is always.
        name: On the wire in 2019 alone.
    """

    message_id: ClassVar[int] = 0x8606
    id: int
    turns: tuple[Turn, ...]
    rules: AreaRule = AreaRule(0)
    period: Period | None = None
    name: str = ""

    def write(self, *, is_2019: bool) -> bytes:
        """Return the body."""
        word = attribute_word(self.rules, self.period, None)
        head = write_number(self.id, 4, "route id") + write_number(word, 2, "rules")
        turns = b"".join(turn.write(is_2019=is_2019) for turn in self.turns)
        count = write_number(len(self.turns), 2, "count of turns")
        name = write_name(self.name, is_2019=is_2019)
        return head + write_period(self.period) + count + turns + name

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:
        """Take the body."""
        route_id, word = reader.number(4), reader.number(2)
        period, count = read_period(reader, word), reader.number(2)
        turns = tuple(Turn.read(reader, is_2019=is_2019) for _ in range(count))
        name = read_name(reader, is_2019=is_2019)
        return cls(id=route_id, rules=rules_of(word), period=period, turns=turns, name=name)
