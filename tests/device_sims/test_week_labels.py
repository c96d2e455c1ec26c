"""The labels of a week: each is true by the true track, and near misses have none."""

import hashlib
import itertools
import math

import numpy as np
import pytest

from device_sims.field.calendar_week import day_of
from device_sims.field.marks import APPROVED
from device_sims.field.society import Protected
from tests.device_sims.week_setting import (
    SEED,
    SIZE,
    START_S,
    UNTIL_S,
    WEEK,
    band_of,
    bands,
    can_tell,
    deeds,
    encoded,
    holds,
    labels,
    labels_of,
    second,
    society,
    span_of,
    subject,
    traces,
)

EXPECTED = {
    "curfew", "route", "leave_overdue", "leave_place", "no_contact", "gathering", "dwell",
    "position_lost", "clock_skew", "duplicate_identity", "jamming", "teleport", "impossible_speed",
    "spoofing", "overconfident", "frozen", "datum_mistake", "apart", "heart_rate", "temperature",
    "unusual", "outage", "critical_battery", "charging_neglect", "low_battery", "silence", "strap",
    "exclusion", "inclusion", "removed", "checkin_missed", "checkin_late",
}  # fmt: skip


def test_the_labels_of_the_week_are_those_that_were_frozen():
    digest = hashlib.sha256(encoded(labels())).hexdigest()
    assert digest[:32] == "79e5eefb6c57fd18f69778d3b3638074"


def test_every_kind_of_violation_is_played_in_a_week_of_sixty():
    assert not EXPECTED - {label.rule for label in labels()}


def test_the_same_seed_plans_the_same_week_and_another_seed_another():
    again = band_of(5).storyline.week(WEEK)[0]
    mine = bands()[5].storyline.week(WEEK)[0]
    assert [(d.kind, d.span) for d in again] == [(d.kind, d.span) for d in mine]
    other = band_of(5, seed=SEED + 1).storyline.week(WEEK)[0]
    assert [(d.kind, d.span) for d in other] != [(d.kind, d.span) for d in mine]


def test_nobody_does_two_things_at_once():
    for band in bands():
        spans = [deed.span for deed in band.storyline.week(WEEK)[0]]
        spans += [
            (misdeed.act.begin_s, misdeed.act.end_s)
            for day in range(day_of(START_S), day_of(UNTIL_S))
            for misdeed in band.conduct.of_day(day)
        ]
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(sorted(spans)))


def test_journeys_begin_and_end_where_the_routine_is():
    for number, deed in deeds("curfew_late", "loiters", "leave", "trip", "meeting", "check_in"):
        routine = society().population.residents[number].wearer.routine
        for time_s in deed.span:
            before, after = (bands()[number].truth(time_s + off).xy for off in (-0.5, 0.5))
            assert math.dist(before, after) < 60.0  # a train starts
            assert math.dist(deed.journey.at(time_s).xy, routine.at(time_s).xy) < 60.0


def test_a_curfew_is_labelled_exactly_where_somebody_is_truly_not_at_home_at_night():
    checked = 0
    for number, band in enumerate(bands()):
        if number % 10 not in (0, 1, 5, 7):
            continue
        mine = [x for x in labels_of("curfew") if x.subject == subject(number)]
        home = society().population.residents[number].wearer.routine.home
        for time_s in np.arange(START_S, UNTIL_S, 173.0).tolist():
            hour = (time_s - START_S) / 3_600 % 24
            away_m = math.dist(band.place(time_s).xy, home) - 120.0
            if 6.0 <= hour < 22.0 or abs(away_m) < 60.0 or not can_tell(number, time_s):
                continue
            assert any(holds(x, time_s) for x in mine) is (away_m > 0.0), (number, time_s)
            checked += away_m > 0.0
    assert checked > 50


def test_areas_are_labelled_exactly_where_somebody_truly_violates_them():
    violated = 0
    for number, band in enumerate(bands()):
        wearer = society().population.residents[number].wearer
        for time_s in np.arange(START_S, UNTIL_S, 311.0).tolist():
            deed = band.storyline.at(time_s)
            if not can_tell(number, time_s) or (deed is not None and deed.kind in APPROVED):
                continue
            xy = band.place(time_s).xy
            for fence in wearer.fences:
                mine = [x for x in labels_of(fence.use) if x.fence == fence.fence]
                mine = [x for x in mine if x.subject == wearer.subject.subject]
                near = [x for x in mine if holds(x, time_s - 31) or holds(x, time_s + 31)]
                told = any(holds(x, time_s) for x in mine)
                if fence.is_violated(xy) is not told:
                    assert near, (number, fence, time_s)
                violated += told
    assert violated > 50


