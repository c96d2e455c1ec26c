"""Any history of a person's orders: nobody is tracked without one, and none is too long."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.errors import RefusedError
from server.law.policy import national
from server.orders.grounds import GROUNDS, ON_RECORD
from server.orders.lifecycle import (
    Asked,
    Order,
    check_application,
    check_decidable,
    check_running,
    granted_term,
    months_after,
)
from server.orders.wearing_rules import check_wearing

BEGIN = datetime(2026, 11, 22, 3, tzinfo=UTC)
LAST = BEGIN + timedelta(days=700)


class History(RuleBasedStateMachine):
    """One person; people apply, assess, approve, lift at any time, rightly and wrongly."""

    def __init__(self):
        super().__init__()
        self.now = BEGIN
        self.orders: list[Order] = []
        self.waiting: Asked | None = None
        self.assessed: set[str] = set()
        self.approved_at: dict[str, datetime] = {}
        self.binding: tuple[datetime, datetime | None] | None = None

    def running(self):
        return [one for one in self.orders if one.ends_at > self.now]

    @rule(days=st.integers(0, 50), seconds=st.integers(1, 86_400))
    def time_goes_by(self, days, seconds):
        self.now += timedelta(days=days, seconds=seconds)

    @precondition(lambda self: self.waiting is None)
    @rule(
        ground=st.sampled_from(sorted(GROUNDS)),
        months=st.integers(0, 5),
        on_record=st.booleans(),
        extends=st.booleans(),
    )
    def somebody_applies(self, ground, months, on_record, extends):
        newest = self.orders[-1].order_id if extends and self.orders else None
        asked = Asked(ground, months, ("act",) if on_record else ("alert",), newest)
        is_sound = 1 <= months <= 3 and (on_record or ground not in ON_RECORD)
        has_place = (
            (
                newest is not None
                and self.running() == [self.orders[-1]]
                and self.orders[-1].lifted_at is None
            )
            if newest
            else not self.running()
        )
        try:
            check_application(asked, self.orders, now=self.now, policy=national())
        except RefusedError:
            assert not (is_sound and has_place)
        else:
            assert is_sound
            assert has_place
            self.waiting = asked

    @precondition(lambda self: self.waiting is not None)
    @rule(months=st.integers(1, 3))
    def the_head_approves(self, months):
        asked, self.waiting = self.waiting, None
        check_decidable("applied")
        try:
            begin, end = granted_term(
                asked,
                months,
                self.orders,
                now=self.now,
                last=LAST,
                is_assessed=asked.extends in self.assessed,
                policy=national(),
            )
        except RefusedError:
            return
        assert asked.extends is None or asked.extends in self.assessed
        order_id = f"o-{len(self.orders)}"
        self.approved_at[order_id] = self.now
        self.orders.append(Order(order_id, begin, end))

    @precondition(lambda self: self.running())
    @rule()
    def somebody_assesses(self):
        self.assessed.add(self.running()[0].order_id)

    @precondition(lambda self: self.orders)
    @rule()
    def the_county_lifts(self):
        try:
            check_running(self.orders[-1], self.now)
        except RefusedError:
            assert not self.running()
            return
        self.orders = [
            replace(one, lifted_at=self.now) if one.ends_at > self.now else one
            for one in self.orders
        ]

    @rule(is_told=st.booleans())
    def somebody_puts_a_wristband_on(self, is_told):
        order = next((one for one in self.orders if one.holds_at(self.now)), None)
        if order is not None and is_told:
            order = replace(order, notified_at=self.now)
        try:
            check_wearing(order)
        except RefusedError:
            assert order is None or not is_told
        else:
            assert order is not None
            assert order.holds_at(self.now)

    @invariant()
    def no_two_orders_hold_at_one_time(self):
        spans = sorted((one.valid_from, one.ends_at) for one in self.orders)
        real = [span for span in spans if span[0] < span[1]]
        assert all(one[1] <= two[0] for one, two in itertools.pairwise(real))

    @invariant()
    def no_order_is_back_dated_longer_than_three_months_or_after_the_term(self):
        for one in self.orders:
            assert one.valid_from >= self.approved_at[one.order_id]
            assert one.valid_from < one.valid_to <= months_after(one.valid_from, 3)
            assert one.valid_to <= LAST


TestHistory = pytest.mark.article("law-29")(History.TestCase)
TestHistory.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@pytest.mark.article("law-29")
@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("2026-11-30T15:30:00+08:00", "2027-02-28T15:30:00+08:00"),
        ("2026-11-22T23:59:59+08:00", "2027-02-22T23:59:59+08:00"),
        # The day of Shanghai counts, not that of UTC.
        ("2026-11-29T17:00:00+00:00", "2027-02-28T01:00:00+08:00"),
    ],
)
def test_three_months_are_counted_where_the_law_is_in_force(begin, end):
    assert months_after(datetime.fromisoformat(begin), 3) == datetime.fromisoformat(end)


@pytest.mark.article("law-29")
def test_an_extension_is_not_extended_before_it_begins():
    month = timedelta(days=30)
    standing = [
        Order("o-0", BEGIN, BEGIN + month),
        Order("o-1", BEGIN + month, BEGIN + 2 * month),
    ]
    asked = Asked(1, 1, ("act",), "o-1")
    with pytest.raises(RefusedError, match="in force"):
        check_application(asked, standing, now=BEGIN + month / 2, policy=national())
    check_application(asked, standing, now=BEGIN + month, policy=national())
