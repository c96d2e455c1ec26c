"""Which measure a finding allows: item by item of the articles."""

from datetime import UTC, date, datetime, timedelta

import pytest

from server.law.days import ZONE
from server.law.policy import with_overrides
from server.measures.absence import Absence
from server.measures.conditions import PRAISE_CONDITIONS
from server.measures.grounds import GROUNDS, allowed_grounds
from server.measures.kinds import KINDS
from tests.unit.server.measures.cases import BEGIN, CALENDAR, POLICY, finding, past, situation

MONTH = timedelta(days=31)


def keys(one):
    return {ground.key for ground in allowed_grounds(one)}


SINGLE = [
    ("reporting", "minor", "probation", {"measures-34.2"}),
    ("visitors", "minor", "control", {"measures-34.2"}),
    ("moving", "serious", "parole", {"measures-35.3"}),
    ("leaving", "serious", "probation", {"measures-35.3", "measures-36.1"}),
    ("other", "minor", "medical", {"measures-34.4"}),
    ("other", "serious", "control", {"measures-35.6", "measures-36.1"}),
    ("prohibition", "minor", "probation", {"measures-35.1"}),
    ("prohibition", "serious", "control", {"measures-36.1"}),
    ("prohibition", "grave", "probation", {"measures-36.1", "measures-46.1", "measures-46.5"}),
    ("prohibition", "grave", "control", {"measures-36.1"}),
    ("other", "grave", "parole", {"measures-35.6", "measures-47.3"}),
    ("other", "grave", "medical", {"measures-35.6", "measures-36.1", "measures-49.8"}),
    ("whereabouts", "serious", "medical", {"measures-36.1", "measures-49.2"}),
    ("education", "minor", "probation", set()),
    ("medical_review", "minor", "medical", set()),
    ("condition_unmet", None, "medical", {"measures-49.1"}),
    ("condition_gone", None, "medical", {"measures-49.6"}),
    ("guarantor_lost", None, "medical", {"measures-49.7"}),
    ("outstanding_deed", None, "parole", {"measures-33.2"}),
    ("merit", None, "probation", set()),
    ("merit", None, "control", {"crim-78.2"}),
    ("major_merit", None, "probation", {"crim-78.3"}),
    ("major_merit", None, "parole", set()),
]


@pytest.mark.article("measures-33", "measures-34", "measures-35", "measures-36")
@pytest.mark.article("measures-46", "measures-47", "measures-49", "crim-78", "law-33")
@pytest.mark.parametrize(("kind", "gravity", "category", "wanted"), SINGLE)
def test_a_finding_alone_allows_exactly_these(kind, gravity, category, wanted):
    assert keys(situation(finding(kind, gravity=gravity), category=category)) == wanted


@pytest.mark.article("measures-34", "measures-35")
@pytest.mark.parametrize(
    ("kind", "category", "wanted"),
    [("education", "probation", "measures-34.3"), ("medical_review", "medical", "measures-35.4")],
)
def test_what_education_did_not_help_has_a_ground(kind, category, wanted):
    one = situation(finding(kind, was_educated=True), category=category)
    assert keys(one) == {wanted}


@pytest.mark.article("law-23")
@pytest.mark.parametrize("kind", ["absence", "late_arrival", "reporting", "medical_review"])
def test_what_had_a_proper_reason_is_no_breach(kind):
    excused = finding(kind, gravity="grave", has_proper_reason=True, was_educated=True)
    many = [past("warning", days_before=n) for n in (10, 20, 30)]
    for category in ("control", "probation", "parole", "medical"):
        one = situation(excused, category=category, past=many, now=BEGIN + 3 * MONTH)
        assert keys(one) == set()


