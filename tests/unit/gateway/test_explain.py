"""Explanations are whole sentences with the numbers of the record."""

import pytest

from gateway.engine.account import Account
from gateway.engine.explain import explain
from gateway.engine.rules.catalogue import RULES
from gateway.engine.rules.heart_rate import HEART_RATE
from gateway.engine.rules.strap import STRAP
from gateway.parameters import parameters_from
from tests.unit.gateway.rules.building import MINUTE_MS, START_MS

PARAMETERS = dict(parameters_from({}))
EVIDENCE = {
    "confirmed_ms": START_MS + 16 * MINUTE_MS,
    "facts": {"heart_rate_bpm": 141, "since_steps_s": 720},
    "parameters": PARAMETERS,
}


def said(change, rule=HEART_RATE, end_ms=None, evidence=EVIDENCE, **told):
    options = {"late": False, "backlog": False, "ended_by": None} | told
    return explain(rule, change, Account(START_MS, end_ms, evidence), **options)


def test_a_raised_alert_tells_what_since_when_how_certain_and_by_which_limits():
    words = said("raised")
    for text in words:
        assert "2026-11-22 10:00:00" in text
        assert "2026-11-22 10:16:00" in text
        assert "141" in text
        assert "131" in text
    assert "历时16分" in words.zh
    assert "连续3次报告且持续15分" in words.zh
    assert "3 reports in a row and 15 min" in words.en


def test_late_and_backlog_are_told():
    words = said("raised", late=True, backlog=True)
    assert "迟到" in words.zh
    assert "补传" in words.zh
    assert "came late" in words.en
    assert "held back" in words.en
    assert "迟到" not in said("raised").zh


@pytest.mark.parametrize(
    ("ended_by", "zh"),
    [("reports", "设备报告"), ("fence", "围栏"), ("order", "决定"), ("binding", "解除佩戴")],
)
def test_a_cleared_alert_tells_what_ended_it_and_how_long_it_lasted(ended_by, zh):
    words = said("cleared", end_ms=START_MS + 90 * MINUTE_MS, ended_by=ended_by)
    assert zh in words.zh
    assert "1小时30分" in words.zh
    assert "1 h 30 min" in words.en
    assert "11:30:00" in words.en


def test_an_amended_alert_tells_its_new_times():
    words = said("amended", end_ms=START_MS + MINUTE_MS)
    assert "10:01:00" in words.zh
    assert "尚未结束" in said("amended").zh


def test_a_superseded_alert_is_withdrawn():
    words = said("superseded")
    assert "撤回" in words.zh
    assert "withdrawn" in words.en


def test_an_alert_that_never_closes_itself_says_so():
    assert "人员核实" in said("raised", rule=STRAP, evidence={"parameters": PARAMETERS}).zh
    assert "人员核实" not in said("raised").zh


@pytest.mark.parametrize("change", ["raised", "amended", "cleared", "superseded"])
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_every_rule_speaks_both_languages_even_without_facts(rule, change):
    evidence = {"parameters": {name: PARAMETERS[name] for name in rule.parameters}}
    words = said(change, rule=rule, evidence=evidence)
    assert rule.title.zh in words.zh
    assert words.zh.endswith("。")
    assert words.en.endswith(".")
