"""The draw of checks: provable, within its windows, spread, and never a track."""

from collections import Counter
from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.checks.draw import Plan, commitment, draw
from server.law.days import ZONE

WINDOWS = ((time(8), time(12)), (time(14), time(21, 30)))
seeds = st.binary(min_size=32, max_size=32)


def plan(**changed):
    values = {
        "subject": "s-1",
        "methods": ("phone", "video", "visit"),
        "first_day": date(2026, 12, 1),
        "last_day": date(2026, 12, 21),
        "windows": WINDOWS,
        "count": 12,
        "answer_min": 30,
    }
    return Plan(**(values | changed))


@given(seeds, st.integers(1, 20))
def test_checks_are_within_the_windows_an_hour_apart_and_as_many_as_asked(seed, count):
    drawn = draw(seed, plan(count=count))
    assert len(drawn) == count
    for one in drawn:
        local = one.due_from.astimezone(ZONE)
        assert date(2026, 12, 1) <= local.date() <= date(2026, 12, 21)
        assert any(start <= local.time() < end for start, end in WINDOWS)
        assert one.due_to - one.due_from == timedelta(minutes=30)
    assert all(b.due_from - a.due_from >= timedelta(hours=1) for a, b in pairwise(drawn))


@given(seeds)
def test_the_same_seed_gives_the_same_draw_and_another_another(seed):
    assert draw(seed, plan()) == draw(seed, plan())
    other = bytes([seed[0] ^ 1]) + seed[1:]
    assert draw(seed, plan()) != draw(other, plan())


@given(seeds, st.sampled_from(["count", "answer_min"]))
def test_a_commitment_is_of_this_seed_and_this_plan(seed, name):
    changed = plan(**{name: 15})
    assert commitment(seed, plan()) != commitment(seed, changed)
    assert commitment(bytes(32), plan()) != commitment(b"\x01" + bytes(31), plan())


def test_every_day_and_method_is_drawn_about_as_often():
    days, methods = Counter(), Counter()
    for number in range(400):
        for one in draw(number.to_bytes(32, "big"), plan(count=5)):
            days[one.due_from.astimezone(ZONE).date()] += 1
            methods[one.method] += 1
    assert len(days) == 21
    # 95 expected of each; five standard deviations on either side.
    assert 47 < min(days.values()) <= max(days.values()) < 143
    assert 560 < min(methods.values()) <= max(methods.values()) < 780


def test_what_does_not_fit_is_no_endless_draw():
    narrow = plan(last_day=date(2026, 12, 1), windows=((time(8), time(9)),), count=3)
    with pytest.raises(ValueError, match="do not fit"):
        draw(bytes(32), narrow)
