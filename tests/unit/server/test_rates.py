"""Token buckets: nobody gets more than the rate, nobody waits for another, memory has an end."""

from hypothesis import given
from hypothesis import strategies as st

from server.rates import Rates

PER_S, BURST = 10.0, 20
pauses = st.lists(st.floats(0, 2), max_size=80)


@given(pauses=pauses)
def test_no_caller_gets_more_than_the_burst_and_the_rate(pauses):
    rates, now_s, passed = Rates(per_s=PER_S, burst=BURST), 0.0, 0
    for pause_s in pauses:
        now_s += pause_s
        passed += rates.wait_s(b"a", now_s) == 0
    assert passed <= BURST + PER_S * now_s + 1


@given(pauses=pauses)
def test_who_waits_as_long_as_told_is_let_through(pauses):
    rates, now_s = Rates(per_s=PER_S, burst=2), 0.0
    for pause_s in pauses:
        now_s += pause_s
        wait_s = rates.wait_s(b"a", now_s)
        if wait_s:
            now_s += wait_s + 1e-6
            assert rates.wait_s(b"a", now_s) == 0


def test_one_that_floods_delays_no_other():
    rates = Rates(per_s=PER_S, burst=BURST)
    for _ in range(1_000):
        rates.wait_s(b"flood", 0.0)
    assert rates.wait_s(b"flood", 0.0) > 0
    assert rates.wait_s(b"other", 0.0) == 0


def test_a_thousand_callers_are_as_many_buckets_as_there_is_room_for():
    rates = Rates(per_s=PER_S, burst=1, most=100)
    for number in range(1_000):
        rates.wait_s(str(number).encode(), 0.0)
    assert len(rates) == 100
    assert rates.wait_s(b"999", 0.0) > 0  # the last is remembered
    assert rates.wait_s(b"0", 0.0) == 0  # the first was forgotten
