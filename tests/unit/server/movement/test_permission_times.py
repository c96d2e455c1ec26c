"""What a permission makes of fences and weekly times, instant by instant."""

import itertools
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.law.days import ZONE
from server.movement.permission_rules import Weekly, times, without
from server.registry.fence_version import FenceVersion, exempted

ZERO = datetime(2026, 11, 22, tzinfo=UTC)


def at(hour):
    return ZERO + timedelta(hours=hour)


@st.composite
def timelines(draw):
    """Versions of a fence that follow on each other, the last one open or not."""
    cuts = sorted(draw(st.sets(st.integers(0, 60), min_size=1, max_size=5)))
    ends = [*cuts[1:], draw(st.none() | st.integers(61, 90))]
    return [
        FenceVersion(
            number,
            at(start),
            None if end is None else at(end),
            frozenset(draw(st.sets(st.sampled_from("abc")))),
        )
        for number, (start, end) in enumerate(zip(cuts, ends, strict=True), start=1)
    ]


def bound(versions, instant):
    """Whom a fence binds at an instant, and by which shape."""
    found = [
        (one.version, one.subjects)
        for one in versions
        if one.valid_from <= instant and (one.valid_to is None or instant < one.valid_to)
    ]
    assert len(found) <= 1
    return found[0] if found else (None, frozenset())


@given(timelines(), st.sampled_from("abc"), st.integers(0, 50), st.integers(1, 40))
def test_one_person_is_exempt_in_the_time_and_nothing_else_changes(old, subject, begin, length):
    start, end = at(begin), at(begin + length)
    kept = [one for one in old if one.valid_to is None or one.valid_to > start]
    new = exempted(kept, subject, start, end)
    for hour in range(begin, 100):
        instant = at(hour)
        shape, whom = bound(old, instant)
        expected = whom - {subject} if instant < end else whom
        assert bound(new, instant) == (shape, expected)
    assert all(one.valid_from >= start for one in new)


windows = st.builds(
    Weekly,
    st.frozensets(st.integers(1, 7), min_size=1),
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
)


def is_in_window(one, instant):
    local = instant.astimezone(ZONE)
    clock = local.time()
    if one.start < one.end:
        return local.isoweekday() in one.days and one.start <= clock < one.end
    before = (local - timedelta(days=1)).isoweekday()
    return (local.isoweekday() in one.days and clock >= one.start) or (
        before in one.days and clock < one.end
    )


@given(st.lists(windows, min_size=1, max_size=3), st.integers(0, 48), st.integers(1, 100))
def test_times_of_a_permit_are_its_windows_half_hour_by_half_hour(weekly, begin, length):
    start, end = at(begin), at(begin + length)
    spans = times(weekly, start, end)
    for half in range(2 * (begin + length + 30)):
        instant = at(half / 2)
        told = any(first <= instant < last for first, last in spans)
        assert told == (
            start <= instant < end and any(is_in_window(one, instant) for one in weekly)
        )
    assert all(one[1] < two[0] for one, two in itertools.pairwise(spans))


hours = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 10)), max_size=6)


@given(hours, hours)
def test_what_is_taken_is_left_out_and_nothing_else(given_spans, taken):
    spans = sorted((at(begin), at(begin + length)) for begin, length in given_spans)
    others = [(at(begin), at(begin + length)) for begin, length in taken]
    left = without(spans, others)
    for hour in range(62):
        instant = at(hour)

        def holds(pairs, instant=instant):
            return any(first <= instant < last for first, last in pairs)

        assert holds(left) == (holds(spans) and not holds(others))


def test_a_whole_half_year_of_working_days_is_not_too_much():
    weekly = [Weekly(frozenset({1, 2, 3, 4, 5}), time(7), time(12))]
    spans = times(weekly, at(0), datetime.combine(date(2027, 5, 22), time(), UTC))
    assert len(spans) == 130
