"""Who is held against which fence: lists, their validity, and edits that move nobody else."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geofence.assignment import ALWAYS, Row, assign

times = st.integers(-50, 50)
rows = st.tuples(st.integers(0, 9), times, times).map(lambda row: Row(*row)) | st.integers(
    0, 9
).map(Row)
lists = st.lists(st.lists(rows, max_size=4), min_size=1, max_size=6)


def pairs_of(assignment, subjects, times_ms=None):
    time_ms = None if times_ms is None else np.array(times_ms)
    found = assignment.pairs(np.array(subjects, np.int64), time_ms)
    return list(zip(*(column.tolist() for column in found), strict=True))


def test_pairs_come_fix_by_fix_in_the_order_of_the_list():
    found = pairs_of(assign([[7, 3], [], [3]]), [2, 1, 0])
    assert found == [(0, 3, 2), (2, 7, 0), (2, 3, 1)]


def test_a_subject_that_comes_twice_is_held_against_its_fences_twice():
    assert [slot for _, _, slot in pairs_of(assign([[4, 5]]), [0, 0])] == [0, 1, 0, 1]


def test_a_row_holds_from_its_first_millisecond_to_before_its_last():
    assignment = assign([[Row(1, 10, 20)]])
    assert [fix for fix, _, _ in pairs_of(assignment, [0] * 4, [9, 10, 19, 20])] == [1, 2]


def test_a_row_without_times_always_holds():
    extremes = [ALWAYS[0], 0, ALWAYS[1] - 1]
    assert len(pairs_of(assign([[1, Row(2, 5, 5)]]), [0] * 3, extremes)) == 3


@given(lists, st.data())
@settings(max_examples=60)
def test_pairs_are_those_of_a_loop(lists, data):
    subjects = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=8))
    at_ms = data.draw(st.lists(times, min_size=len(subjects), max_size=len(subjects)))
    expected = [
        (fix, row.zone)
        for fix, (subject, time_ms) in enumerate(zip(subjects, at_ms, strict=True))
        for row in lists[subject]
        if row.valid_from_ms <= time_ms < row.valid_to_ms
    ]
    found = pairs_of(assign(lists), subjects, at_ms)
    assert [(fix, zone) for fix, zone, _ in found] == expected


@given(lists, lists, st.data())
@settings(max_examples=60)
def test_an_edit_answers_as_a_new_assignment_and_moves_no_other_slot(lists, others, data):
    old = assign(lists)
    before = pairs_of(old, range(len(lists)), [0] * len(lists))
    changed = dict(enumerate(others[1:], len(lists)))
    edited = data.draw(st.integers(0, len(lists) - 1))
    changed[edited] = others[0]
    new = old.edited(changed)
    everybody = range(len(lists) + len(others) - 1)
    expected = assign([changed.get(n, lists[n] if n < len(lists) else []) for n in everybody])
    found = pairs_of(new, everybody, [0] * len(everybody))
    assert [pair[:2] for pair in found] == [
        pair[:2] for pair in pairs_of(expected, everybody, [0] * len(everybody))
    ]
    assert [p for p in found if p[0] < len(lists) and p[0] != edited] == [
        p for p in before if p[0] != edited
    ]
    assert len({slot for _, _, slot in found}) == len(found)
    assert pairs_of(old, range(len(lists)), [0] * len(lists)) == before


def test_times_cost_nothing_until_a_row_has_some():
    plain = assign([[1, 2], [3]])
    timed = plain.edited({1: [Row(3, 0, 9)]})
    assert plain.nbytes == 2 * 2 * 4 + 3 * 4
    assert timed.nbytes == 2 * 2 * 4 + 4 * (4 + 16)
    assert pairs_of(timed, [0, 1], [100, 100]) == [(0, 1, 0), (0, 2, 1)]
