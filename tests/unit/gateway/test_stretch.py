"""What a stretch tells rules of earlier rows, against a plain walk over each wearer's rows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.alarm import alarms_to_mask
from gateway.engine.stretch import NEVER_MS
from tests.unit.gateway.rules.building import START_MS, row, stretch

CARRIED = 7
LENGTHS = st.lists(st.integers(1, 5), min_size=1, max_size=5)
HOLDS = st.sampled_from([(False,), (True,), (True, False)])


def walked(lengths, holds, carried):
    """Return (newest before each row, newest with it, since when it holds) where `holds` counts."""
    out, at = [], 0
    for size in lengths:
        newest, since = carried, NEVER_MS
        for _ in range(size):
            before = newest
            if holds[at]:
                newest = START_MS + at
                since = since if since != NEVER_MS else newest
            else:
                since = NEVER_MS
            out.append((before, newest, since))
            at += 1
    return [list(column) for column in zip(*out, strict=True)]


@given(LENGTHS, HOLDS, st.data())
def test_newest_before_and_since_are_those_of_a_walk(lengths, choices, data):
    size = sum(lengths)
    holds = data.draw(st.lists(st.sampled_from(choices), min_size=size, max_size=size))
    times = iter(range(START_MS, START_MS + size))
    made = stretch([[row(next(times)) for _ in range(count)] for count in lengths])
    where, carried = np.array(holds), np.full(len(lengths), CARRIED)
    before, newest, since = walked(lengths, holds, CARRIED)
    assert made.newest_before(where, made.time_ms, carried).tolist() == before
    assert made.newest(where, made.time_ms, carried).tolist() == newest
    assert made.since(where, np.full(len(lengths), NEVER_MS)).tolist() == since
    # Of another type than what is carried, nothing may be handed on as it is.
    narrow = (made.time_ms - START_MS).astype(np.int16)
    found = made.newest(where, narrow, carried)
    expected = [value if value == CARRIED else value - START_MS for value in newest]
    assert found.dtype == np.dtype(np.int64)
    assert found.tolist() == expected


@given(LENGTHS, st.data())
def test_sums_run_within_each_wearer_from_what_was_carried(lengths, data):
    size = sum(lengths)
    values = data.draw(st.lists(st.integers(-9, 9), min_size=size, max_size=size))
    made = stretch([[row(START_MS + k) for k in range(count)] for count in lengths])
    carried, expected, rest = np.arange(len(lengths)) * 100, [], iter(values)
    for number, count in enumerate(lengths):
        total = int(carried[number])
        for _ in range(count):
            total += next(rest)
            expected.append(total)
    assert made.total(np.array(values), carried).tolist() == expected


def test_an_alarm_is_of_the_rows_that_carry_it_and_of_no_others():
    said = ["sos"], [], ["strap", "charging"]
    rows = [row(START_MS, alarms=alarms_to_mask(names)) for names in said]
    made = stretch([[one] for one in rows])
    for name in ("sos", "strap", "charging", "jamming"):
        assert made.has_alarm(name).tolist() == [name in names for names in said]
