"""The single windows of a schedule, each by itself."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofence.errors import ScheduleError
from geofence.schedule.instants import compile_schedule
from geofence.schedule.occurrences import occurrences
from geofence.schedule.rule import Schedule, Window

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def ms(year, month, day, hour=0):
    return round(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) * 1_000


def schedule(*windows, zone="Asia/Shanghai", **given_):
    return Schedule(zone, tuple(Window(start * 60, end * 60) for start, end in windows), **given_)


def test_windows_that_touch_or_overlap_stay_apart():
    both = schedule((0, 24), (8, 10))
    found = occurrences(both, ms(2026, 11, 21, 16), ms(2026, 11, 23, 16))
    assert found == [
        (ms(2026, 11, 21, 16), ms(2026, 11, 22, 16)),
        (ms(2026, 11, 22, 0), ms(2026, 11, 22, 2)),
        (ms(2026, 11, 22, 16), ms(2026, 11, 23, 16)),
        (ms(2026, 11, 23, 0), ms(2026, 11, 23, 2)),
    ]


def test_a_window_belongs_to_the_span_in_which_it_starts():
    night = schedule((22, 30))
    start_ms = ms(2026, 11, 22, 14)
    assert occurrences(night, start_ms, start_ms + 1) == [(start_ms, start_ms + 8 * HOUR_MS)]
    assert occurrences(night, start_ms + 1, start_ms + HOUR_MS) == []


def test_a_repeated_hour_is_in_its_window_twice_and_a_skipped_one_is_none():
    zone = "Europe/Berlin"
    autumn = occurrences(schedule((2, 3), zone=zone), ms(2026, 10, 24, 12), ms(2026, 10, 25, 12))
    assert autumn == [(ms(2026, 10, 25, 0), ms(2026, 10, 25, 2))]
    spring = occurrences(schedule((2, 3), zone=zone), ms(2026, 3, 28, 12), ms(2026, 3, 29, 12))
    assert spring == []


def test_a_day_with_windows_of_its_own_has_those_alone():
    quiet = schedule((8, 10), exceptions={date(2026, 11, 22): ()})
    found = occurrences(quiet, ms(2026, 11, 21, 16), ms(2026, 11, 23, 16))
    assert found == [(ms(2026, 11, 23, 0), ms(2026, 11, 23, 2))]


def test_an_empty_span_is_refused():
    with pytest.raises(ScheduleError, match="above 0"):
        occurrences(schedule((8, 10)), 5, 5)


@given(
    st.lists(st.tuples(st.integers(0, 23), st.integers(1, 12)), min_size=1, max_size=4),
    st.integers(0, 300),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe"]),
)
def test_together_the_windows_are_the_schedule(spans, day, zone):
    one = schedule(*((start, start + hours) for start, hours in spans), zone=zone)
    begin_ms = ms(2026, 1, 3) + day * DAY_MS
    found = occurrences(one, begin_ms - 3 * DAY_MS, begin_ms + 2 * DAY_MS)
    held = compile_schedule(one, begin_ms, begin_ms + 2 * DAY_MS)
    joined = []
    for whole in found:
        start, end = max(whole[0], begin_ms), min(whole[1], begin_ms + 2 * DAY_MS)
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    assert joined == list(zip(held.start_ms.tolist(), held.stop_ms.tolist(), strict=True))
