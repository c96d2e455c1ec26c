"""When a group that grew is news to who has it."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.grouping.growth import is_news


def test_five_are_news_to_who_was_told_of_one_and_four_are_not():
    assert is_news(5, told=1)
    assert not is_news(4, told=1)


def test_a_group_that_was_told_whole_is_no_news():
    assert not is_news(1_000, told=1_000)


@given(st.lists(st.integers(1, 50), max_size=300))
def test_no_storm_is_told_often_and_none_is_four_times_what_who_has_it_knows(steps):
    waiting, told = 1, [1]
    for more in steps:
        waiting += more
        if is_news(waiting, told=told[-1]):
            told.append(waiting)
        assert waiting < max(5, 4 * told[-1])
    assert all(later >= 4 * before for before, later in pairwise(told))
