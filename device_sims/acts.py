"""Violations as they are played: what happens to whom, and the truth about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, Protocol

import msgspec

from device_sims.battery import Neglect
from device_sims.cast import SimFence, Wearer
from device_sims.ground import XY
from device_sims.roads import Roads
from device_sims.routine import Trip, Truth

Kind = Literal[
    "sos", "strap", "case", "removed", "low_battery", "silence", "exclusion", "inclusion"
]

_STEP_S: Final = 1.0
_PRECISION_S: Final = 0.001
_EBIKE_MPS: Final = 6.0
_CAR_MPS: Final = 13.0
_EBIKE_M: Final = 2_000.0


class Label(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The truth about one violation; a line of the label file.

    Attributes:
        rule: Name of the rule that should find it.
        subject: Pseudonym.
        device: Wristband.
        fence: Fence of the place rules, else None.
        begin_time: RFC 3339 UTC, milliseconds.
        end_time: When it ends.
        note: What happens, in words.
        depth_m: How far beyond the border it goes for four minutes in all (at most, if it is
            shorter), where that is known.
        target: Pair, site, check-in or cell that it is about, where it is about one.
        also: Rules whose alert about the same time is right too, without being asked for.
        group: Labels of one group are one event, seen at several people; None: it stands alone.
    """

    rule: str
    subject: str
    device: str
    fence: str | None
    begin_time: str
    end_time: str
    note: str
    depth_m: float | None = None
    target: str | None = None
    also: tuple[str, ...] = ()
    group: str | None = None


class Tour(Protocol):
    """A way out of the routine."""

    def at(self, time_s: float) -> Truth:
        """Return the truth at a time of the tour."""
        ...


@dataclass(frozen=True)
class Excursion:
    """A way out of the routine and back into it, without a jump; the stay may be indoors."""

    out: Trip
    back: Trip
    is_indoors: bool = False

    def at(self, time_s: float) -> Truth:
        """Return the truth at a time of the excursion."""
        if time_s < self.out.end_s:
            return self.out.at(time_s)
        if time_s < self.back.begin_s:
            return Truth(self.out.path.points[-1], 0.0, 0.0, is_indoors=self.is_indoors)
        return self.back.at(time_s)


@dataclass(frozen=True)
class Act:
    """Something that happens to one wearer from begin to end, seconds since 1970 UTC."""

    kind: Kind
    wearer: Wearer
    begin_s: float
    end_s: float
    note: str
    excursion: Tour | None = None

    @property
    def neglect(self) -> Neglect | None:
        """Return the battery's failure, if that is what happens."""
        return Neglect(self.begin_s, self.end_s) if self.kind == "low_battery" else None

    def intervals(self) -> Iterator[tuple[SimFence | None, float, float]]:
        """Yield (fence or None, begin_s, end_s) of every violation in this act."""
        if self.excursion is None:
            yield None, self.begin_s, self.end_s
            return
        for fence in self.wearer.fences:
            is_violated = partial(self._is_violated, fence)
            for begin_s, end_s in spans(is_violated, self.begin_s, self.end_s + _STEP_S, _STEP_S):
                yield fence, begin_s, end_s

    def _is_violated(self, fence: SimFence, time_s: float) -> bool:
        excursion = self.excursion
        if excursion is None or not self.begin_s <= time_s < self.end_s:
            return fence.is_violated(self.wearer.routine.at(time_s).xy)
        return fence.is_violated(excursion.at(time_s).xy)


def spans(
    holds: Callable[[float], bool], from_s: float, until_s: float, step_s: float
) -> Iterator[tuple[float, float]]:
    """Yield (begin_s, end_s) of the spans that begin and end between two times.

    Args:
        holds: Whether it holds at a time.
        from_s: Looked at first.
        until_s: Not looked beyond.
        step_s: A shorter span may be missed; ends are exact to a millisecond.
    """
    begin_s: float | None = None
    time_s = from_s
    while time_s <= until_s:
        is_on = holds(time_s)
        if is_on and begin_s is None:
            begin_s = _turn(holds, time_s - step_s, time_s)
        elif not is_on and begin_s is not None:
            yield begin_s, _turn(holds, time_s - step_s, time_s)
            begin_s = None
        time_s += step_s


def excursion(
    wearer: Wearer,
    roads: Roads,
    begin_s: float,
    target: XY,
    dwell_s: float,
    *,
    is_indoors: bool = False,
) -> Excursion:
    """Return the way from the routine to a target, a stay there, and the way back."""
    out_path = roads.way(wearer.routine.at(begin_s).xy, target)
    out = Trip(begin_s, begin_s + out_path.length_m / _pace_mps(out_path.length_m), out_path)
    leave_s = out.end_s + dwell_s
    guess = roads.way(target, wearer.routine.at(leave_s).xy)
    end_s = leave_s + guess.length_m / _pace_mps(guess.length_m) + 1.0
    back = roads.way(target, wearer.routine.at(end_s).xy)
    return Excursion(out, Trip(leave_s, end_s, back), is_indoors)


def _turn(holds: Callable[[float], bool], before_s: float, after_s: float) -> float:
    was = holds(before_s)
    while after_s - before_s > _PRECISION_S:
        middle_s = (before_s + after_s) / 2
        if holds(middle_s) is was:
            before_s = middle_s
        else:
            after_s = middle_s
    return after_s


def _pace_mps(length_m: float) -> float:
    if length_m <= _EBIKE_M:
        return _EBIKE_MPS
    return _CAR_MPS
