"""Groups of one fingerprint: runs within a window, the same in any order of arrival."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.grouping.windows import Member, WindowLaw, groups_of, window_law
from server.law.policy import national

LAW = WindowLaw(timedelta(minutes=60), cut_hour=12)
T0 = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
"""14:00 in Beijing."""


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def partition(groups: dict[str, str]) -> set[frozenset[str]]:
    return {
        frozenset(one for one, group in groups.items() if group == name)
        for name in set(groups.values())
    }


def arrived(order: Iterable[tuple[str, datetime]], batch: int = 1) -> dict[str, str]:
    """What stands after alerts came in an order, each batch found among its neighbours only."""
    coming, stands = list(order), dict[str, tuple[datetime, str]]()
    for first in range(0, len(coming), batch):
        new = [Member(name, time, None) for name, time in coming[first : first + batch]]
        lowest = min(one.at for one in new) - LAW.window
        highest = max(one.at for one in new) + LAW.window
        near = [
            Member(name, time, group)
            for name, (time, group) in stands.items()
            if lowest <= time <= highest
        ]
        groups = groups_of([*new, *near], LAW)
        grown = {one.group: groups[one.id] for one in near if one.group != groups[one.id]}
        stands = {name: (time, grown.get(group, group)) for name, (time, group) in stands.items()}
        stands |= {one.id: (one.at, groups[one.id]) for one in new}
    return {name: group for name, (_, group) in stands.items()}


def test_alerts_within_the_window_of_each_other_are_one_group():
    groups = arrived([("a", at(0)), ("b", at(50)), ("c", at(110))])
    assert partition(groups) == {frozenset("abc")}


def test_a_pause_longer_than_the_window_begins_another_group():
    assert partition(arrived([("a", at(0)), ("b", at(61))])) == {frozenset("a"), frozenset("b")}


def test_what_falls_between_two_groups_makes_them_one_under_the_name_of_the_earlier():
    before = arrived([("a", at(0)), ("b", at(100))])
    after = arrived([("a", at(0)), ("b", at(100)), ("c", at(50))])
    assert set(after.values()) == {before["a"]}


def test_every_group_ends_at_the_hour_of_the_day_at_which_groups_end():
    noon = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    groups = arrived([("a", noon - timedelta(minutes=1)), ("b", noon)])
    assert len(set(groups.values())) == 2
    night = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    assert len(set(arrived([("a", night - timedelta(minutes=1)), ("b", night)]).values())) == 1


def test_a_group_that_stands_keeps_its_name_when_an_earlier_alert_joins_it():
    first = arrived([("b", at(30))])
    assert arrived([("b", at(30)), ("a", at(0))])["a"] == first["b"]


@given(
    st.lists(st.integers(0, 60 * 40), min_size=1, max_size=14),
    st.randoms(use_true_random=False),
    st.integers(1, 4),
)
def test_any_order_and_any_batches_end_in_the_same_groups(minutes, random, batch):
    alerts = [(f"alert-{number}", at(minute)) for number, minute in enumerate(minutes)]
    shuffled = list(alerts)
    random.shuffle(shuffled)
    assert partition(arrived(alerts)) == partition(arrived(shuffled, batch))


@given(st.lists(st.integers(0, 60 * 40), min_size=1, max_size=14))
def test_groups_are_the_runs_that_an_obvious_count_finds(minutes):
    alerts = sorted((at(minute), f"alert-{number}") for number, minute in enumerate(minutes))
    expected, run = [], [alerts[0]]
    for before, one in pairwise(alerts):
        days = [(time + timedelta(hours=8 - 12)).date() for time in (before[0], one[0])]
        if one[0] - before[0] > LAW.window or days[0] != days[1]:
            expected.append(run)
            run = []
        run.append(one)
    expected.append(run)
    found = partition(arrived([(name, time) for time, name in alerts]))
    assert found == {frozenset(name for _, name in run) for run in expected}


def test_the_figures_are_the_policys():
    law = window_law(national())
    assert (law.window, law.cut_hour) == (timedelta(minutes=60), 12)
