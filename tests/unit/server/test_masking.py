"""What masked fields show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.personal.masking import (
    MASK,
    masked_identity,
    masked_name,
    masked_phone,
    masked_place,
)

EVERY = (masked_phone, masked_identity, masked_place, masked_name)


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (masked_phone, "13800001234", "138****1234"),
        (masked_phone, "110", "****"),
        (masked_identity, "33010119900501001X", "3301****1X"),
        (masked_place, "青溪县城关镇人民路1号", "青溪县城关镇****"),
        (masked_name, "王小红", "王****"),
    ],
)
def test_a_field_shows_its_ends(mask, value, shown):
    assert mask(value) == shown


@given(st.text(max_size=60))
def test_nothing_shows_its_whole_or_its_length(value):
    for mask in EVERY:
        shown = mask(value)
        assert MASK in shown
        assert len(shown) - len(MASK) <= max(0, min(len(value) - 1, 7))


def test_what_is_not_known_stays_so():
    assert [mask(None) for mask in EVERY] == [None] * 4
