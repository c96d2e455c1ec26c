"""`guitu rules`, and the page that it prints the end of."""

import json
import re
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from click.testing import CliRunner

from gateway.columns import ABSENT
from gateway.engine.account import Account
from gateway.engine.limits import Limits
from gateway.engine.rule import Judged, Memory, Rule, decided
from gateway.engine.rules.catalogue import RULES
from gateway.engine.stretch import Stretch
from gateway.engine.words import Words
from gateway.parameters import Parameters
from gateway.parameters.catalogue import PARAMETERS
from guitu.cli import main
from tests.unit.gateway.rules.building import START_MS, row, stretch

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rules.md").read_text()


def printed(*options):
    found = CliRunner().invoke(main, ["rules", *options])
    assert found.exit_code == 0, found.output
    return found.output


def test_the_page_ends_with_what_the_command_prints():
    tables = printed("--markdown")
    assert PAGE[PAGE.index("## The rules\n") :] == tables


def test_a_line_names_every_rule():
    lines = printed().splitlines()
    assert [line.split()[0] for line in lines] == list(RULES)


def test_json_has_every_rule_and_every_parameter():
    document = json.loads(printed("--json"))
    assert [rule["name"] for rule in document["rules"]] == list(RULES)
    assert {one["name"]: one["default"] for one in document["parameters"]} == {
        name: parameter.default for name, parameter in PARAMETERS.items()
    }
    assert all(rule["meaning"] and rule["title"]["zh"] for rule in document["rules"])


def test_two_forms_at_once_are_refused():
    found = CliRunner().invoke(main, ["rules", "--json", "--markdown"], standalone_mode=False)
    assert found.exception is not None


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_a_rule_names_parameters_that_exist(rule):
    limits = (rule.raise_reports, rule.raise_s, rule.clear_reports, rule.clear_s)
    named = {limit for limit in limits if isinstance(limit, str)}
    assert named | set(rule.parameters) <= set(PARAMETERS)


def test_rules_of_care_and_notice_are_minor_unless_the_person_asks():
    urgent = {
        rule.name
        for rule in RULES.values()
        if rule.category in ("care", "notice") and rule.severity != "minor"
    }
    assert urgent <= {"sos"}


def test_what_depends_on_arrival_is_named_in_the_page():
    begin = PAGE.index("## Rules that depend on arrival")
    section = PAGE[begin : PAGE.index("## The parameters")]
    assert all(f"`{rule.name}`" in section for rule in RULES.values() if rule.by_arrival)


def test_the_example_of_the_page_is_a_rule():
    scope = {"ABSENT": ABSENT, "Account": Account, "Final": Final, "Judged": Judged}
    scope |= {"Memory": Memory, "Rule": Rule, "Stretch": Stretch, "Words": Words}
    scope["decided"] = decided
    block = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    text = "\n".join(line[3:] for line in block[1].splitlines())
    exec(text, scope)  # noqa: S102 - the page's own example
    reports = [
        [row(START_MS + n, speed_mmps=speed) for n, speed in enumerate((ABSENT, 900, 1_100))]
    ]
    judged = stretch(reports)
    judged.limits = Limits([Parameters({"fast_mmps": 1_000})], np.zeros(3, np.int64))
    fast = scope["FAST"]
    assert isinstance(fast, Rule)
    assert fast.judge is not None
    found = fast.judge(judged, {})
    assert found.decision.tolist() == [0, -1, 1]
    evidence = {"facts": {"speed_mmps": 1_100}, "parameters": {"fast_mmps": 1_000}}
    assert "1.1" in fast.explain(Account(START_MS, None, evidence)).zh
