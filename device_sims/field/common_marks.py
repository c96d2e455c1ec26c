"""The labels about several people: who must keep apart, gatherings, outages of a cell."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from device_sims.acts import Label
from device_sims.field.calendar_week import day_of
from device_sims.field.charge import Span
from device_sims.field.marks import STEP_S, Floats, Trace, stretches
from device_sims.field.society import CONTACT_M, Meeting, Pair, Protected, Society
from device_sims.field.week_band import WeekBand
from device_sims.ground import Circle
from device_sims.script import timestamp
from device_sims.territory import OFFICES, office_id

GATHERED: Final = 3
GATHERING_S: Final = 1_800.0
"""Three people for half an hour; assumed."""

_TOGETHER_M: Final = 40.0
_CONTACT_S: Final = 60.0
_TOUCHED: Final = 3
"""Fewer without a link at once are no outage."""


def common_labels(
    society: Society, bands: Sequence[WeekBand], traces: Sequence[Trace]
) -> list[Label]:
    """Return the labels about several people.

    Args:
        society: Who keeps apart and who meets.
        bands: Of all residents, in their order.
        traces: Likewise.
    """
    first = traces[0].times
    days = range(day_of(float(first[0])), day_of(float(first[-1])) + 1)
    found: list[Label] = []
    for pair in society.pairs:
        found += _of_pair(society, traces, pair)
    for day in days:
        for meeting in society.meetings(day):
            found += _of_meeting(society, traces, meeting)
        found += _of_cells(society, traces, day)
        found += _of_offices(bands, day)
    begin, end = timestamp(float(first[0])), timestamp(float(first[-1]))
    kept = (label for label in found if begin <= label.begin_time < end)
    return sorted(kept, key=lambda label: (label.begin_time, label.device))


def _of_pair(society: Society, traces: Sequence[Trace], pair: Pair) -> Iterator[Label]:
    mine = traces[pair.subject]
    if isinstance(pair.other, Protected):
        routine = pair.other.routine
        other = np.array([routine.at(time_s).xy for time_s in mine.times.tolist()])
        who = [pair.subject]
    else:
        other = traces[pair.other].xy
        who = [pair.subject, pair.other]
    near: Floats = CONTACT_M - np.hypot(*(mine.xy - other).T)
    for span, depth_m in stretches(mine.times, near, least_s=_CONTACT_S):
        for index in who:
            yield _label(
                society,
                index,
                "no_contact",
                span,
                "nearer than allowed to somebody to be avoided",
                target=pair.pair,
                depth_m=depth_m,
                group=f"{pair.pair}/{round(span[0])}",
            )


def _of_meeting(society: Society, traces: Sequence[Trace], meeting: Meeting) -> Iterator[Label]:
    if meeting.kind != "private":
        return
    circle = Circle(meeting.place, _TOGETHER_M)
    present = np.array(
        [
            np.nan_to_num(-traces[index].beyond_m(circle), nan=-1.0) > 0.0
            for index in meeting.members
        ]
    )
    enough = np.where(present.sum(axis=0) >= GATHERED, 1.0, -np.inf)
    times = traces[0].times
    for span, _ in stretches(times, enough, least_s=GATHERING_S):
        inside = (times >= span[0]) & (times <= span[1])
        for index, was_there in zip(meeting.members, present, strict=True):
            if was_there[inside].any():
                yield _label(
                    society,
                    index,
                    "gathering",
                    span,
                    "three or more together in a private place",
                    group=f"gathering/{round(meeting.begin_s)}/{meeting.members[0]}",
                )


def _of_cells(society: Society, traces: Sequence[Trace], day: int) -> Iterator[Label]:
    times = traces[0].times
    for outage in society.outages(day):
        row = int((outage.span[0] - times[0]) / STEP_S)
        if not 0 <= row < len(times):
            continue
        inside = sum(bool(t.beyond_m(outage.area)[row] <= 0.0) for t in traces)
        if inside >= _TOUCHED:
            yield _outage(outage.span, f"a cell fails, {inside} people in it", outage.cell)


def _of_offices(bands: Sequence[WeekBand], day: int) -> Iterator[Label]:
    orgs: Mapping[str, list[WeekBand]] = {
        org: list(own)
        for org, own in itertools.groupby(
            sorted(bands, key=lambda band: band.identity.org), lambda band: band.identity.org
        )
    }
    for office in range(len(OFFICES)):
        own = orgs.get(office_id(office), [])
        span = own[0].darkness.outage_of_day(day) if len(own) >= _TOUCHED else None
        if span is not None:
            note = f"the cell of an office fails, {len(own)} people in it"
            yield _outage(span, note, office_id(office))


def _outage(span: Span, note: str, target: str) -> Label:
    return Label(
        rule="outage",
        subject="",
        device="",
        fence=None,
        begin_time=timestamp(span[0]),
        end_time=timestamp(span[1]),
        note=note,
        target=target,
    )


def _label(
    society: Society,
    index: int,
    rule: str,
    span: Span,
    note: str,
    *,
    target: str | None = None,
    depth_m: float | None = None,
    group: str,
) -> Label:
    wearer = society.population.residents[index].wearer
    return Label(
        rule=rule,
        subject=wearer.subject.subject,
        device=wearer.device,
        fence=None,
        begin_time=timestamp(span[0]),
        end_time=timestamp(span[1]),
        note=note,
        depth_m=None if depth_m is None else round(depth_m, 1),
        target=target,
        group=group,
    )
