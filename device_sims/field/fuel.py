"""The battery of somebody who neglects it: topped up for minutes, let die, or just in time.

A week begins and ends with a full charge on the Sunday evening, so that weeks join.
"""

import bisect
from functools import lru_cache
from typing import Final

from device_sims.battery import CHARGE_S, LOW_PCT
from device_sims.dice import Dice
from device_sims.field.calendar_week import WEEK_DAYS, clock_s, monday_of, week_of
from device_sims.field.charge import Charge, Span
from device_sims.routine import HOUR_S

RECOVERED_PCT: Final = 30.0
"""A charge to less than this ends no low battery; assumed."""

_FULL_PCT: Final = 100.0
_PCT_PER_S: Final = _FULL_PCT / CHARGE_S
_RUN_H: Final = (66.0, 72.0)
"""The upper end of fielded devices: low for a day without dying at once."""

_EVENING_H: Final = 20.0
_TOP_UP_PCT: Final = (13.0, 16.0)
_TOP_UP_BELOW_PCT: Final = 29.0

_Curve = tuple[list[float], list[float], list[Span], list[Span], list[Span]]


class Fuel(Charge):
    """A neglected battery; a function of (seed, device, time)."""

    def __init__(self, seed: int, device: str) -> None:
        """Name the device."""
        super().__init__(seed, device, forgets=0.0)
        self._habit = Dice(seed, device, "fuel")
        self._loss_pct_per_s = _FULL_PCT / (self._habit.uniform(0, *_RUN_H) * HOUR_S)
        self._week = lru_cache(4)(self._curve)

    def level(self, time_s: float) -> tuple[float, bool]:
        """Return the charge in percent, 0 when the device is dead, and whether it is charged."""
        times, pcts, charging, _, _ = self._week(week_of(time_s))
        index = min(max(bisect.bisect_right(times, time_s), 1), len(times) - 1)
        span_s = times[index] - times[index - 1]
        share = (time_s - times[index - 1]) / span_s if span_s else 1.0
        pct = pcts[index - 1] + (pcts[index] - pcts[index - 1]) * share
        return pct, any(begin_s <= time_s < end_s for begin_s, end_s in charging)

    def low(self, day: int) -> tuple[Span | None, Span | None]:
        """Return the part of a day in which the battery is low, and in which it is dead."""
        _, _, _, lows, deads = self._week(week_of(clock_s(day, 12.0)))
        return _within(lows, day), _within(deads, day)

    def _charges(self, week: int) -> list[tuple[float, float | None]]:
        """Return when the week's charges begin, and to what; None: a top-up."""
        dice = Dice(self._habit.bits(week), "week")
        first, monday = dice.integer(0, 0, 1), monday_of(week)
        style = dice.integer(1, 0, 2)
        if style == 0:  # topped up for minutes, twice a day
            gaps = first + dice.integer(2, 4, 5)
        elif style == 1:  # dies, and is plugged in hours later
            gaps = first + 3
        else:  # low in the morning, charged by noon: a near miss
            gaps = first + 2
        found: list[tuple[float, float | None]] = []
        for nth in range(WEEK_DAYS):
            day = monday + nth
            if nth < first or nth > gaps or nth == WEEK_DAYS - 1:
                found.append((clock_s(day, _EVENING_H), _FULL_PCT))
            elif nth == gaps:
                hour = 12.0 if style else _EVENING_H
                found.append((clock_s(day, hour + dice.uniform(3)), _FULL_PCT))
            elif style == 0:
                found.append((clock_s(day, 7.0 + dice.uniform(10 + nth)), None))
                found.append((clock_s(day, 19.0 + dice.uniform(20 + nth)), None))
        return found

    def _curve(self, week: int) -> _Curve:
        dice, monday = Dice(self._habit.bits(week), "amounts"), monday_of(week)
        curve = _Drawn(clock_s(monday - 1, _EVENING_H) + CHARGE_S, self._loss_pct_per_s)
        for nth, (at_s, goal_pct) in enumerate(self._charges(week)):
            curve.drain(at_s)
            if goal_pct is not None:
                curve.charge(goal_pct)
            elif curve.pct < _TOP_UP_BELOW_PCT:
                amount_pct = dice.uniform(nth, *_TOP_UP_PCT)
                curve.charge(min(curve.pct + amount_pct, _TOP_UP_BELOW_PCT))
        curve.drain(clock_s(monday + WEEK_DAYS, 0.0))
        times, pcts = curve.times, curve.pcts
        lows = crossings(times, pcts, below_pct=LOW_PCT, until_pct=RECOVERED_PCT)
        deads = crossings(times, pcts, below_pct=0.0, until_pct=0.0)
        return times, pcts, curve.charging, lows, deads


class _Drawn:
    """A curve of charge as it is drawn, from a full battery on."""

    def __init__(self, time_s: float, loss_pct_per_s: float) -> None:
        self.pct = _FULL_PCT
        self.times, self.pcts = [time_s], [_FULL_PCT]
        self.charging: list[Span] = []
        self._loss_pct_per_s = loss_pct_per_s

    def drain(self, until_s: float) -> None:
        """Go on until a time, or until the battery is empty and then at zero."""
        empty_s = self.times[-1] + self.pct / self._loss_pct_per_s
        if empty_s < until_s:
            self._go_to(empty_s, 0.0)
        lasts_s = until_s - self.times[-1]
        self._go_to(until_s, max(self.pct - self._loss_pct_per_s * lasts_s, 0.0))

    def charge(self, goal_pct: float) -> None:
        """Charge up to a level; a full charge stays plugged in for `CHARGE_S`."""
        begin_s = self.times[-1]
        end_s = begin_s + (goal_pct - self.pct) / _PCT_PER_S
        self._go_to(end_s, goal_pct)
        if goal_pct == _FULL_PCT and end_s < begin_s + CHARGE_S:
            end_s = begin_s + CHARGE_S
            self._go_to(end_s, goal_pct)
        self.charging.append((begin_s, end_s))

    def _go_to(self, time_s: float, pct: float) -> None:
        self.pct = pct
        self.times.append(time_s)
        self.pcts.append(pct)


def crossings(
    times: list[float], pcts: list[float], *, below_pct: float, until_pct: float
) -> list[Span]:
    """Return from when a curve is at or below one level until it is above another.

    Args:
        times: Ascending.
        pcts: The curve's values there; straight between them.
        below_pct: The level that begins a span.
        until_pct: The level that ends it.
    """
    found: list[Span] = []
    begin_s: float | None = None
    for (t1, p1), (t2, p2) in zip(
        zip(times, pcts, strict=True), zip(times[1:], pcts[1:], strict=True), strict=False
    ):
        if begin_s is None and p2 <= below_pct:
            begin_s = t1 if p1 <= below_pct else t1 + (t2 - t1) * (p1 - below_pct) / (p1 - p2)
        elif begin_s is not None and p2 > until_pct:
            end_s = t1 if p1 >= until_pct else t1 + (t2 - t1) * (until_pct - p1) / (p2 - p1)
            found.append((begin_s, end_s))
            begin_s = None
    if begin_s is not None:
        found.append((begin_s, times[-1]))
    return found


def _within(spans: list[Span], day: int) -> Span | None:
    from_s, until_s = clock_s(day, 0.0), clock_s(day, 24.0)
    for begin_s, end_s in spans:
        if begin_s < until_s and from_s < end_s:
            return max(begin_s, from_s), min(end_s, until_s)
    return None
