"""Transfers over histories that hypothesis draws."""

from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Refusal
from server.law.policy import national
from server.transfers.lifecycle import (
    ENDED,
    SIDE,
    STATES,
    Action,
    Moment,
    Side,
    after,
    application_faults,
)

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
DUE = BEGIN + timedelta(days=7)
ACTIONS = get_args(Action)
DEEDS = st.tuples(
    st.sampled_from(ACTIONS), st.sampled_from((*get_args(Side), None)), st.integers(0, 9)
)


@pytest.mark.article("law-27", "measures-30", "measures-31")
@given(st.lists(DEEDS, max_size=40))
def test_no_file_moves_unless_both_counties_agreed_in_order(deeds):
    state, done, now = "applied", [], BEGIN
    for action, side, days in deeds:
        now += timedelta(days=days)
        found = after(Moment(state, side, DUE, now), action)
        if isinstance(found, Refusal):
            assert found.allowed_zh
            assert found.allowed_en
            continue
        assert side == SIDE[action]
        if action == "miss":
            assert now >= DUE
        assert state not in ENDED - {"missing"}
        state = found
        done.append(action)
    if "move" in done:
        assert done[: done.index("move") + 1] == ["verify", "ask", "agree", "approve", "move"]
    assert set(done).isdisjoint({"move", "approve"}) or "decline" not in done
    assert state in STATES


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.integers(-100, 100), st.booleans())
def test_a_month_ahead_to_another_county_that_is_there(today, days, is_county):
    move_on = today + timedelta(days=days)
    faults = application_faults(
        own_county="a",
        to_county="b",
        is_county=is_county,
        move_on=move_on,
        today=today,
        policy=national(),
    )
    rules = {fault.rule for fault in faults}
    assert ("transfer_to_nowhere" in rules) is not is_county
    if days >= 31:
        assert "apply_ahead" not in rules
    if days < 28:
        assert "apply_ahead" in rules
