"""Where neither satellites nor the network reach a device, and where the network alone fails."""

import bisect
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from device_sims.coverage import NEWEST_FIRST_PROBABILITY, Spell
from device_sims.dice import Dice
from device_sims.field.charge import Span
from device_sims.field.misdeeds import Conduct
from device_sims.routine import DAY_S, HOUR_S, LOCAL_OFFSET_S

LOSSES_PER_HOUR: Final = 0.09
"""Wisconsin, May 2017: the link was lost 56,853 times for 895 people."""

_LENGTHS: Final[tuple[tuple[float, tuple[float, float]], ...]] = (
    (0.85, (30.0, 480.0)),
    (0.97, (480.0, 840.0)),
    (1.0, (960.0, 3_600.0)),
)
"""Cumulated shares and seconds of a lost link; assumed."""

OUTAGES_PER_DAY: Final = 0.1
_OUTAGE_S: Final = (1_200.0, 3_600.0)
"""A cell's outage takes all of an office's people along; assumed."""

_DARK: Final = ((0.5, (120.0, 420.0)), (0.3, (600.0, 3_600.0)))
"""Chance a day and seconds of a tunnel, and of a basement; assumed."""

_DAY_H: Final = (8.0, 19.0)


@dataclass(frozen=True)
class Dark:
    """A time without satellites and link; the device goes on recording."""

    begin_s: float
    end_s: float


class Darkness:
    """The links of one device; a function of (seed, device, office, day)."""

    def __init__(self, seed: int, device: str, office: int, conduct: Conduct) -> None:
        """Take whose link it is; nobody goes underground in the middle of a misdeed."""
        self._dice = Dice(seed, device, "darkness")
        self._office = Dice(seed, "outages", office)
        self._conduct = conduct
        self.dark_of_day = lru_cache(8)(self._dark_of_day)
        self._spells = lru_cache(8)(self._spells_of_day)

    def dark_near(self, time_s: float) -> list[Dark]:
        """Return the darknesses of a time's local day."""
        return list(self.dark_of_day(_day(time_s)))

    def spell(self, time_s: float) -> Spell | None:
        """Return the spell without link that a time is in, if any."""
        spells, begins = self._spells(_day(time_s))
        index = bisect.bisect_right(begins, time_s) - 1
        if index < 0 or time_s >= spells[index].end_s:
            return None
        return spells[index]

    def outage_of_day(self, day: int) -> Span | None:
        """Return when the office's cell fails on a local day, if it does."""
        if not self._office.chance(4 * day, OUTAGES_PER_DAY):
            return None
        begin_s = day * DAY_S - LOCAL_OFFSET_S
        at_s = begin_s + self._office.uniform(4 * day + 1, 0.0, 22.0) * HOUR_S
        return at_s, at_s + self._office.uniform(4 * day + 2, *_OUTAGE_S)

    def _dark_of_day(self, day: int) -> tuple[Dark, ...]:
        found = []
        for nth, (probability, lengths_s) in enumerate(_DARK):
            base = 100 * day + 10 * nth
            if not self._dice.chance(base, probability):
                continue
            at_s = day * DAY_S - LOCAL_OFFSET_S + self._dice.uniform(base + 1, *_DAY_H) * HOUR_S
            dark = Dark(at_s, at_s + self._dice.uniform(base + 2, *lengths_s))
            busy = self._conduct.busy(at_s)
            if not any(begin_s < dark.end_s and dark.begin_s < end_s for begin_s, end_s in busy):
                found.append(dark)
        return tuple(found)

    def _spells_of_day(self, day: int) -> tuple[list[Spell], list[float]]:
        begin_s = day * DAY_S - LOCAL_OFFSET_S
        spans = [(dark.begin_s, dark.end_s) for dark in self._dark_of_day(day)]
        for hour in range(24):
            base = 4 * (24 * day + hour)
            if self._dice.chance(-base - 1, LOSSES_PER_HOUR):
                share = self._dice.uniform(-base - 2)
                lengths_s = next(lengths for limit, lengths in _LENGTHS if share < limit)
                at_s = begin_s + hour * HOUR_S + self._dice.uniform(-base - 3, 0.0, HOUR_S)
                spans.append((at_s, at_s + self._dice.uniform(-base - 4, *lengths_s)))
        outage = self.outage_of_day(day)
        if outage is not None:
            spans.append(outage)
        day_end_s = begin_s + DAY_S
        spells = [
            Spell(first_s, min(last_s, day_end_s), self._newest_first(first_s))
            for first_s, last_s in _merged(spans)
        ]
        return spells, [spell.begin_s for spell in spells]

    def _newest_first(self, begin_s: float) -> bool:
        return self._dice.chance(round(begin_s), NEWEST_FIRST_PROBABILITY)


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for begin_s, end_s in sorted(spans):
        if found and begin_s <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end_s))
        else:
            found.append((begin_s, end_s))
    return found


def _day(time_s: float) -> int:
    return int((time_s + LOCAL_OFFSET_S) // DAY_S)
