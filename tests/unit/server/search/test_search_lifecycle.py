"""What may be done in a search, and how it ends."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import get_args

import pytest

from server.law.days import ZONE
from server.search.lifecycle import (
    INFORMED,
    SEARCHES,
    Means,
    Search,
    close_refusal,
    found_refusal,
    step_refusal,
)

SINCE = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
NOW = SINCE + timedelta(days=2)
OPEN = Search("open", SINCE, SINCE + timedelta(hours=1), frozenset(), date(2026, 4, 30))


def rule_of(refusal):
    return refusal and refusal.rule


@pytest.mark.article("law-30", "measures-38")
def test_the_police_are_told_after_the_agency_searched_itself():
    assert rule_of(step_refusal(OPEN, "police", "informed", NOW, NOW)) == "search_first"
    for means in SEARCHES:
        searched = replace(OPEN, searched=frozenset({means}))
        assert step_refusal(searched, "police", "informed", NOW, NOW) is None
    assert step_refusal(OPEN, "procuratorate", "informed", NOW, NOW) is None


def test_a_step_lies_between_the_loss_of_contact_and_now():
    for happened, rule in (
        (SINCE, None),
        (NOW, None),
        (SINCE - timedelta(seconds=1), "search_time"),
        (NOW + timedelta(seconds=1), "search_time"),
    ):
        assert rule_of(step_refusal(OPEN, "visit", "no_trace", happened, NOW)) == rule
        assert rule_of(found_refusal(OPEN, happened, NOW)) == rule


def test_who_is_informed_finds_nothing_and_who_searches_informs_nobody():
    searched = replace(OPEN, searched=SEARCHES)
    for means in get_args(Means):
        told = rule_of(step_refusal(searched, means, "informed", NOW, NOW))
        sought = rule_of(step_refusal(searched, means, "no_trace", NOW, NOW))
        wanted = (None, "search_result") if means in INFORMED else ("search_result", None)
        assert (told, sought) == wanted


@pytest.mark.article("law-30")
def test_a_search_ends_for_the_term_only_after_its_last_day():
    assert rule_of(close_refusal(OPEN, "term_over", date(2026, 4, 30))) == "term_runs"
    assert close_refusal(OPEN, "term_over", date(2026, 5, 1)) is None
    assert close_refusal(OPEN, "died", date(2026, 3, 3)) is None


def test_a_search_that_is_over_takes_no_step():
    for state in ("found", "closed"):
        over = replace(OPEN, state=state)
        assert rule_of(step_refusal(over, "visit", "no_trace", NOW, NOW)) == "search_over"
        assert rule_of(found_refusal(over, NOW, NOW)) == "search_over"
        assert rule_of(close_refusal(over, "died", date(2026, 3, 3))) == "search_over"
