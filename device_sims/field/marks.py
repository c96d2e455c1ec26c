"""The labels that follow from where people truly are, and from what their batteries truly hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device_sims.acts import Label
from device_sims.field.absences import Absence
from device_sims.field.calendar_week import clock_s, day_of, week_of
from device_sims.field.charge import Span
from device_sims.field.checkins import note_of
from device_sims.field.deed import ALSO, Deed
from device_sims.field.duties import CURFEW_H, curfew_circle, under_curfew
from device_sims.field.fuel import crossings
from device_sims.field.population import Resident
from device_sims.field.society import Society
from device_sims.field.truth import SUSTAINED_S, field_labels
from device_sims.field.week_band import WeekBand
from device_sims.ground import Circle
from device_sims.script import timestamp

STEP_S: Final = 30.0
DWELL_S: Final = 1_800.0
"""Half an hour near a school is long; assumed."""

CRITICAL_PCT: Final = 10.0
NEGLECT_PCT: Final = 30.0
NEGLECT_S: Final = 86_400.0
_PLACE_S: Final = 600.0
_ROUTE_S: Final = 60.0
_LEVEL_STEP_S: Final = 300.0

APPROVED: Final = ("leave", "trip")
"""Kinds of deeds during which nobody has to stay where the order says."""

UNSEEN: Final = frozenset(
    {
        "lost",
        "metro",
        "jam",
        "jam_told",
        "teleport",
        "flight",
        "drag",
        "bold",
        "frozen",
        "datum",
        "twin",
    }
)
"""Kinds of deeds in which a device cannot tell where it is: nothing else could be found then."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trace:
    """Where one device truly was, every `STEP_S`; NaN while it was not worn or could not tell.

    Attributes:
        times: Seconds since 1970 UTC, shape (n,).
        xy: Metres east and north, shape (n, 2).
    """

    times: Floats
    xy: Floats

    def beyond_m(self, circle: Circle) -> Floats:
        """Return how far outside a circle it was, negative inside."""
        away = np.hypot(*(self.xy - circle.centre).T)
        return np.asarray(away - circle.radius_m, np.float64)


def trace_of(band: WeekBand, from_s: float, until_s: float) -> Trace:
    """Return where a resident's device was, while it was worn and could tell."""
    times = np.arange(from_s, until_s, STEP_S)
    xy = np.full((len(times), 2), np.nan)
    for row, time_s in enumerate(times.tolist()):
        deed = band.storyline.at(time_s)
        if deed is None or (deed.left_at is None and deed.kind not in UNSEEN):
            xy[row] = band.place(time_s).xy
    for begin_s, end_s in (*_deads(band, from_s, until_s), *_blind(band, from_s, until_s)):
        xy[(times >= begin_s) & (times < end_s)] = np.nan
    return Trace(times, xy)


def resident_labels(
    society: Society, resident: Resident, band: WeekBand, trace: Trace
) -> list[Label]:
    """Return the labels of one resident by begin, but those about several people."""
    from_s, until_s = float(trace.times[0]), float(trace.times[-1]) + STEP_S
    own = _Labels(resident)
    found = [*field_labels(resident, band, from_s=from_s, until_s=until_s)]
    weeks = range(week_of(from_s), week_of(until_s - 1.0) + 1)
    deads = _deads(band, from_s, until_s)
    for week in weeks:
        for deed in band.storyline.week(week)[0]:
            if not any(b < deed.span[1] and deed.span[0] < e for b, e in deads):
                found += _of_deed(society, resident, own, deed, trace)
        for absence in band.storyline.absences(week):
            found += _of_absence(society, own, absence, trace)
        for check in band.storyline.check_ins(week):
            span = check.label_span()
            if span is not None:
                found.append(own.label(span[0], span[1], note_of(check), target=check.duty))
    found += _of_battery(own, band, from_s, until_s)
    if under_curfew(resident):
        found += _of_nights(own, resident, trace)
    found += _of_schools(society, own, trace)
    kept = (x for x in found if timestamp(from_s) <= x.begin_time < timestamp(until_s))
    return sorted(kept, key=lambda label: (label.begin_time, label.rule))


class _Labels:
    def __init__(self, resident: Resident) -> None:
        self._resident = resident

    def label(
        self,
        rule: str,
        span: Span,
        note: str,
        *,
        fence: str | None = None,
        depth_m: float | None = None,
        target: str | None = None,
    ) -> Label:
        return Label(
            rule=rule,
            subject=self._resident.wearer.subject.subject,
            device=self._resident.wearer.device,
            fence=fence,
            begin_time=timestamp(span[0]),
            end_time=timestamp(span[1]),
            note=note,
            depth_m=None if depth_m is None else round(depth_m, 1),
            target=target,
            also=ALSO.get(rule, ()),
        )


def stretches(
    times: Floats, beyond: Floats, *, least_s: float = 0.0
) -> Iterator[tuple[Span, float]]:
    """Yield when a quantity is above zero, and what it exceeds for `SUSTAINED_S` in all.

    Args:
        times: Seconds, evenly spaced, ascending.
        beyond: The quantity; straight between two times, NaN is not above zero.
        least_s: Shorter stretches are left out.
    """
    is_on = np.nan_to_num(beyond, nan=-1.0) > 0.0
    edges = np.flatnonzero(np.diff(np.r_[False, is_on, False].astype(np.int8)))
    for first, after in edges.reshape(-1, 2).tolist():
        begin_s = _turn(times, beyond, first - 1, first)
        end_s = _turn(times, beyond, after, after - 1)
        if end_s - begin_s < least_s:
            continue
        depths = np.sort(beyond[first:after])[::-1]
        nth = min(int(SUSTAINED_S / STEP_S), len(depths)) - 1
        yield (begin_s, end_s), float(depths[nth] if end_s - begin_s >= SUSTAINED_S else depths[0])


