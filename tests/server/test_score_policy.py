"""The scoring policy as data: what ships is whole, and every mistake is named with its line."""

import pytest
import yaml

from server.scoring.errors import PolicyError
from server.scoring.kinds import CODES, EXCLUDED_FACTS, FACT_KINDS
from server.scoring.policy_file import default, default_text, lint, policy_of
from server.scoring.policy_rules import COUNTS

TEXT = default_text()


def test_the_default_is_whole_and_at_least_36_of_its_48_indicators_act():
    assert lint(TEXT) == []
    policy = default()
    groups = [group for dimension in policy.dimensions for group in dimension.groups]
    assert (len(policy.dimensions), len(groups), len(policy.indicators)) == COUNTS
    active = [one for one in policy.indicators.values() if one.inactive is None]
    assert len(active) >= 36
    assert (policy.start, policy.most, policy.maximum) == (450_000, 600_000, 600_000)


def test_every_kind_of_fact_has_a_number_that_stays():
    assert sorted(CODES) == sorted(FACT_KINDS)
    assert CODES[:4] == (
        "unapproved_outing",
        "device_removal",
        "low_battery_neglect",
        "public_service_hour",
    )
    assert not set(EXCLUDED_FACTS) & set(FACT_KINDS)


def test_what_is_inactive_is_left_out_of_the_maximum():
    document = yaml.safe_load(TEXT)
    for group in document["dimensions"][1]["groups"]:
        group["indicators"] = [
            one
            if one["id"] == "employment_started"
            else {name: one[name] for name in ("id", "zh", "en")}
            | {"inactive": {"zh": "未接入", "en": "Not connected"}}
            for one in group["indicators"]
        ]
    policy = policy_of(yaml.safe_dump(document, allow_unicode=True))
    # 75 to begin with and 10 at most for jobs that were taken up, of 100.
    assert policy.maximum == 585_000


BROKEN = [
    ("syntax", "format: guitu", "format: [guitu", "version: guitu"),
    ("missing", "    least: 0\n    most: 100\n", "    most: 100\n", "id: employment\n"),
    ("unknown_key", "month_cap: 12", "months_cap: 12", "months_cap: 12"),
    ("wrong_value", "points: 0.5", "points: half", "points: half"),
    ("missing_text", "en: Took up a job", 'en: ""', 'en: ""'),
    ("wrong_count", "          - id: plan_kept", "          - id: plan_kept2", ""),
    ("repeated", "- id: merit\n", "- id: praise\n", "id: praise\n            zh: 立功"),
    ("unknown_fact", "[plan_kept]", "[plan_keeping]", "[plan_keeping]"),
    ("fact_twice", "[merit, major_merit]", "[merit, praise]", "[merit, praise]"),
    ("excluded_input", "[plan_kept]", "[drug_test]", "[drug_test]"),
    ("missing_exclusion", "minors, medical, religion,", "minors, medical,", "excluded:"),
    ("cap_below_step", "month_cap: 20", "month_cap: 9", "month_cap: 9"),
    ("overlapping_grades", "of_1000: 750", "of_1000: 800", "grade: blue"),
    ("wrong_bounds", "start: 60\n    least: -100", "start: 90\n    least: -100", "id: risk_as"),
    ("wrong_total", "most: 140", "most: 150", "- id: risk_assessment"),
    ("wrong_sign", "points: 40", "points: -40", "[praise]"),
    ("wrong_unit", "[volunteer_hour]", "[peer_help]", "[peer_help]"),
    ("wrong_value", "month_most: 20", "month_most: 0", "month_most: 0"),
    ("repeated", "{id: study_supplies, cost: 20", "{id: book, cost: 20", "{id: book, cost: 20"),
    ("wrong_treatment", "grades: [green, blue]", "grades: [green, yellow]", "[green, yellow]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "right", "wrong", "at"), BROKEN, ids=[kind for kind, _, _, _ in BROKEN]
)
def test_a_mistake_is_refused_with_its_line(kind, right, wrong, at):
    assert right in TEXT
    text = TEXT.replace(right, wrong, 1)
    if kind == "wrong_count":
        begin, end = text.index("          - id: plan_kept2"), text.index("      - id: dangerous")
        text, at = text[:begin] + text[end:], "  - id: risk_assessment"
    faults = [one for one in lint(text) if one.kind == kind]
    assert faults
    lines = text.splitlines()
    line = text[: text.index(at)].count("\n") + 1
    assert any(abs(one.line - line) <= 1 for one in faults), (line, faults)
    for one in faults:
        assert one.zh
        assert one.en
        assert 1 <= one.column <= len(lines[one.line - 1]) + 1
    with pytest.raises(PolicyError, match=r"line \d+, column \d+: "):
        policy_of(text)


@pytest.mark.parametrize(
    "text", ["", "a: &x 1\nb: *x\n", "- 1", "a: 1\na: 2", "\t", "x" * 300_000], ids=range(6)
)
def test_what_is_no_policy_is_a_fault_and_no_crash(text):
    assert lint(text)
