"""The labels of the field: what was truly violated, from when to when, and how deeply."""

import math
from collections.abc import Iterator
from functools import partial
from typing import Final

from device_sims.acts import Act, Kind, Label, Tour, spans
from device_sims.cast import SimFence
from device_sims.field.band import FieldBand
from device_sims.field.charge import Span
from device_sims.field.population import Resident
from device_sims.ground import XY, Circle
from device_sims.routine import DAY_S, LOCAL_OFFSET_S
from device_sims.script import timestamp

SILENCE_S: Final = 900.0
"""A shorter gap in recording is no silence."""

SUSTAINED_S: Final = 240.0
"""NIJ 1004.00's four minutes from a zone event to the alert: a depth counts if it lasts."""

_STEP_S: Final = 5.0
_DEPTH_STEPS: Final = 60


def field_labels(
    resident: Resident, band: FieldBand, *, from_s: float, until_s: float
) -> list[Label]:
    """Return the labels of one resident that begin in [from_s, until_s), by begin.

    What happens while the device is dead is not labelled: nothing could find it.
    """
    first, last = (int((time_s + LOCAL_OFFSET_S) // DAY_S) for time_s in (from_s, until_s))
    days = range(first - 1, last + 2)
    spans_of_days = [band.charge.low(day) for day in days]
    lows = _joined([low for low, _ in spans_of_days if low is not None])
    deads = _joined([dead for _, dead in spans_of_days if dead is not None])
    found = [(low[0], _label(resident, "low_battery", low, "not charged in time")) for low in lows]
    found += [
        (dead[0], _label(resident, "silence", dead, "the battery is empty"))
        for dead in deads
        if dead[1] - dead[0] >= SILENCE_S
    ]
    for day in days:
        for misdeed in band.conduct.of_day(day):
            act = misdeed.act
            if not any(_overlaps(act, dead) for dead in deads):
                found += _of_act(resident, act)
    return [
        label
        for begin_s, label in sorted(found, key=lambda pair: pair[0])
        if from_s <= begin_s < until_s
    ]


def _of_act(resident: Resident, act: Act) -> Iterator[tuple[float, Label]]:
    if act.excursion is None:
        if act.kind != "silence" or act.end_s - act.begin_s >= SILENCE_S:
            yield act.begin_s, _label(resident, act.kind, (act.begin_s, act.end_s), act.note)
        return
    tour = act.excursion
    for fence in resident.wearer.fences:
        is_violated = partial(_is_violated, act, fence)
        for begin_s, end_s in spans(is_violated, act.begin_s, act.end_s + _STEP_S, _STEP_S):
            depth_m = _sustained_depth_m(tour, fence, begin_s, end_s)
            span = begin_s, end_s
            yield (
                begin_s,
                _label(resident, fence.use, span, act.note, fence=fence, depth_m=depth_m),
            )


def _is_violated(act: Act, fence: SimFence, time_s: float) -> bool:
    tour = act.excursion
    if tour is None or not act.begin_s <= time_s < act.end_s:
        return False
    return fence.is_violated(tour.at(time_s).xy)


def _sustained_depth_m(tour: Tour, fence: SimFence, begin_s: float, end_s: float) -> float:
    """Return the depth that was exceeded for `SUSTAINED_S` in all, or the deepest if shorter."""
    step_s = (end_s - begin_s) / _DEPTH_STEPS
    depths_m = sorted(
        (_depth_m(fence, tour.at(begin_s + k * step_s).xy) for k in range(_DEPTH_STEPS)),
        reverse=True,
    )
    if end_s - begin_s < SUSTAINED_S:
        return depths_m[0]
    return depths_m[min(math.ceil(SUSTAINED_S / step_s), _DEPTH_STEPS) - 1]


def _depth_m(fence: SimFence, xy: XY) -> float:
    if isinstance(fence.area, Circle):
        return abs(math.dist(fence.area.centre, xy) - fence.area.radius_m)
    return fence.area.distance_m(xy)


def _overlaps(act: Act, span: Span) -> bool:
    return act.begin_s < span[1] and span[0] < act.end_s


def _joined(spans: list[Span]) -> list[Span]:
    """Return the spans with those joined of which one begins where the other ends."""
    found: list[Span] = []
    for begin_s, end_s in spans:
        if found and begin_s <= found[-1][1]:
            found[-1] = (found[-1][0], end_s)
        else:
            found.append((begin_s, end_s))
    return found


def _label(
    resident: Resident,
    rule: Kind,
    span: Span,
    note: str,
    *,
    fence: SimFence | None = None,
    depth_m: float | None = None,
) -> Label:
    return Label(
        rule=rule,
        subject=resident.wearer.subject.subject,
        device=resident.wearer.device,
        fence=None if fence is None else fence.fence,
        begin_time=timestamp(span[0]),
        end_time=timestamp(span[1]),
        note=note,
        depth_m=None if depth_m is None else round(depth_m, 1),
    )
