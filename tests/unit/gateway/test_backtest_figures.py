"""What a backtest says of organisations, labels and directories, and what it does not hide."""

import json

import pytest

from gateway.backtest.alert import Alert
from gateway.backtest.figures import Window, figures_of
from gateway.backtest.findings import Findings
from gateway.backtest.label import read_labels
from gateway.backtest.rule_set import RuleSet, with_rules
from gateway.backtest.score import truths
from gateway.errors import DirectoryError

HOUR_MS = 3_600_000
WINDOW = Window(0, 24 * HOUR_MS, 0.26)


def findings(*alerts, subject_days):
    told = {alert.episode: alert for alert in alerts}
    return Findings(told, {}, 0, 10, subject_days, 26)


def silence(episode, org):
    return Alert("silence", f"s-{episode}", None, 0, HOUR_MS, episode=episode, org=org)


def test_an_organisation_of_which_nobody_was_heard_still_answers_for_its_alerts():
    found = findings(silence("e1", "dark"), silence("e2", "dark"), subject_days={"lit": 4})
    orgs = figures_of(found, "v", WINDOW, None).orgs
    assert (orgs["dark"].alerts, orgs["dark"].nuisance, orgs["dark"].is_within) == (2, 2.0, False)
    assert (orgs["lit"].alerts, orgs["lit"].is_within) == (0, True)


def test_any_time_that_a_label_file_may_have_is_understood(tmp_path):
    line = {"rule": "sos", "subject": "s-1"}
    times = {"begin_time": "1970-01-01t01:00:00z", "end_time": "1970-01-01T09:30:00+08:00"}
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(line | times))
    (truth,) = truths(read_labels(path), from_s=0.0, until_s=1e9)
    assert (truth.begin_ms, truth.end_ms) == (HOUR_MS, HOUR_MS * 3 // 2)


def test_rules_for_a_directory_that_is_none_say_so():
    with pytest.raises(DirectoryError, match="body"):
        with_rules(b'{"rules": ', RuleSet("v", b"{}"))