def at(day, hour=0, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


# Away since 2 March 09:00: that day is not counted, the tenth day is 12 March.
TEN_DAYS = [
    (at(2, 10), "measures-34.1"),
    (at(12, 23, 59), "measures-34.1"),
    (at(13), "measures-35.2"),
    (at(13, 9), "measures-35.2"),
]


@pytest.mark.article("measures-34", "measures-35", "measures-58")
@pytest.mark.parametrize(("now", "wanted"), TEN_DAYS, ids=str)
@pytest.mark.parametrize("kind", ["absence", "late_arrival"])
def test_ten_days_exactly_are_an_admonition_and_the_eleventh_a_warning(kind, now, wanted):
    assert keys(situation(finding(kind), now=now)) == {wanted}
    found = finding(kind, end_time=now)
    assert keys(situation(found, now=now + 3 * MONTH)) == {wanted}


@pytest.mark.article("measures-46", "measures-47", "measures-58")
@pytest.mark.parametrize(
    ("category", "key"), [("probation", "measures-46.2"), ("parole", "measures-47.1")]
)
@pytest.mark.parametrize("hour", [0, 23])
def test_a_month_exactly_is_not_more_than_a_month(category, key, hour):
    away = finding("absence")
    last = datetime(2026, 4, 2, hour, 59, tzinfo=ZONE)
    assert key not in keys(situation(away, category=category, now=last))
    after = datetime(2026, 4, 3, hour, 0, tzinfo=ZONE)
    assert key in keys(situation(away, category=category, now=after))


@pytest.mark.article("spc-202")
def test_a_month_from_the_last_day_of_february_ends_on_the_last_of_march():
    begin = date(2026, 2, 28)
    assert not Absence(begin, date(2026, 3, 31)).is_more_than_months(1, CALENDAR)
    assert Absence(begin, date(2026, 4, 1)).is_more_than_months(1, CALENDAR)


def test_the_day_of_an_absence_is_the_one_in_shanghai():
    late = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    away = finding("absence", begin_time=late, end_time=datetime(2026, 3, 12, 15, 59, tzinfo=UTC))
    assert keys(situation(away)) == {"measures-34.1"}


COUNTED = [
    ("admonition", "probation", 2, "measures-35.5"),
    ("warning", "probation", 2, "measures-46.4"),
    ("warning", "parole", 2, "measures-47.2"),
    ("warning", "medical", 2, "measures-49.4"),
]


@pytest.mark.article("measures-35", "measures-46", "measures-47", "measures-49")
@pytest.mark.article("spc-516", "spc-543")
@pytest.mark.parametrize(("kind", "category", "number", "key"), COUNTED, ids=str)
def test_two_are_needed_and_an_annulled_or_unserved_one_does_not_count(kind, category, number, key):
    again = finding("reporting")
    counted = [past(kind, days_before=10 * n) for n in range(1, number + 1)]
    assert key in keys(situation(again, category=category, past=counted))
    for lacking in (
        counted[1:],
        [*counted[1:], past(kind, is_annulled=True)],
        [*counted[1:], past(kind, served=False)],
        [*counted[1:], past(kind, days_before=-1)],
    ):
        assert key not in keys(situation(again, category=category, past=lacking))


@pytest.mark.article("measures-35")
def test_a_breach_before_the_second_admonition_reached_the_person_is_no_relapse():
    second = past("admonition", served_at=BEGIN)
    first = past("admonition", days_before=30)
    assert "measures-35.5" not in keys(situation(finding("reporting"), past=[first, second]))


@pytest.mark.article("measures-46", "measures-49", "penalties-60")
@pytest.mark.parametrize(
    ("category", "key"), [("probation", "measures-46.3"), ("medical", "measures-49.3")]
)
def test_only_a_penalty_that_the_police_imposed_counts(category, key):
    again = finding("reporting")
    asked = past("police_penalty")
    imposed = past("police_penalty", imposed_time=BEGIN - timedelta(days=1))
    assert key not in keys(situation(again, category=category, past=[asked]))
    assert key in keys(situation(again, category=category, past=[imposed]))


@pytest.mark.article("measures-49")
@pytest.mark.parametrize(
    ("kind", "key"), [("leaving", "measures-49.2"), ("medical_review", "measures-49.5")]
)
def test_a_person_outside_prison_is_recommitted_after_one_warning_in_vain(kind, key):
    again = finding(kind)
    assert key not in keys(situation(again, category="medical"))
    assert key in keys(situation(again, category="medical", past=[past("warning")]))


@pytest.mark.article("measures-47", "measures-49")
def test_no_ground_meets_a_category_that_its_measure_cannot():
    for ground in GROUNDS:
        for category in {"control", "probation", "parole", "medical"} - KINDS[
            ground.measure
        ].categories:
            grave = finding("other", gravity="grave")
            assert not ground.holds(situation(grave, category=category))


@pytest.mark.article("measures-36", "penalties-60")
def test_a_police_penalty_meets_the_categories_of_the_policy():
    grave = finding("other", gravity="grave")
    assert "measures-36.1" not in keys(situation(grave, category="parole"))
    assert "measures-36.1" in keys(situation(grave, category="control"))
    source = "治安管理处罚法（2025年修订）核对记录"
    other = {"police_penalty_for_parole": 1, "police_penalty_for_control": 0}
    read = with_overrides(POLICY, other, source)
    assert "measures-36.1" in keys(situation(grave, category="parole", policy=read))
    assert "measures-36.1" not in keys(situation(grave, category="control", policy=read))


PRAISED = {
    "category": "probation",
    "since": date(2026, 1, 15),
    "conditions": frozenset(PRAISE_CONDITIONS),
}


@pytest.mark.article("measures-33")
def test_six_months_exactly_are_enough_for_praise_and_a_day_less_is_not():
    def on(day):
        now = datetime(2026, 7, day, 12, 0, tzinfo=ZONE)
        return keys(situation(now=now, **PRAISED))

    assert "measures-33.1" in on(15)
    assert "measures-33.1" not in on(14)


@pytest.mark.article("measures-33")
@pytest.mark.parametrize("missing", PRAISE_CONDITIONS)
def test_each_of_the_four_conditions_of_praise_is_needed(missing):
    given = PRAISED | {"conditions": frozenset(PRAISE_CONDITIONS) - {missing}}
    now = datetime(2026, 9, 15, tzinfo=ZONE)
    assert "measures-33.1" not in keys(situation(now=now, **given))


@pytest.mark.article("measures-33")
def test_a_breach_or_penalty_within_the_six_months_excludes_praise():
    now = BEGIN + 4 * MONTH
    given = PRAISED | {"since": date(2024, 1, 1)}
    assert "measures-33.1" in keys(situation(now=now, **given))
    assert "measures-33.1" not in keys(situation(now=now, **(given | {"last_breach": BEGIN})))
    assert "measures-33.1" not in keys(situation(now=now, past=[past("admonition")], **given))
    annulled = past("admonition", is_annulled=True)
    assert "measures-33.1" in keys(situation(now=now, past=[annulled], **given))


def test_every_ground_is_an_item_of_the_article_that_it_names_and_keys_are_unique():
    assert len({ground.key for ground in GROUNDS}) == len(GROUNDS)
    assert all(ground.key.rpartition(".")[0] == ground.article for ground in GROUNDS)
    assert {ground.measure for ground in GROUNDS} == KINDS.keys()
