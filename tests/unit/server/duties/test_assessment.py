"""What the record of a quarter suggests."""

from dataclasses import replace
from datetime import date

import pytest

from server.duties.assessment import Quarter, suggested_class, suggested_grade
from server.law.days import LegalCalendar
from server.law.policy import national

CALENDAR = LegalCalendar()
POLICY = national()
TODAY = date(2026, 9, 1)
GOOD = Quarter(
    missed=0,
    penalties=0,
    penalties_ever=0,
    praises=0,
    hours_lacking=0,
    supervision_class="general",
    in_class_since=date(2026, 8, 1),
    term_from=date(2025, 1, 1),
)


def class_of(quarter, grade="good", today=TODAY):
    return suggested_class(quarter, grade, today, POLICY, CALENDAR)


@pytest.mark.article("measures-32")
@pytest.mark.parametrize(
    ("changed", "grade"),
    [
        ({}, "good"),
        ({"missed": 1}, "qualified"),
        ({"penalties": 1, "penalties_ever": 1}, "unqualified"),
        ({"hours_lacking": 30}, "unqualified"),
    ],
)
def test_the_record_suggests_a_grade(changed, grade):
    assert suggested_grade(replace(GOOD, **changed)) == grade


@pytest.mark.article("measures-21")
def test_the_first_two_months_are_strict_to_the_day():
    new = replace(GOOD, term_from=date(2026, 7, 2))
    assert class_of(new, today=date(2026, 9, 1)) == "strict"
    assert class_of(new, today=date(2026, 9, 2)) == "general"


@pytest.mark.article("measures-21")
def test_lenient_comes_after_six_months_in_the_general_class_and_over_it_only():
    assert class_of(GOOD) == "general"
    assert class_of(replace(GOOD, in_class_since=date(2026, 3, 1))) == "lenient"
    assert class_of(replace(GOOD, in_class_since=date(2026, 3, 2))) == "general"
    strict = replace(GOOD, supervision_class="strict", in_class_since=date(2025, 1, 1))
    assert class_of(strict) == "general"
    assert class_of(replace(GOOD, supervision_class="lenient")) == "lenient"


@pytest.mark.article("measures-21")
def test_two_penalties_or_an_unqualified_quarter_are_strict():
    twice = replace(GOOD, penalties=1, penalties_ever=2)
    assert class_of(twice, "qualified") == "strict"
    assert class_of(GOOD, "unqualified") == "strict"
