import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geofence.transition import Persistence, Streaks, fold
from tests.oracles.transition import ScalarFold

GROUPS = 3
rows = st.lists(
    st.tuples(st.integers(0, GROUPS - 1), st.integers(0, 100), st.sampled_from([-1, 0, 1])),
    max_size=60,
)
needs = st.tuples(st.integers(1, 4), st.integers(0, 40), st.integers(1, 4), st.integers(0, 40))


def persistence(need, size):
    return Persistence(*(np.full(size, value, np.int64) for value in need))


def run_fold(base, table, need):
    group, time_ms, decision = (np.array([r[k] for r in table], np.int64) for k in range(3))
    after, changes = fold(
        base, group, time_ms, decision.astype(np.int8), persistence(need, len(table))
    )
    found = [
        (int(g), bool(b), int(at))
        for g, b, at in zip(changes.group, changes.begins, changes.at_ms, strict=True)
    ]
    return after, found, changes


@given(rows, needs)
def test_fold_equals_one_row_at_a_time(table, need):
    table = sorted(table, key=lambda r: (r[0], r[1]))
    oracles = [ScalarFold(*need) for _ in range(GROUPS)]
    expected = []
    for group, time_ms, decision in table:
        change = oracles[group].feed(time_ms, decision)
        if change is not None:
            expected.append((group, *change))
    after, found, _ = run_fold(Streaks.fresh(GROUPS), table, need)
    assert found == expected
    assert [bool(a) for a in after.active] == [o.active for o in oracles]
    assert [int(c) for c in after.count] == [o.count for o in oracles]


@given(rows, needs, st.integers(0, 100))
def test_cutting_the_rows_in_two_changes_nothing(table, need, cut_ms):
    table = sorted(table, key=lambda r: (r[0], r[1]))
    whole, found, _ = run_fold(Streaks.fresh(GROUPS), table, need)
    first = [r for r in table if r[1] < cut_ms]
    second = [r for r in table if r[1] >= cut_ms]
    between, found_first, _ = run_fold(Streaks.fresh(GROUPS), first, need)
    after, found_second, _ = run_fold(between, second, need)
    assert sorted(found) == sorted(found_first + found_second)
    for name in ("sign", "count", "begin_ms", "active"):
        assert getattr(after, name).tolist() == getattr(whole, name).tolist()


def test_one_bad_fix_begins_nothing():
    table = [(0, 0, -1), (0, 10, 1), (0, 20, -1), (0, 30, -1)]
    _, found, _ = run_fold(Streaks.fresh(GROUPS), table, (2, 0, 1, 0))
    assert found == []


def test_an_episode_is_dated_back_to_where_its_streak_began():
    table = [(0, 0, -1), (0, 10, 1), (0, 15, 0), (0, 20, 1), (0, 50, 1)]
    _, found, changes = run_fold(Streaks.fresh(GROUPS), table, (3, 30, 2, 0))
    assert found == [(0, True, 10)]
    assert changes.row.tolist() == [4]


def test_the_base_memory_is_left_as_it_was():
    base = Streaks.fresh(GROUPS)
    run_fold(base, [(0, 0, 1)], (1, 0, 1, 0))
    assert not base.active.any()


def test_a_batch_may_begin_and_end_and_begin_again():
    table = [(0, 0, 1), (0, 10, -1), (0, 20, 1), (1, 5, -1), (1, 6, 1)]
    _, found, _ = run_fold(Streaks.fresh(GROUPS), table, (1, 0, 1, 0))
    assert found == [(0, True, 0), (0, False, 10), (0, True, 20), (1, True, 6)]


def test_a_row_is_judged_by_the_thresholds_that_hold_for_it():
    times = np.array([0, 10, 20], np.int64)
    need = Persistence(*(np.array(v, np.int64) for v in ([3, 2, 2], [0] * 3, [1] * 3, [0] * 3)))
    _, changes = fold(Streaks.fresh(1), np.zeros(3, np.int64), times, np.ones(3, np.int8), need)
    assert changes.row.tolist() == [1]