def _turn(times: Floats, beyond: Floats, outside: int, inside: int) -> float:
    """Return where the quantity is zero between two neighbours, of which one may not be known."""
    known = 0 <= outside < len(times) and not np.isnan(beyond[outside])
    if not known or np.isinf(beyond[outside]):
        return float(times[inside])
    share = beyond[inside] / (beyond[inside] - beyond[outside])
    return float(times[inside] + (times[outside] - times[inside]) * share)


def _deads(band: WeekBand, from_s: float, until_s: float) -> list[Span]:
    days = range(day_of(from_s) - 1, day_of(until_s) + 2)
    return [dead for _, dead in (band.charge.low(day) for day in days) if dead is not None]


def _blind(band: WeekBand, from_s: float, until_s: float) -> Iterator[Span]:
    """Yield when a device was shielded or underground."""
    for day in range(day_of(from_s) - 1, day_of(until_s) + 2):
        for misdeed in band.conduct.of_day(day):
            if misdeed.act.kind == "silence":
                yield misdeed.act.begin_s, misdeed.act.end_s
        for dark in band.darkness.dark_of_day(day):
            yield dark.begin_s, dark.end_s


def _of_deed(
    society: Society, resident: Resident, own: _Labels, deed: Deed, trace: Trace
) -> Iterator[Label]:
    if deed.rule is not None:
        yield own.label(deed.rule, (deed.begin_s, deed.end_s), deed.note, target=deed.target)
    if deed.journey is None:
        return
    is_approved = deed.kind in APPROVED
    begin_s, end_s = deed.span
    rows = np.flatnonzero((trace.times >= begin_s) & (trace.times < end_s))
    part = Trace(trace.times[rows], trace.xy[rows])
    territory = society.population.territory
    may_leave = not all(territory.keeps(leg.path, 0.0) for leg in deed.journey.legs)
    for fence in resident.wearer.fences:
        if fence.use == "inclusion" and is_approved:
            continue
        if isinstance(fence.area, Circle):
            sign = 1.0 if fence.use == "inclusion" else -1.0
            beyond = sign * part.beyond_m(fence.area)
        elif may_leave:
            beyond = np.array([-territory.depth_m((x, y)) for x, y in part.xy.tolist()])
        else:
            continue
        for span, depth_m in stretches(part.times, beyond):
            yield own.label(fence.use, span, deed.note, fence=fence.fence, depth_m=depth_m)


def _of_absence(society: Society, own: _Labels, absence: Absence, trace: Trace) -> Iterator[Label]:
    times, note = trace.times, absence.deed.note
    rule, least_s = ("leave_place", _PLACE_S) if absence.kind == "leave" else ("route", _ROUTE_S)
    rows = np.flatnonzero((times >= absence.area_valid[0]) & (times < absence.area_valid[1]))
    beyond = np.array([absence.beyond_m((x, y)) for x, y in trace.xy[rows].tolist()])
    fence = f"f-{absence.absence}"
    for span, depth_m in stretches(times[rows], beyond, least_s=least_s):
        yield own.label(rule, span, note, fence=fence, depth_m=depth_m, target=absence.absence)
    if absence.kind != "leave":
        return
    territory = society.population.territory
    rows = np.flatnonzero((times >= absence.valid[1]) & (times < absence.deed.span[1]))
    beyond = np.array([-territory.depth_m((x, y)) for x, y in trace.xy[rows].tolist()])
    for (_, end_s), _ in stretches(times[rows], beyond):
        span = absence.valid[1], end_s
        yield own.label("leave_overdue", span, note, target=absence.absence)


def _of_battery(own: _Labels, band: WeekBand, from_s: float, until_s: float) -> Iterator[Label]:
    times = np.arange(from_s, until_s, _LEVEL_STEP_S).tolist()
    pcts = [band.charge.level(time_s)[0] for time_s in times]
    for span in crossings(times, pcts, below_pct=CRITICAL_PCT, until_pct=CRITICAL_PCT):
        yield own.label("critical_battery", span, "nearly empty")
    for span in crossings(times, pcts, below_pct=NEGLECT_PCT, until_pct=NEGLECT_PCT):
        # A device that has died by then says nothing any more: that is a silence.
        if span[1] - span[0] >= NEGLECT_S and band.charge.level(span[0] + NEGLECT_S)[0] > 0.0:
            yield own.label("charging_neglect", span, "below 30 % for more than a day")


def _of_nights(own: _Labels, resident: Resident, trace: Trace) -> Iterator[Label]:
    beyond = trace.beyond_m(curfew_circle(resident))
    first, last = day_of(float(trace.times[0])) - 1, day_of(float(trace.times[-1]))
    for day in range(first, last + 1):
        from_s, until_s = (clock_s(day, hour) for hour in CURFEW_H)
        rows = np.flatnonzero((trace.times >= from_s) & (trace.times < until_s))
        for span, depth_m in stretches(trace.times[rows], beyond[rows]):
            note = "not at home in a night under curfew"
            yield own.label("curfew", span, note, fence=curfew_id(resident), depth_m=depth_m)


def _of_schools(society: Society, own: _Labels, trace: Trace) -> Iterator[Label]:
    for site in society.sites:
        if site.is_official:
            continue
        inside = -trace.beyond_m(site.circle)
        for span, depth_m in stretches(trace.times, inside, least_s=DWELL_S):
            note = "stays near a school"
            yield own.label("dwell", span, note, target=site.site, depth_m=depth_m)


def curfew_id(resident: Resident) -> str:
    """Return the id of a resident's curfew fence."""
    return f"f-night-{resident.wearer.subject.index + 1}"
