"""When a message may go out, and when again."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.notifications.timing import ZONE, Patience, quiet_until

PATIENCE = Patience(most_attempts=8, first_s=2, longest_s=600, breaks_after=5, rest_s=30)
INSTANTS = st.integers(0, 4 * 365 * 86_400).map(
    lambda second: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
)
CLOCKS = st.times(timezones=st.none()).map(lambda one: one.replace(second=0, microsecond=0))


def beijing(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 22, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (beijing(21, 59), None),
        (beijing(22), beijing(7) + timedelta(days=1)),
        (beijing(3), beijing(7)),
        (beijing(7), None),
    ],
    ids=["before", "begin", "after midnight", "end"],
)
def test_quiet_hours_over_midnight_end_in_the_morning(now, until):
    assert quiet_until(now, time(22), time(7)) == until


def test_a_channel_without_quiet_hours_is_never_quiet():
    assert quiet_until(beijing(3), None, None) is None


@given(INSTANTS, CLOCKS, CLOCKS)
def test_quiet_ends_within_a_day_at_its_hour_and_is_over_then(now, begins, ends):
    until = quiet_until(now, begins, ends) if begins != ends else None
    if until is not None:
        assert now < until <= now + timedelta(days=1)
        assert until.astimezone(ZONE).time() == ends
        assert quiet_until(until, begins, ends) is None


@given(st.integers(1, 5_000), st.floats(0.5, 1.0))
def test_a_pause_is_bounded_by_half_and_whole_of_its_doubling(attempts, chance):
    whole = min(2.0 * 2 ** min(attempts - 1, 20), 600.0)
    pause = PATIENCE.pause_s(attempts, lambda _low, _high: chance)
    assert whole / 2 <= pause <= whole


@pytest.mark.parametrize(
    ("failures", "rest_s"),
    [(0, None), (4, None), (5, 30), (6, 60), (9, 480), (10, 600), (900, 600)],
)
def test_a_channel_rests_after_five_failures_longer_each_time(failures, rest_s):
    assert PATIENCE.rest_after_s(failures) == rest_s
