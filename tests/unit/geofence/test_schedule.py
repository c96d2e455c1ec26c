"""Schedules: equal to a look at the wall clock at every minute."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geofence.errors import ScheduleError
from geofence.schedule.instants import MOST_DAYS, compile_schedule
from geofence.schedule.rule import HOLIDAY, Schedule, Window
from tests.oracles.schedule import is_within

MINUTE_MS = 60_000
DAY_MS = 86_400_000
WORKDAYS = frozenset(range(1, 6))
WEEKEND = frozenset((6, 7))
FREE = WEEKEND | {HOLIDAY}


def ms(text):
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


# Where clocks change: dates of the IANA database, some ordinary days besides.
SPANS = {
    "Shanghai": ("Asia/Shanghai", "2026-11-18", 9),
    "Shanghai in its last summer time": ("Asia/Shanghai", "1991-04-12", 4),
    "New York, spring": ("America/New_York", "2026-03-06", 4),
    "New York, autumn": ("America/New_York", "2026-10-30", 4),
    "Lord Howe, half an hour": ("Australia/Lord_Howe", "2026-04-03", 4),
    "Berlin, autumn": ("Europe/Berlin", "2026-10-23", 4),
    "Kathmandu, 45 minutes": ("Asia/Kathmandu", "2026-05-01", 4),
    "Samoa skips a day": ("Pacific/Apia", "2011-12-28", 4),
    "Casablanca in Ramadan": ("Africa/Casablanca", "2026-02-13", 4),
    "Havana changes at midnight": ("America/Havana", "2026-03-06", 4),
}
RULES = {
    "office hours": {"windows": (Window(540, 1020, WORKDAYS),)},
    "night curfew": {"windows": (Window(1320, 1800),)},
    "curfew on free nights": {"windows": (Window(1380, 1860, FREE),)},
    "all day": {"windows": (Window(0, 1440),)},
    "in the hour that moves": {"windows": (Window(90, 150), Window(150, 200, WEEKEND))},
    "last and first minute": {"windows": (Window(1439, 1441), Window(0, 1))},
    "touching and overlapping": {
        "windows": (Window(480, 720), Window(720, 800), Window(700, 900, WORKDAYS))
    },
    "a whole day from noon": {"windows": (Window(720, 2160, frozenset({3, 6})),)},
}


def scan(schedule, begin_ms, end_ms):
    minutes = np.arange(begin_ms, end_ms, MINUTE_MS)
    expected = np.array([is_within(schedule, int(time_ms)) for time_ms in minutes])
    return minutes, expected


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("span", SPANS)
def test_it_equals_the_minute_scan(span, rule):
    zone, first, days = SPANS[span]
    schedule = Schedule(zone, **RULES[rule])
    begin_ms = ms(first)
    end_ms = begin_ms + days * DAY_MS
    minutes, expected = scan(schedule, begin_ms, end_ms)
    assert np.array_equal(compile_schedule(schedule, begin_ms, end_ms).active(minutes), expected)


DAYS = [date(2026, 2, day) for day in range(12, 20)]
windows = st.builds(
    lambda start, length, days: Window(start, start + length, frozenset(days)),
    st.integers(0, 1439),
    st.integers(1, 1440),
    st.sets(st.integers(0, 7), min_size=1),
)


@given(
    zone=st.sampled_from(["Asia/Shanghai", "America/New_York"]),
    weekly=st.lists(windows, max_size=3).map(tuple),
    exceptions=st.dictionaries(
        st.sampled_from(DAYS), st.lists(windows, max_size=2).map(tuple), max_size=3
    ),
    kinds=st.dictionaries(st.sampled_from(DAYS), st.integers(0, 7), max_size=4),
    bounds=st.tuples(st.none() | st.sampled_from(DAYS[:4]), st.none() | st.sampled_from(DAYS[4:])),
)
@settings(deadline=None, max_examples=25)
def test_exceptions_holidays_and_bounds_equal_the_minute_scan(
    zone, weekly, exceptions, kinds, bounds
):
    first_day, last_day = bounds
    schedule = Schedule(zone, weekly, first_day, last_day, exceptions, kinds)
    begin_ms, end_ms = ms("2026-02-12"), ms("2026-02-17")
    minutes, expected = scan(schedule, begin_ms, end_ms)
    some = slice(None, None, 7)
    found = compile_schedule(schedule, begin_ms, end_ms).active(minutes[some])
    assert np.array_equal(found, expected[some])


def test_a_working_saturday_keeps_the_friday_it_stands_in_for():
    schedule = Schedule(
        "Asia/Shanghai", (Window(540, 1020, WORKDAYS),), day_kinds={date(2026, 2, 14): 5}
    )
    found = compile_schedule(schedule, ms("2026-02-14"), ms("2026-02-15"))
    assert found.active(np.array([ms("2026-02-14T02:00")])).tolist() == [True]  # 10:00 there


def test_the_state_counts_where_a_window_starts():
    schedule = Schedule("Asia/Shanghai", (Window(1320, 1800),))
    found = compile_schedule(schedule, ms("2026-11-20"), ms("2026-11-23"))
    ten_at_night = ms("2026-11-21T14:00")
    assert found.starts_between(ten_at_night - 1, ten_at_night).tolist() == [ten_at_night]
    assert found.starts_between(ten_at_night, ten_at_night + 1).tolist() == []
    first_ms = found.begin_ms  # 08:00 there: the curfew of the night before has ended
    assert first_ms not in found.starts_between(first_ms - 1, found.end_ms)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: Window(1440, 1500), "starts at minute 0 to 1439"),
        (lambda: Window(60, 60), "1 to 1440 minutes long"),
        (lambda: Window(0, 1441), "1 to 1440 minutes long"),
        (lambda: Window(0, 60, frozenset()), "at least one"),
        (lambda: Window(0, 60, frozenset({8})), "at least one of 1 to 7"),
        (lambda: Schedule("Asia/Peking", ()), "not an IANA name"),
        (lambda: Schedule("../etc/passwd", ()), "not an IANA name"),
        (lambda: Schedule("Asia/Shanghai", (), DAYS[1], DAYS[0]), "is before first day"),
        (lambda: Schedule("Asia/Shanghai", (), day_kinds={DAYS[0]: 9}), "not 1 to 7"),
        (lambda: compile_schedule(Schedule("Asia/Shanghai", ()), 5, 5), "a span of 0 ms"),
        (
            lambda: compile_schedule(Schedule("UTC", ()), 0, (MOST_DAYS + 1) * DAY_MS),
            "at most 3700 days",
        ),
        (
            lambda: compile_schedule(Schedule("UTC", ()), 0, DAY_MS).active(np.array([DAY_MS])),
            "not within the compiled span",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused(make, reason):
    with pytest.raises(ScheduleError, match=reason):
        make()
