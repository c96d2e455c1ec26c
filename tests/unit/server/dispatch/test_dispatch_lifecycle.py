"""A task in any order of what people, terminals and clocks say of it."""

from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from server.dispatch.lifecycle import (
    GIVEN_BACK,
    LIVE,
    Event,
    State,
    is_field_visit,
    lapse_of,
    transition,
)
from server.errors import Refusal

SENT_AT = datetime(2026, 11, 22, tzinfo=UTC)
EVENTS = get_args(Event)
WAY = ("sent", "received", "accepted", "en_route", "on_site", "reported")
EXPECTED = {"sent", "received", "accepted", "en_route"}
"""Somebody is expected somewhere: what the schema's `dispatch_on_a_clock` has on a clock."""
OVER = {"reported", "declined", "cancelled"}


class Task(RuleBasedStateMachine):
    """The server's part of a task, as `answering.take` moves it."""

    @initialize(accept_min=st.integers(1, 30), more_min=st.integers(0, 600))
    def sent(self, accept_min: int, more_min: int) -> None:
        self.state: State = "sent"
        self.passed: list[State] = ["sent"]
        self.accept_by = SENT_AT + timedelta(minutes=accept_min)
        self.due_at = self.accept_by + timedelta(minutes=more_min)
        self.lapses_at: datetime | None = self.accept_by
        self.visited = False

    @rule(event=st.sampled_from(EVENTS))
    def said(self, event: Event) -> None:
        before = self.state
        found = transition(before, event)
        if isinstance(found, Refusal):
            assert found.rule == "task_state"
            return
        assert before not in OVER, f"{event} after {before}"
        assert found == event, "the state has the event's name"
        if is_field_visit(event, was_on_site="on_site" in self.passed):
            self.visited = True
        self.state = found
        self.passed.append(found)
        self.lapses_at = lapse_of(found, due_at=self.due_at, lapses_at=self.lapses_at)

    @rule(event=st.sampled_from(EVENTS))
    def said_twice(self, event: Event) -> None:
        """What a terminal says again after a lost answer moves nothing."""
        self.said(event)
        after = self.state
        if after == event:
            assert isinstance(transition(after, event), Refusal)

    @invariant()
    def who_is_expected_is_on_a_clock_and_nobody_else(self) -> None:
        assert (self.lapses_at is not None) == (self.state in EXPECTED)
        if self.lapses_at is not None:
            has_accepted = self.state in ("accepted", "en_route")
            assert self.lapses_at == (self.due_at if has_accepted else self.accept_by)

    @invariant()
    def the_way_is_gone_forwards_only(self) -> None:
        ranks = [WAY.index(state) for state in self.passed if state in WAY]
        assert ranks == sorted(set(ranks))

    @invariant()
    def who_may_be_called_back_is_live(self) -> None:
        may_be = not isinstance(transition(self.state, "cancelled"), Refusal)
        assert may_be == (self.state in LIVE)

    @invariant()
    def who_has_arrived_does_not_lapse_and_who_lapsed_may_arrive(self) -> None:
        if self.state == "on_site":
            assert isinstance(transition("on_site", "lapsed"), Refusal)
        if self.state == "lapsed":
            allowed = [e for e in EVENTS if not isinstance(transition("lapsed", e), Refusal)]
            assert allowed == ["on_site"]

    @invariant()
    def a_visit_needs_an_arrival_and_a_report(self) -> None:
        has_both = self.state == "reported" and "on_site" in self.passed
        assert self.visited == has_both

    @invariant()
    def what_is_given_back_is_given_back_once_unless_somebody_came_late(self) -> None:
        back = [state for state in self.passed if state in GIVEN_BACK]
        assert len(back) <= 1 or (back == ["lapsed", "cancelled"] and "on_site" in self.passed)


Task.TestCase.settings = settings(max_examples=60, stateful_step_count=16, deadline=None)
TestTask = Task.TestCase