def apart_m(pair, time_s):
    """How far a pair is apart; None where one of the two devices cannot tell."""
    here = bands()[pair.subject].place(time_s).xy
    if isinstance(pair.other, Protected):
        other = pair.other.routine.at(time_s).xy
    elif can_tell(pair.other, time_s):
        other = bands()[pair.other].place(time_s).xy
    else:
        return None
    return math.dist(here, other) if can_tell(pair.subject, time_s) else None


def test_whoever_must_be_avoided_is_truly_near_while_the_label_lasts_and_not_outside():
    near_count = 0
    for pair in society().pairs:
        mine = [x for x in labels_of("no_contact") if x.target == pair.pair]
        for time_s in np.arange(START_S, UNTIL_S, 61.0).tolist():
            away_m = apart_m(pair, time_s)
            if away_m is None:
                continue
            if any(holds(x, time_s) for x in mine):
                assert away_m < 260.0  # gaps of less than half a minute are bridged
                near_count += 1
            elif away_m < 150.0:  # a bus takes less than a minute
                assert max(apart_m(pair, time_s + k) or 999.0 for k in range(0, 70, 10)) > 200.0
    assert near_count > 20


def test_gatherings_are_all_and_only_where_three_are_truly_together_for_half_an_hour():
    step = 10  # five minutes of trace
    xy = np.array([trace.xy[::step] for trace in traces()])
    times = traces()[0].times[::step]
    told = labels_of("gathering")
    assert told
    official = [s.circle.centre for s in society().sites if s.is_official]
    held = np.zeros((SIZE, len(times)), np.int64)
    for column, time_s in enumerate(times.tolist()):
        at = xy[:, column]
        apart_m = np.hypot(at[:, None, 0] - at[None, :, 0], at[:, None, 1] - at[None, :, 1])
        together = (np.nan_to_num(apart_m, nan=1e9) < 30.0).sum(axis=1) >= 3
        for number in np.flatnonzero(together).tolist():
            if min(math.dist(at[number], centre) for centre in official) < 80.0:
                continue
            held[number, column] = (held[number, column - 1] if column else 0) + 1
            if held[number, column] >= 8:
                names = [x for x in told if x.subject == subject(number)]
                assert any(holds(x, time_s) for x in names)
    assert (held.max(axis=1) >= 6).sum() >= 3


def test_nobody_dwells_at_a_school_without_a_label_and_labels_are_half_an_hour_long():
    for label in labels_of("dwell"):
        begin_s, end_s = span_of(label)
        assert end_s - begin_s >= 1_800.0
        number = next(n for n in range(SIZE) if subject(n) == label.subject)
        school = next(s for s in society().sites if s.site == label.target)
        for share in (0.01, 0.5, 0.99):
            at = bands()[number].place(begin_s + share * (end_s - begin_s)).xy
            assert math.dist(at, school.circle.centre) < school.circle.radius_m
    loitered = deeds("loiters")
    told = [(x.subject, second(x.begin_time)) for x in labels_of("dwell")]
    for number, deed in loitered:
        if not can_tell(number, (deed.span[0] + deed.span[1]) / 2):
            continue
        assert any(s == subject(number) and deed.span[0] < t < deed.span[1] for s, t in told)


NEAR_MISSES = {
    "just_in_time": ("curfew",),
    "balcony": ("curfew",),
    "passes_school": ("dwell",),
    "metro": ("position_lost",),
    "exercise": ("heart_rate",),
    "bath": ("temperature",),
    "desk": ("apart",),
    "sick": ("apart",),
}


@pytest.mark.parametrize("kind", NEAR_MISSES)
def test_a_near_miss_has_no_label(kind):
    played = deeds(kind)
    assert played, kind
    for number, deed in played:
        for label in labels_of(*NEAR_MISSES[kind]):
            begin_s, end_s = span_of(label)
            if label.subject == subject(number):
                assert end_s <= deed.span[0] or deed.span[1] <= begin_s


def test_meetings_at_the_justice_office_and_of_two_are_no_gatherings():
    lawful = [
        meeting
        for day in range(day_of(START_S), day_of(UNTIL_S))
        for meeting in society().meetings(day)
        if meeting.kind != "private"
    ]
    assert lawful
    for meeting in lawful:
        for label in labels_of("gathering"):
            begin_s, _ = span_of(label)
            is_member = label.subject in {subject(number) for number in meeting.members}
            assert not (is_member and meeting.begin_s <= begin_s < meeting.end_s)
