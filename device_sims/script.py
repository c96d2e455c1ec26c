"""Who violates what, when: a function of (cast, start); endless, planned hour by hour.

The first hour opens densely so that a fresh system shows each rule within minutes; later hours are
calm, in the mix of California's parole system 2009-10 (1,520,591 alerts: inclusion 58.1 %, strap
23.4 %, low battery 12.7 %, message gap 4.6 %, exclusion 1.1 %).

Wearers play every second hour, by number: what lasts into the next hour meets nobody's next act.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from device_sims.acts import Act, Excursion, Kind, Label, excursion
from device_sims.battery import COLLAPSE_S
from device_sims.cast import Cast, Wearer
from device_sims.dice import Dice
from device_sims.ground import XY, polar
from device_sims.terminal import UNTOLD

BLOCK_S: Final = 3_600

_OPENING: Final[tuple[tuple[float, Kind, str], ...]] = (
    (5.0, "exclusion", "forbidden"),
    (10.0, "sos", "plain"),
    (95.0, "strap", "plain"),
    (150.0, "inclusion", "home"),
    (230.0, "low_battery", "plain"),
    (290.0, "exclusion", "forbidden"),
    (370.0, "silence", "plain"),
    (450.0, "inclusion", "border"),
    (560.0, "inclusion", "home"),
)
_THEN_EVERY_S: Final = 420.0
_LATER_EVERY_S: Final = 1_200.0
_MIX: Final[tuple[tuple[float, Kind], ...]] = (
    (0.581, "inclusion"),
    (0.815, "strap"),
    (0.942, "low_battery"),
    (0.988, "silence"),
    (0.999, "exclusion"),
    (1.0, "sos"),
)
"""Cumulated shares; the last thousandth is an SOS, which that statistic does not have."""

SOS_S: Final = 60.0
STRAP_S: Final = 900.0
LOW_BATTERY_S: Final = 1_500.0
SILENCE_S: Final = 1_320.0
"""Longer than fifteen minutes, from which on gateways call it a silence."""

DWELL_S: Final = (240.0, 480.0)
_REST_S: Final = 120.0
_BEYOND_M: Final = (250.0, 450.0)
_PLACES: Final = {"exclusion": ("forbidden",), "inclusion": ("home", "border")}
_NOTES: Final[dict[Kind, str]] = {
    "sos": "holds the SOS button",
    "strap": "cuts the strap; refitted later",
    "low_battery": "battery gives way and is not charged",
    "silence": "shielded: no fix, no link, nothing recorded",
    "exclusion": "enters a forbidden circle and stays",
    "inclusion": "leaves the area that the order allows and returns",
}


class Script:
    """What is played from `start_s` on."""

    def __init__(self, cast: Cast, start_s: float) -> None:
        """Take who plays, and the beginning in seconds since 1970 UTC."""
        self.start_s = start_s
        self._cast = cast
        self.block = lru_cache(4)(self._block)

    @property
    def is_played(self) -> bool:
        """Whether there is anybody to play it."""
        return bool(self._cast.wearers)

    def number(self, time_s: float) -> int:
        """Return the number of the hour that a time is in."""
        return math.floor((time_s - self.start_s) / BLOCK_S)

    def acts_near(self, wearer: Wearer, time_s: float) -> list[Act]:
        """Return the acts of a wearer that are planned in this hour or the one before."""
        number = self.number(time_s)
        near = (*self.block(number - 1), *self.block(number))
        return [act for act in near if act.wearer is wearer]

    def labels(self, act: Act) -> list[tuple[float, Label]]:
        """Return (begin_s, label) of every violation in an act, by begin."""
        found = [
            (
                begin_s,
                Label(
                    rule=act.kind if fence is None else fence.use,
                    subject=act.wearer.subject.subject,
                    device=act.wearer.device,
                    fence=None if fence is None else fence.fence,
                    begin_time=timestamp(begin_s),
                    end_time=timestamp(end_s),
                    note=act.note,
                ),
            )
            for fence, begin_s, end_s in act.intervals()
        ]
        return sorted(found, key=lambda pair: pair[0])

    def _block(self, number: int) -> tuple[Act, ...]:
        if number < 0:
            return ()
        free_s: dict[str, float] = {}
        acts = []
        for index, (offset_s, kind, trait) in enumerate(self._wishes(number)):
            begin_s = self.start_s + number * BLOCK_S + offset_s
            able = self._able(number, kind, trait, begin_s, free_s)
            dice = Dice(self._cast.seed, "act", round(self.start_s), number, index)
            act = self._act(kind, able, begin_s, dice)
            if act is not None:
                free_s[act.wearer.device] = act.end_s + _REST_S
                acts.append(act)
        return tuple(acts)

    def _wishes(self, number: int) -> Iterator[tuple[float, Kind, str]]:
        dice = Dice(self._cast.seed, "wishes", round(self.start_s), number)
        every_s = _LATER_EVERY_S
        offset_s = dice.uniform(100, 0.2, 0.8) * every_s
        if number == 0:
            yield from _OPENING
            every_s = _THEN_EVERY_S
            offset_s = _OPENING[-1][0] + every_s
        index = 0
        while offset_s < BLOCK_S:
            share = dice.uniform(2 * index)
            kind = next(kind for limit, kind in _MIX if share < limit)
            # An hour is planned by itself: a battery's collapse has to fit in before it is low.
            if kind == "low_battery" and offset_s < COLLAPSE_S:
                kind = "strap"
            yield offset_s, kind, dice.choice(2 * index + 1, _PLACES.get(kind, ("",)))
            index += 1
            offset_s += every_s

    def _able(
        self, number: int, kind: Kind, trait: str, begin_s: float, free_s: dict[str, float]
    ) -> list[Wearer]:
        free = [
            wearer
            for wearer in self._cast.wearers
            if (wearer.subject.index + number) % 2 == 0
            and free_s.get(wearer.device, -math.inf) <= begin_s
            and (wearer.terminal is None or kind not in UNTOLD.get(wearer.terminal.protocol, ()))
        ]
        fitting = [wearer for wearer in free if wearer.trait == trait]
        # Anybody can cut a strap; only who has the fence can violate it.
        return fitting or ([] if kind in _PLACES else free)

    def _act(self, kind: Kind, able: list[Wearer], begin_s: float, dice: Dice) -> Act | None:
        if not able:
            return None
        note = _NOTES[kind]
        if kind == "exclusion":
            tours = [tour for wearer in able for tour in self._forbidden(wearer, begin_s, dice)]
            wearer, tour = min(tours, key=lambda pair: pair[1].out.end_s)
            return Act(kind, wearer, begin_s, tour.back.end_s, note, tour)
        wearer = dice.choice(0, able)
        if kind == "inclusion":
            target, dwell_s = self._beyond(wearer, dice), dice.uniform(3, *DWELL_S)
            tour = excursion(wearer, self._cast.roads, begin_s, target, dwell_s)
            return Act(kind, wearer, begin_s, tour.back.end_s, note, tour)
        lasts_s = {"sos": SOS_S, "strap": STRAP_S, "low_battery": LOW_BATTERY_S}.get(
            kind, SILENCE_S
        )
        return Act(kind, wearer, begin_s, begin_s + lasts_s, note)

    def _forbidden(
        self, wearer: Wearer, begin_s: float, dice: Dice
    ) -> Iterator[tuple[Wearer, Excursion]]:
        for circle in wearer.dwelling.forbidden:
            target = polar(circle.centre, 0.25 * circle.radius_m, dice.uniform(1, 0.0, 2 * math.pi))
            dwell_s = dice.uniform(2, *DWELL_S)
            yield wearer, excursion(wearer, self._cast.roads, begin_s, target, dwell_s)

    def _beyond(self, wearer: Wearer, dice: Dice) -> XY:
        """Return a place outside the innermost area that the wearer must not leave."""
        away_m = dice.uniform(1, *_BEYOND_M)
        for circle in wearer.dwelling.home_circles:
            return polar(circle.centre, circle.radius_m + away_m, dice.uniform(2, 0.0, 2 * math.pi))
        home = wearer.routine.home
        bearing = math.atan2(home[0], home[1])
        return polar((0.0, 0.0), self._cast.territory.radius_m(bearing) + away_m, bearing)


def timestamp(time_s: float) -> str:
    """Return RFC 3339 UTC with milliseconds."""
    moment = datetime.fromtimestamp(round(time_s, 3), UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1_000:03d}Z"
