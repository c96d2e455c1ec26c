"""Which alerts wait with another: what an outage explains, and what stands for its group."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.alerts.lifecycle import GUARDED
from server.grouping.fingerprint import fingerprint, is_backlog
from server.grouping.holding import (
    Candidate,
    Holder,
    HoldingLaw,
    first_of,
    holding_law,
    is_foldable,
    look,
)
from server.law.policy import national

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
LAW = holding_law(national())
SEVERITIES = ("minor", "major", "critical")


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


def alert(**given) -> Candidate:
    values = {
        "id": "a-1",
        "rule": "silence",
        "severity": "major",
        "condition": "active",
        "late": False,
        "begin_time": minutes(-10),
        "raised_at": minutes(-1),
        "is_new": True,
        "own_group": "g-own",
        "group": "g-own",
    }
    return Candidate(**(values | given))


def holder(**given) -> Holder:
    values = {"id": "h-1", "group": "g-out", "severity": "major", "begin_time": minutes(-12)}
    return Holder(**(values | {"until": minutes(15)} | given))


def looked(one: Candidate, *outages: Holder, heads=None, law: HoldingLaw = LAW):
    return look(one, outages, heads or {}, now=NOW, law=law)


def test_what_an_outage_explains_is_held_with_it_and_keeps_a_clock():
    found = looked(alert(), holder())
    assert (found.held_as, found.held_by, found.group) == ("inhibited", "h-1", "g-out")
    assert found.due_at == alert().raised_at + LAW.most


def test_what_began_long_before_the_outage_has_another_cause():
    old = alert(begin_time=minutes(-12) - LAW.windows.window - timedelta(seconds=1))
    assert looked(old, holder()).held_as is None


def test_an_outage_holds_no_alert_for_longer_than_the_policys_most():
    waited = alert(raised_at=NOW - LAW.most, held_as="inhibited", held_by="h-1", group="g-out")
    found = looked(waited, holder(), heads={"g-out": holder()})
    assert (found.held_as, found.group) == (None, "g-own")


def test_when_the_outage_has_ended_what_still_stands_is_routed_on_its_own():
    held = alert(held_as="inhibited", held_by="h-1", group="g-out")
    found = looked(held, heads={"g-out": holder()})
    assert (found.held_as, found.group) == (None, "g-own")


def test_when_the_outage_has_ended_what_is_over_stays_with_it():
    held = alert(held_as="inhibited", held_by="h-1", group="g-out", condition="cleared")
    found = looked(held, heads={"g-out": holder()})
    assert (found.held_as, found.held_by, found.group) == ("folded", "h-1", "g-out")


def test_what_is_over_and_has_nobody_to_stand_for_it_is_routed_with_its_group():
    held = alert(held_as="inhibited", held_by="h-1", group="g-out", condition="cleared")
    assert (looked(held).held_as, looked(held).group) == (None, "g-out")


def test_one_that_is_with_somebody_stands_for_those_of_its_group():
    found = looked(alert(), heads={"g-own": holder(group="g-own")})
    assert (found.held_as, found.held_by, found.due_at) == ("folded", "h-1", minutes(15))


def test_what_is_graver_than_what_stands_for_its_group_is_routed():
    found = looked(alert(), heads={"g-own": holder(group="g-own", severity="minor")})
    assert found.held_as is None


@pytest.mark.parametrize(("late", "condition", "folds"), [
    (False, "active", False),
    (False, "cleared", False),
    (True, "active", False),
    (True, "cleared", True),
])  # fmt: skip
def test_what_is_critical_is_folded_only_when_it_is_of_a_backlog_and_over(late, condition, folds):
    grave = alert(rule="exclusion", severity="critical", late=late, condition=condition)
    head = holder(group="g-own", severity="critical")
    assert (looked(grave, heads={"g-own": head}).held_as == "folded") is folds
    assert is_foldable(grave) is folds


def test_who_has_been_told_of_an_alert_keeps_it():
    routed = alert(is_new=False)
    assert looked(routed, holder(), heads={"g-own": holder(group="g-own")}).held_as is None


@given(
    rule=st.sampled_from(sorted(GUARDED)),
    severity=st.sampled_from(SEVERITIES),
    condition=st.sampled_from(["active", "cleared", "superseded"]),
    late=st.booleans(),
)
def test_nothing_ever_holds_a_call_for_help_a_strap_or_a_case(rule, severity, condition, late):
    guarded = alert(rule=rule, severity=severity, condition=condition, late=late)
    heads = {"g-own": holder(group="g-own", severity="critical")}
    assert looked(guarded, holder(severity="critical"), heads=heads).held_as is None
    for outage in (None, "", "h-1"):
        assert fingerprint(org="o", rule=rule, about="s-1", outage=outage) is None


@given(
    st.sampled_from(SEVERITIES),
    st.sampled_from(SEVERITIES),
    st.booleans(),
    st.integers(-600, 0),
    st.integers(-600, 30),
)
def test_what_is_held_is_looked_at_again_and_never_less_grave_than_who_stands_for_it(
    mine, theirs, is_late, raised, until
):
    one = alert(severity=mine, late=is_late, raised_at=minutes(raised))
    head = holder(group="g-own", severity=theirs, until=minutes(until))
    found = looked(one, holder(), heads={"g-own": head})
    if found.held_as is not None:
        assert found.due_at is not None
        assert found.due_at > NOW
        assert found.held_by != one.id
    if found.held_as == "folded":
        assert SEVERITIES.index(theirs) >= SEVERITIES.index(mine)


def test_the_graver_stands_for_a_group_then_the_one_that_was_there():
    first, grave, other = holder(), holder(id="h-2", severity="critical"), holder(id="h-3")
    assert first_of(None, first) is first
    assert first_of(first, other) is first
    assert first_of(first, grave) is grave


def test_a_silence_and_a_lost_position_of_one_person_are_alike_and_other_rules_are_not():
    def of(rule, about="s-1", org="o"):
        return fingerprint(org=org, rule=rule, about=about)

    assert of("silence") == of("position_lost")
    assert len({of("silence"), of("exclusion"), of("inclusion"), of("silence", "s-2")}) == 4
    assert of("silence") != of("silence", org="o-2")


def test_a_backlog_is_alike_by_person_or_by_the_outage_before_it():
    def of(rule, about, outage=""):
        return fingerprint(org="o", rule=rule, about=about, outage=outage)

    assert of("inclusion", "s-1") == of("curfew", "s-1")
    assert of("inclusion", "s-1") != of("inclusion", "s-2")
    assert of("inclusion", "s-1", "h-1") == of("curfew", "s-2", "h-1")
    assert of("inclusion", "s-1") != fingerprint(org="o", rule="inclusion", about="s-1")


def test_late_outcomes_and_those_of_reports_held_back_are_a_backlog():
    assert is_backlog({}, late=True)
    assert is_backlog({"reports": [{"boot": 1}, {"backlog": True}]}, late=False)
    assert not is_backlog({"reports": [{"boot": 1}], "backlog": True}, late=False)
    assert not is_backlog({"reports": "none"}, late=False)
