"""N of M against one row at a time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geofence.n_of_m import MOST, Window, n_of_m
from tests.oracles.n_of_m import n_of_m as one_by_one

FOLDS = 3
rows = st.lists(
    st.tuples(st.integers(0, FOLDS - 1), st.sampled_from([-1, 0, 1])), min_size=0, max_size=120
)
sizes = st.lists(
    st.integers(1, MOST).flatmap(lambda of: st.tuples(st.integers(1, of), st.just(of))),
    min_size=FOLDS,
    max_size=FOLDS,
)


def fold(recent, batch, window):
    ordered = sorted(batch, key=lambda row: row[0])
    group = np.array([row[0] for row in ordered], np.int64)
    decision = np.array([row[1] for row in ordered], np.int8)
    recent, out = n_of_m(recent, group, decision, window)
    return recent, [[v for g, v in zip(group, out, strict=True) if g == n] for n in range(FOLDS)]


@given(batches=st.lists(rows, min_size=1, max_size=3), sizes=sizes)
def test_batches_answer_as_one_row_at_a_time(batches, sizes):
    enough, of = (np.array(column, np.int64) for column in zip(*sizes, strict=True))
    recent = np.zeros(FOLDS, np.uint64)
    histories = [[] for _ in range(FOLDS)]
    for batch in batches:
        recent, found = fold(recent, batch, Window(enough, of))
        for number, (least, most) in enumerate(sizes):
            decisions = [decision for group, decision in batch if group == number]
            assert found[number] == one_by_one(histories[number], decisions, least, most)


def test_a_stutter_does_not_save_a_violation():
    recent = np.zeros(1, np.uint64)
    decisions = np.array([1, 1, -1, 1], np.int8)
    window = Window(np.array([3]), np.array([4]))
    _, out = n_of_m(recent, np.zeros(4, np.int64), decisions, window)
    assert out.tolist() == [-1, -1, -1, 1]
