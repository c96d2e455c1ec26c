"""The Wilson interval of a share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.precision.interval import share_of

PARTS = st.integers(1, 10**7).flatmap(
    lambda whole: st.tuples(st.integers(0, whole), st.just(whole))
)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_the_published_ones(part, whole, low, high):
    share = share_of(part, whole)
    assert share is not None
    assert (share.low, share.high) == (low, high)


@given(PARTS)
def test_a_share_lies_in_its_interval_and_the_rest_mirrors_it(parts):
    part, whole = parts
    share, rest = share_of(part, whole), share_of(whole - part, whole)
    assert share is not None
    assert rest is not None
    assert 0 <= share.low <= share.share <= share.high <= 1
    assert rest.low == pytest.approx(1 - share.high, abs=1.1e-4)


@given(st.integers(0, 50), st.integers(0, 50))
def test_more_of_the_same_is_surer(part, more):
    whole = part + more
    if whole == 0:
        assert share_of(part, whole) is None
        return
    one, ten = share_of(part, whole), share_of(10 * part, 10 * whole)
    assert one is not None
    assert ten is not None
    assert ten.high - ten.low <= one.high - one.low


@pytest.mark.parametrize(("part", "whole"), [(-1, 3), (4, 3)])
def test_no_share_of_what_it_is_not_part_of(part, whole):
    with pytest.raises(ValueError, match="is no share"):
        share_of(part, whole)
