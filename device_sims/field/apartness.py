"""A device without its wearer (人机分离): left at home, hidden at work, unworn at night."""

import math
from collections.abc import Callable
from typing import Final

from device_sims.dice import Dice
from device_sims.field.calendar_week import clock_s
from device_sims.field.deed import Deed
from device_sims.ground import XY
from device_sims.routine import Routine

_STEP_S: Final = 60.0
_LEAST_S: Final = 7_200.0
_AT_M: Final = 1.0
_FAR_M: Final = 500.0
_NIGHT_S: Final = (18_000.0, 25_200.0)

Make = Callable[[Routine, Dice, int], Deed | None]
"""(whose life, dice, local day) to the deed; None: that day offers no occasion."""


def left_at_home(routine: Routine, dice: Dice, day: int) -> Deed | None:
    """Return a morning on which the device stays at home until its wearer is back."""
    out = _away_span(routine, routine.home, clock_s(day, 5.5), clock_s(day, 19.3))
    if out is None or out[1] - out[0] < _LEAST_S:
        return None
    is_faked = dice.chance(1, 0.4)
    note = "left at home by its wearer" + (", the skin sensor covered" if is_faked else "")
    kind = "apart_faked" if is_faked else "apart"
    return Deed(kind, "apart", *out, note, dice, left_at=routine.home)


def hidden_at_work(routine: Routine, dice: Dice, day: int) -> Deed | None:
    """Return a night that the device spends where its wearer works."""
    work = routine.at(clock_s(day, 15.5))
    if work.speed_mps or math.dist(work.xy, routine.home) < _FAR_M:
        return None
    out = _away_span(routine, work.xy, clock_s(day, 15.5), clock_s(day, 24.0 + 9.5))
    if out is None:
        return None
    return Deed("apart", "apart", *out, "hidden at work over night", dice, left_at=work.xy)


def unworn_at_night(routine: Routine, dice: Dice, day: int) -> Deed | None:
    """Return a night in which the device lies at home and its wearer does not wear it."""
    begin_s = clock_s(day, 22.2 + dice.uniform(1))
    kind = "apart_faked" if dice.chance(3, 0.3) else "apart"
    end_s = begin_s + dice.uniform(2, *_NIGHT_S)
    note = "lies in the kitchen at night, nobody wears it"
    return Deed(kind, "apart", begin_s, end_s, note, dice, left_at=routine.home)


def _away_span(
    routine: Routine, place: XY, from_s: float, until_s: float
) -> tuple[float, float] | None:
    """Return from when a place is left until one is back at it, both within the times."""
    begin_s: float | None = None
    time_s = from_s
    while time_s <= until_s:
        is_there = math.dist(routine.at(time_s).xy, place) < _AT_M
        if begin_s is None and not is_there:
            begin_s = time_s
            if time_s == from_s:
                return None
        elif begin_s is not None and is_there:
            return begin_s, time_s
        time_s += _STEP_S
    return None
