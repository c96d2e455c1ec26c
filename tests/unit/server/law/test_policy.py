"""Figures, and what a province may set."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from server.law.articles import ARTICLES
from server.law.errors import OverrideError, UnknownNameError
from server.law.policy import national, with_overrides

NATIONAL = national()
FREE = [one for one in NATIONAL.parameters.values() if one.low < one.high]


@pytest.mark.parametrize("one", NATIONAL.parameters.values(), ids=lambda one: one.name)
def test_a_figure_has_an_article_a_source_and_both_languages(one):
    assert one.article in ARTICLES
    assert one.source
    assert one.text.zh
    assert one.text.en
    assert one.low <= one.value <= one.high


@pytest.mark.parametrize("one", NATIONAL.parameters.values(), ids=lambda one: one.name)
def test_a_figure_counts_as_verified_only_with_its_article(one):
    if one.status == "verified":
        assert ARTICLES[one.article].status == "verified"


# The law's own figures, from its text; each article in its name.
@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("decision_notice_days", 5, marks=pytest.mark.article("law-20")),
        pytest.param("documents_served_days", 10, marks=pytest.mark.article("law-20")),
        pytest.param("subject_reports_days", 10, marks=pytest.mark.article("law-21")),
        pytest.param("handover_days", 10, marks=pytest.mark.article("law-21")),
        pytest.param("order_most_months", 3, marks=pytest.mark.article("law-29")),
        pytest.param("reduction_ruling_days", 30, marks=pytest.mark.article("law-33")),
        pytest.param("arrest_decision_hours", 48, marks=pytest.mark.article("law-47")),
        pytest.param("arrest_custody_most_days", 30, marks=pytest.mark.article("law-47")),
        pytest.param("revocation_ruling_days", 30, marks=pytest.mark.article("law-48")),
        pytest.param("recommitment_decision_days", 30, marks=pytest.mark.article("law-49")),
        pytest.param("admonition_most_absence_days", 10, marks=pytest.mark.article("measures-34")),
        pytest.param("admonitions_before_warning", 2, marks=pytest.mark.article("measures-35")),
        pytest.param("absence_revocation_months", 1, marks=pytest.mark.article("measures-46")),
        pytest.param("warnings_before_revocation", 2, marks=pytest.mark.article("spc-543")),
        pytest.param("warnings_before_recommitment", 2, marks=pytest.mark.article("spc-516")),
        pytest.param("minor_age_years", 18, marks=pytest.mark.article("cpl-286")),
        pytest.param("sealing_most_years", 5, marks=pytest.mark.article("cpl-286")),
    ],
)
def test_a_figure_of_the_law_is_verified_and_no_province_raises_it(name, value):
    found = NATIONAL.parameter(name)
    assert (found.value, found.status) == (value, "verified")
    assert found.high == value
    with pytest.raises(OverrideError, match="outside"):
        with_overrides(NATIONAL, {name: value + 1}, "a province")


# Domain facts: what is known of the Implementing Measures without their text, and what provinces
# are known to have set; each stays flagged until it is read.
FLAGGED = {
    "media_copy_hours": (24, "unverified"),
    "media_keep_days": (184, "unverified"),
    "exit_ban_filing_days": (3, "unverified"),
    "exit_ban_lifting_days": (3, "unverified"),
    "leave_apply_ahead_days": (3, "unverified"),
    "leave_office_most_days": (7, "unverified"),
    "leave_county_most_days": (30, "unverified"),
    "leave_cumulated_days": (30, "unverified"),
    "leave_cumulated_months": (2, "unverified"),
    "leave_return_report_hours": (24, "unverified"),
    "cross_county_permit_months": (6, "unverified"),
    "cross_county_notice_days": (0, "provincial"),
    "transfer_apply_ahead_months": (1, "unverified"),
    "transfer_consult_days": (5, "unverified"),
    "transfer_answer_days": (5, "unverified"),
    "transfer_files_days": (5, "unverified"),
    "transfer_report_days": (7, "unverified"),
    "police_penalty_for_control": (1, "unverified"),
    "police_penalty_for_probation": (1, "unverified"),
    "police_penalty_for_parole": (0, "unverified"),
    "police_penalty_for_medical": (1, "unverified"),
    "praise_after_months": (6, "unverified"),
    "detention_notice_days": (3, "unverified"),
    "investigation_working_days": (10, "unverified"),
    "investigation_fast_working_days": (5, "unverified"),
    "health_report_months": (1, "unverified"),
    "medical_review_months": (3, "unverified"),
    "medical_review_extension_most_months": (3, "unverified"),
    "assessment_months": (3, "provincial"),
    "visits_per_quarter": (1, "provincial"),
    "talks_per_quarter_strict": (12, "provincial"),
    "talks_per_quarter_general": (3, "provincial"),
    "talks_per_quarter_lenient": (1, "provincial"),
    "report_interval_days_strict": (7, "provincial"),
    "report_interval_days_general": (15, "provincial"),
    "report_interval_days_lenient": (30, "provincial"),
    "written_report_months": (1, "provincial"),
    "education_hours_strict": (0, "provincial"),
    "education_hours_general": (0, "provincial"),
    "education_hours_lenient": (0, "provincial"),
    "community_work_hours_strict": (0, "provincial"),
    "community_work_hours_general": (0, "provincial"),
    "community_work_hours_lenient": (0, "provincial"),
    "information_checks_per_quarter_strict": (36, "provincial"),
    "information_checks_per_quarter_general": (12, "provincial"),
    "information_checks_per_quarter_lenient": (6, "provincial"),
    "strict_first_months": (2, "provincial"),
    "strict_after_measures": (2, "provincial"),
    "lenient_after_months": (6, "provincial"),
    "release_summary_days": (30, "unverified"),
}


@pytest.mark.article(
    "law-26",
    "law-36",
    "law-42",
    "measures-14",
    "measures-21",
    "measures-24",
    "measures-27",
    "measures-28",
    "measures-29",
    "measures-30",
    "measures-31",
    "measures-32",
    "measures-33",
    "measures-41",
    "measures-53",
    "exit-420",
    "penalties-60",
)
@pytest.mark.parametrize(("name", "expected"), FLAGGED.items(), ids=FLAGGED)
def test_a_figure_that_was_not_read_is_flagged_and_may_be_corrected(name, expected):
    found = NATIONAL.parameter(name)
    assert (found.value, found.status) == expected
    assert found.low < found.high


def test_every_figure_that_is_no_proposal_is_pinned_here_or_verified():
    pinned = {name for name, one in NATIONAL.parameters.items() if one.status != "product"}
    verified = {name for name in pinned if NATIONAL.parameter(name).status == "verified"}
    assert pinned - verified == set(FLAGGED)


@pytest.mark.parametrize("prefix", ["education_hours", "community_work_hours"])
def test_national_law_demands_no_hours(prefix):
    found = [one for one in NATIONAL.parameters.values() if one.name.startswith(prefix)]
    assert len(found) == 3
    assert {(one.value, one.status) for one in found} == {(0, "provincial")}


def test_a_province_sets_its_own_figure_with_its_document():
    policy = with_overrides(NATIONAL, {"cross_county_notice_days": 20}, "鄂尔多斯市 2023")
    found = policy.parameter("cross_county_notice_days")
    assert (found.value, found.status, found.source) == (20, "provincial", "鄂尔多斯市 2023")
    assert policy.number("leave_office_most_days") == NATIONAL.number("leave_office_most_days")
    assert NATIONAL.number("cross_county_notice_days") == 0


def test_the_version_follows_what_is_set():
    first = with_overrides(NATIONAL, {"visits_per_quarter": 2, "talks_per_quarter_strict": 6}, "a")
    again = with_overrides(NATIONAL, {"talks_per_quarter_strict": 6, "visits_per_quarter": 2}, "a")
    other = with_overrides(NATIONAL, {"visits_per_quarter": 3, "talks_per_quarter_strict": 6}, "a")
    assert first.version == again.version != other.version
    assert first.version.startswith(f"{NATIONAL.version}+")
    assert with_overrides(NATIONAL, {}, "a").version == NATIONAL.version


@pytest.mark.parametrize(
    ("values", "source", "named"),
    [
        ({"leave_ofice_most_days": 5}, "a", "leave_office_most_days"),
        ({"visits_per_quarter": 91}, "a", "0 to 90"),
        ({"visits_per_quarter": True}, "a", "whole number"),
        ({"visits_per_quarter": 2.0}, "a", "whole number"),
        ({"visits_per_quarter": 2}, "  ", "source"),
        ({"report_interval_days_strict": 31}, "a", "report_interval_days_general"),
    ],
    ids=["unknown", "bounds", "bool", "float", "no-source", "order"],
)
def test_what_cannot_stand_is_refused_with_what_is_allowed(values, source, named):
    with pytest.raises(OverrideError, match=named):
        with_overrides(NATIONAL, values, source)


def test_every_fault_is_told_at_once():
    with pytest.raises(OverrideError) as caught:
        with_overrides(NATIONAL, {"nothing": 1, "visits_per_quarter": -1}, "")
    assert [name for name, _ in caught.value.faults] == ["nothing", "visits_per_quarter", "source"]


def test_a_name_that_is_no_figure_is_refused():
    with pytest.raises(UnknownNameError, match="leave_county_most_days"):
        NATIONAL.number("leave_county_most_day")


@given(st.sampled_from(FREE), st.integers(-10, 500))
def test_a_value_outside_its_bounds_never_stands(one, value):
    assume(not one.low <= value <= one.high)
    with pytest.raises(OverrideError):
        with_overrides(NATIONAL, {one.name: value}, "a province")


@given(st.sampled_from(FREE), st.data())
def test_a_value_within_its_bounds_stands_where_the_order_allows(one, data):
    least = [NATIONAL.number(low) for low, high in NATIONAL.ordered if high == one.name]
    most = [NATIONAL.number(high) for low, high in NATIONAL.ordered if low == one.name]
    value = data.draw(st.integers(max([one.low, *least]), min([one.high, *most])))
    assert with_overrides(NATIONAL, {one.name: value}, "a province").number(one.name) == value
