"""The alert desk's transitions, as a table and under random interleavings."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.alerts.handling import placed, standing_of
from server.alerts.lifecycle import (
    GUARDED,
    WAITING,
    Doing,
    Standing,
    Verified,
    arrival,
    transition,
)
from server.errors import Refusal
from server.migrate import migration_files

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOURS = timedelta(hours=1)
STATES = ("open", "acknowledged", "dispatched", "resolved", "shelved", "superseded")
VERDICTS = ("confirmed", "false", "technical", "excused")
ALLOWED: dict[str, dict[str, str]] = {
    "acknowledge": {"open": "acknowledged"},
    "dispatch": {"open": "dispatched", "acknowledged": "dispatched"},
    "resolve": dict.fromkeys(WAITING, "resolved"),
    "shelve": {"open": "shelved", "acknowledged": "shelved"},
    "unshelve": {"shelved": "acknowledged"},
    "reopen": dict.fromkeys(("resolved", "shelved", "superseded"), "open"),
}


def standing(state="open", rule="exclusion", **given) -> Standing:
    verdict = "false" if state == "resolved" else None
    came_from = "acknowledged" if state == "shelved" else None
    values = {"severity": "major", "verdict": verdict, "shelved_from": came_from} | given
    return Standing(rule, state, **values)


def doing(**given) -> Doing:
    values = {"is_supervisor": True, "verdict": "excused", "now": NOW, "until": NOW + HOURS}
    return Doing("one", **(values | {"most_until": NOW + 72 * HOURS} | given))


def rule_of(answer) -> str:
    assert isinstance(answer, Refusal)
    assert answer.allowed_zh
    assert answer.allowed_en
    return answer.rule


@pytest.mark.parametrize("action", ALLOWED)
@pytest.mark.parametrize("state", STATES)
def test_an_action_moves_an_alert_from_these_states_only(state, action):
    answer = transition(standing(state), action, doing())
    expected = ALLOWED[action].get(state)
    assert (rule_of(answer) if expected is None else answer) == (expected or "alert_state")


@pytest.mark.parametrize("name", sorted(GUARDED))
def test_a_strap_a_case_or_a_call_for_help_is_never_set_aside(name):
    assert rule_of(transition(standing(rule=name), "shelve", doing())) == "never_shelved"
    for state in WAITING:
        assert arrival(standing(state, name), "superseded", name, "major").state == state


def test_the_schema_guards_the_same_rules():
    text = migration_files()["0022_alert_desk.sql"]
    named = text.split("rule NOT IN (")[1].split(")")[0]
    assert {name.strip(" '") for name in named.split(",")} == GUARDED


@pytest.mark.parametrize("verdict", ["false", "technical"])
@pytest.mark.parametrize(
    ("verified", "is_allowed"),
    [
        ((), False),
        ((Verified("one", "call", "unfounded"),), False),
        ((Verified("two", "call", "inconclusive"),), False),
        ((Verified("two", "field_visit", "founded"),), False),
        ((Verified("two", "call", "unfounded"),), True),
        ((Verified("one", "field_visit", "unfounded"),), False),
        ((Verified("one", "call", "unfounded", is_proven=True),), False),
        ((Verified("one", "field_visit", "unfounded", is_proven=True),), True),
    ],
)
def test_a_strap_is_dismissed_by_two_people_or_after_a_proven_visit(verdict, verified, is_allowed):
    answer = transition(
        standing(rule="strap"), "resolve", doing(verdict=verdict, verified=verified)
    )
    assert (answer == "resolved") is is_allowed
    if not is_allowed:
        assert rule_of(answer) == "verification_wanted"


def test_confirming_what_happened_to_a_strap_needs_no_second_person():
    answer = transition(standing(rule="strap"), "resolve", doing(verdict="confirmed"))
    assert answer == "resolved"


@pytest.mark.parametrize(
    ("verified", "expected"),
    [
        ((), "verification_wanted"),
        ((Verified("one", "field_visit", "founded"),), "verification_wanted"),
        ((Verified("two", "call", "inconclusive"),), "verification_wanted"),
        ((Verified("two", "call", "founded"),), None),
        ((Verified("one", "field_visit", "founded", is_proven=True),), None),
    ],
)
def test_a_strap_is_excused_by_two_people_or_after_a_proven_visit(verified, expected):
    answer = transition(
        standing(rule="strap"), "resolve", doing(verdict="excused", verified=verified)
    )
    assert (answer if expected is None else rule_of(answer)) == (expected or "resolved")


@pytest.mark.parametrize("until", [None, NOW, NOW - HOURS, NOW + 73 * HOURS])
def test_a_shelving_has_an_end_within_the_policys_bound(until):
    assert rule_of(transition(standing(), "shelve", doing(until=until))) == "shelf_end"


def test_a_fact_is_reopened_by_nobody_and_the_rest_by_a_supervisor():
    fact = standing("resolved", verdict="confirmed")
    assert rule_of(transition(fact, "reopen", doing())) == "is_a_fact"
    answer = transition(standing("resolved"), "reopen", doing(is_supervisor=False))
    assert rule_of(answer) == "supervisor_only"


def test_late_data_withdraws_what_nobody_decided_and_asks_about_what_somebody_did():
    for state in ("open", "acknowledged", "shelved"):
        assert arrival(standing(state), "superseded", "exclusion", "major").state == "superseded"
    assert arrival(standing("dispatched"), "superseded", "exclusion", "major").state == "dispatched"
    news = arrival(standing("resolved", verdict="confirmed"), "superseded", "exclusion", "major")
    assert (news.state, news.wants_review) == ("resolved", True)
    assert not arrival(standing("resolved"), "superseded", "exclusion", "major").wants_review


@pytest.mark.parametrize("state", ["shelved", "resolved"])
def test_only_graver_evidence_brings_back_what_was_set_aside_or_dismissed(state):
    assert arrival(standing(state), "amended", "exclusion", "major").state == state
    assert arrival(standing(state), "amended", "exclusion", "critical").state == "open"


def test_a_severity_never_falls_and_a_clear_closes_nothing():
    news = arrival(standing(severity="critical"), "amended", "exclusion", "minor")
    assert news.severity == "critical"
    assert arrival(standing(), "cleared", "exclusion", "major").state == "open"


@dataclass
class Row:
    """An alert as it is stored."""

    rule: str
    state: str = "open"
    severity: str = "major"
    condition: str = "active"
    verdict: str | None = None
    shelved_from: str | None = None
    due_at: datetime | None = NOW
    version: int = 1
    steps: list[str] = field(default_factory=lambda: ["raised"])
    verified: list[Verified] = field(default_factory=list)


class Interleavings(RuleBasedStateMachine):
    """Two officers with what each saw last, late data, the shelf's clock, restarts."""

    def __init__(self) -> None:
        super().__init__()
        self.row = Row("exclusion")
        self.seen = {"one": 1, "two": 1}
        self.moves = 0

    @rule(name=st.sampled_from(["exclusion", "strap", "sos"]))
    @precondition(lambda self: self.row.version == 1)
    def begin(self, name):
        self.row = Row(name)

    @rule(login=st.sampled_from(["one", "two"]))
    def look(self, login):
        self.seen[login] = self.row.version

    @rule(
        login=st.sampled_from(["one", "two"]),
        action=st.sampled_from(list(ALLOWED)),
        verdict=st.sampled_from(VERDICTS),
        hours=st.integers(-1, 80),
    )
    def act(self, login, action, verdict, hours):
        if self.seen[login] != self.row.version:
            return
        is_resolving = action == "resolve"
        asked = doing(
            verdict=verdict if is_resolving else None,
            until=NOW + hours * HOURS if action == "shelve" else None,
            is_supervisor=login == "one",
            verified=tuple(self.row.verified),
        )
        before = standing_of(asdict(self.row))
        answer = transition(before, action, Doing(login, **_rest(asked)))
        if isinstance(answer, Refusal):
            assert rule_of(answer)
            return
        guarded = before.rule in GUARDED
        if guarded and is_resolving and verdict != "confirmed":
            assert any(
                one.finding == "unfounded" or (verdict == "excused" and one.finding == "founded")
                for one in self.row.verified
                if one.by != login or (one.means == "field_visit" and one.is_proven)
            )
        self._place(answer, asked.verdict, asked.until, action)

    @rule()
    def the_shelf_ends(self):
        answer = transition(standing_of(asdict(self.row)), "unshelve", Doing(None))
        if self.row.state == "shelved":
            assert answer == self.row.shelved_from
            self._place(answer, None, None, "unshelve")
        else:
            assert rule_of(answer) == "alert_state"

    @rule(
        login=st.sampled_from(["one", "two"]),
        means=st.sampled_from(["field_visit", "call"]),
        finding=st.sampled_from(["founded", "unfounded", "inconclusive"]),
        is_proven=st.booleans(),
    )
    @precondition(lambda self: self.row.state in WAITING)
    def verify(self, login, means, finding, is_proven):
        self.row.verified.append(Verified(login, means, finding, is_proven))
        self.row.version += 1

    @rule(
        change=st.sampled_from(["raised", "amended", "cleared", "superseded"]),
        severity=st.sampled_from(["minor", "major", "critical"]),
    )
    def data_comes(self, change, severity):
        before = standing_of(asdict(self.row))
        news = arrival(before, change, self.row.rule, severity)
        decided = before.state in ("dispatched", "resolved")
        if change in ("cleared", "superseded") and decided:
            assert news.state == before.state
        if before.verdict == "confirmed":
            assert news.state == "resolved"
        if news.state != before.state:
            self.row.verdict = None
            self.row.shelved_from = None
            self.row.due_at = NOW if news.state in WAITING else None
            self.moves += 1
            if news.step == "reopened":
                self.row.verified = []
        self.row.state, self.row.condition = news.state, news.condition
        self.row.severity = news.severity
        self.row.steps += [step for step in (change, news.step) if step]
        self.row.version += 1

    @rule()
    def the_server_restarts(self):
        """What is not in the row is gone."""
        kept: dict[str, Any] = asdict(self.row)
        assert standing_of(json.loads(json.dumps(kept, default=str))) == standing_of(kept)

    def _place(self, state, verdict, until, action):
        place = placed(asdict(self.row), state, now=NOW, verdict=verdict, until=until)
        self.row.state, self.row.due_at = place.state, place.due_at
        self.row.verdict, self.row.shelved_from = place.verdict, place.shelved_from
        assert (place.shelved_until is not None) == (state == "shelved")
        if action == "reopen":
            self.row.verified = []
        self.row.version += 1
        self.moves += 1
        self.row.steps.append(action)

    @invariant()
    def who_waits_is_on_a_clock(self):
        assert (self.row.state in WAITING) == (self.row.due_at is not None)

    @invariant()
    def nothing_sets_a_guarded_alert_aside(self):
        assert self.row.rule not in GUARDED or self.row.state not in ("shelved", "superseded")

    @invariant()
    def a_verdict_goes_with_resolved_only(self):
        assert (self.row.state == "resolved") == (self.row.verdict is not None)
        assert (self.row.state == "shelved") == (self.row.shelved_from is not None)

    @invariant()
    def no_transition_is_lost(self):
        assert len(self.row.steps) > self.moves or self.moves == 0


def _rest(asked: Doing) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in Doing.__slots__ if name != "login"}


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
