"""Open slots: those of a set, and every opening is told from the one before."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gateway.engine.openings import Openings


@given(st.lists(st.tuples(st.integers(0, 99), st.booleans())))
def test_they_are_the_slots_that_were_opened_and_not_closed(steps):
    openings, expected = Openings(), set()
    openings.grow(100)
    for slot, is_open in steps:
        openings.note(slot, is_open=is_open)
        expected = expected | {slot} if is_open else expected - {slot}
    assert openings.slots().tolist() == sorted(expected)
    assert openings.are(np.arange(100)).tolist() == [slot in expected for slot in range(100)]


def test_a_slot_that_is_opened_again_has_another_number():
    openings = Openings()
    seen = set()
    for _ in range(3):
        openings.note(5, is_open=True)
        seen.add(int(openings.numbers(np.array([5]))[0]))
        openings.note(5, is_open=False)
    openings.close_all()
    openings.note(5, is_open=True)
    seen.add(int(openings.numbers(np.array([5]))[0]))
    assert len(seen) == 4
    assert 0 not in seen
