"""What may follow what on a measure, and who may do it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

import pytest

from server.errors import Refusal
from server.law.days import ZONE
from server.measures.kinds import KINDS
from server.measures.lifecycle import Measure, State, Step, next_state

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
PROPOSED = Measure("admonition", "proposed", "office", frozenset({"verifier"}), is_heard=True)
DECIDED = replace(PROPOSED, state="decided", decided_by="county")
SERVED = replace(DECIDED, served_at=NOW, objectable_until=NOW + timedelta(days=30))


def rule_of(measure, step, login="another", now=NOW):
    answer = next_state(measure, step, login, now)
    return answer.rule if isinstance(answer, Refusal) else answer


@pytest.mark.article("law-28")
def test_a_proposal_is_decided_by_another_person_who_did_not_verify_either():
    assert rule_of(PROPOSED, "decide", "county") == "decided"
    for login in ("office", "verifier"):
        assert rule_of(PROPOSED, "decide", login) == "second_person"
        assert rule_of(PROPOSED, "refuse", login) == "second_person"


def test_no_penalty_is_decided_before_the_person_was_heard():
    for kind, rule in KINDS.items():
        unheard = replace(PROPOSED, kind=kind, is_heard=False)
        assert rule_of(unheard, "decide") == ("not_heard" if rule.is_penalty else "decided")


@pytest.mark.parametrize("step", ["amend", "hear", "decide"])
def test_what_is_decided_is_never_edited(step):
    for state in ("decided", "annulled"):
        assert rule_of(replace(DECIDED, state=state), step) == "decided_is_final"


@pytest.mark.article("measures-32")
def test_an_objection_is_heard_from_service_to_the_end_of_its_window():
    assert rule_of(DECIDED, "object") == "objection_window"
    assert rule_of(SERVED, "object") == "decided"
    end = SERVED.objectable_until
    assert rule_of(SERVED, "object", now=end - timedelta(microseconds=1)) == "decided"
    assert rule_of(SERVED, "object", now=end) == "objection_window"
    assert rule_of(replace(SERVED, objected=True), "object") == "objected_once"


@pytest.mark.article("measures-32", "law-34")
def test_an_objection_is_answered_by_who_neither_proposed_nor_decided():
    objected = replace(SERVED, objected=True)
    assert rule_of(objected, "answer", "county-2") == "decided"
    assert rule_of(objected, "answer", "county") == "second_person"
    assert rule_of(objected, "answer", "office") == "second_person"
    assert rule_of(objected, "annul", "county-2") == "answer_first"


@pytest.mark.article("law-46", "law-47")
def test_what_another_body_decides_has_its_ruling_once_and_no_objection_here():
    asked = replace(SERVED, kind="revoke_probation")
    assert rule_of(asked, "object") == "decided_elsewhere"
    assert rule_of(asked, "rule") == "decided"
    assert rule_of(asked, "ask_arrest") == "decided"
    assert rule_of(replace(asked, is_arrest_asked=True), "ask_arrest") == "arrest"
    assert rule_of(replace(asked, is_ruled=True), "rule") == "ruled_once"
    assert rule_of(SERVED, "rule") == "decided_here"
    assert rule_of(replace(asked, kind="police_penalty"), "ask_arrest") == "arrest"


@pytest.mark.article("law-45")
def test_what_ends_the_case_is_not_taken_back_once_the_body_ruled_so():
    for kind, rule in KINDS.items():
        ruled = replace(SERVED, kind=kind, is_ruled=True, is_granted=True)
        wanted = "annulled" if rule.ends_as is None else "ruling_stands"
        assert rule_of(ruled, "annul") == wanted
        assert rule_of(replace(ruled, is_granted=False), "annul") == "annulled"


def test_every_step_from_every_state_is_a_state_or_says_what_is_allowed():
    for state in get_args(State):
        for step in get_args(Step):
            answer = next_state(replace(SERVED, state=state), step, "another", NOW)
            if isinstance(answer, Refusal):
                assert answer.allowed_zh
                assert answer.allowed_en
                assert answer.article == "measures-34" or answer.rule == "second_person"
            else:
                assert answer in get_args(State)
