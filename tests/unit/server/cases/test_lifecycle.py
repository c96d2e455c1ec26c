"""The stages of a file and the rules of the group, over histories that hypothesis draws."""

from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cases.group import Member, Role, group_faults
from server.cases.lifecycle import (
    Facts,
    Ground,
    Reason,
    Step,
    missing_steps,
    release_faults,
    stage_after,
    step_faults,
    termination_faults,
)

STEPS = get_args(Step)
CATEGORIES = ("control", "probation", "parole", "medical")
FIRST = date(2026, 1, 5)
TERM_TO = FIRST + timedelta(days=40)
DEEDS = st.one_of(
    st.tuples(st.just("step"), st.sampled_from(STEPS)),
    st.tuples(st.just("group"), st.none()),
    st.tuples(st.just("release"), st.sampled_from(get_args(Ground))),
    st.tuples(st.just("terminate"), st.sampled_from(get_args(Reason))),
    st.tuples(st.just("wait"), st.integers(1, 30)),
)


def lived(category, deeds):
    """Live a history; yield each deed that was allowed with the facts before it."""
    stage, done, day = "received", set(), FIRST
    for deed, what in deeds:
        facts = Facts(stage, category, frozenset(done), TERM_TO, day)
        if deed == "wait":
            day += timedelta(days=what)
        elif deed == "group":
            done.add("group")
        elif deed == "step" and not step_faults(facts, what):
            yield facts, deed, what
            done.add(what)
            stage = stage_after(stage, what)
        elif deed == "release" and not release_faults(facts, what):
            yield facts, deed, what
            stage = "released"
        elif deed == "terminate" and not termination_faults(facts, what):
            yield facts, deed, what
            stage = "terminated"


@pytest.mark.article("law-22", "law-44", "law-45", "measures-20", "measures-53", "measures-54")
@given(st.sampled_from(CATEGORIES), st.lists(DEEDS, max_size=40))
def test_no_history_breaks_the_order_of_stages(category, deeds):
    history = list(lived(category, deeds))
    taken = [what for _, deed, what in history if deed == "step"]
    assert len(taken) == len(set(taken))
    ends = [place for place, (_, deed, _) in enumerate(history) if deed != "step"]
    assert len(ends) <= 1
    for place, (facts, deed, what) in enumerate(history):
        if what == "announced":
            assert {"documents_checked", "identity_verified", "reported", "group"} <= facts.done
        if deed == "release" and what == "expired":
            assert facts.today >= TERM_TO
        if deed == "step" and ends and place > ends[0]:
            assert what in {"release_announced", "bodies_notified"}


@pytest.mark.article("law-44")
@given(
    st.sampled_from(CATEGORIES),
    st.sampled_from(("received", "in_correction")),
    st.frozensets(st.sampled_from(STEPS)),
    st.integers(0, 400),
)
def test_whose_term_is_over_is_always_released(category, stage, done, days):
    facts = Facts(stage, category, done, TERM_TO, TERM_TO + timedelta(days=days))
    assert release_faults(facts, "expired") == []
    assert set(missing_steps(facts)) == {"summary_filed", "appraised"} - done


@pytest.mark.article("law-45", "law-44")
@pytest.mark.parametrize(("ground", "rules"), [("expired", ["ruled_ended"]), ("pardoned", [])])
def test_whom_a_ruling_revokes_is_released_only_upon_a_pardon(ground, rules):
    facts = Facts("in_correction", "probation", frozenset(), TERM_TO, TERM_TO, is_ruled_ended=True)
    assert [fault.rule for fault in release_faults(facts, ground)] == rules


@pytest.mark.article("law-45")
@given(st.sampled_from(CATEGORIES), st.sampled_from(get_args(Reason)))
def test_a_reason_to_terminate_fits_the_category(category, reason):
    facts = Facts("in_correction", category, frozenset(), TERM_TO, FIRST)
    fits = {"revoked": {"probation", "parole"}, "recommitted": {"medical"}}
    allowed = reason == "died" or category in fits[reason]
    assert (termination_faults(facts, reason) == []) is allowed


MEMBERS = st.lists(
    st.builds(
        Member,
        role=st.sampled_from(get_args(Role)),
        sex=st.sampled_from(("male", "female", None)),
        knows_minors=st.booleans(),
    ),
    max_size=6,
)


@pytest.mark.article("law-25", "law-52")
@given(MEMBERS, st.sampled_from(("male", "female", None)), st.booleans())
def test_a_group_does_when_officer_woman_and_who_knows_minors_are_in_it(members, sex, is_minor):
    wanted = {
        "group_officer": any(one.role == "officer" for one in members),
        "group_woman": sex != "female" or any(one.sex == "female" for one in members),
        "group_knows_minors": not is_minor or any(one.knows_minors for one in members),
    }
    faults = {fault.rule for fault in group_faults(members, sex=sex, is_minor=is_minor)}
    assert faults == {rule for rule, holds in wanted.items() if not holds}
