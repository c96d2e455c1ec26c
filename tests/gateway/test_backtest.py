"""A journal through the engine again: what was recorded, and what other rules would have told."""

import json
import sqlite3
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from gateway.backtest.backtest import Asked, backtest, record_of
from gateway.backtest.figures import is_heard
from gateway.backtest.findings import Tally, plain
from gateway.backtest.label import Label
from gateway.backtest.lanes import Question, findings_of
from gateway.backtest.origin import extent_of
from gateway.backtest.rule_set import read_rule_set
from gateway.backtest.runner import run
from gateway.backtest.share import looks_at_many, shares
from gateway.backtest.steps import Reports, Tick, steps
from gateway.directory.snapshot import compile_directory
from gateway.errors import BacktestError, DirectoryError, RuleSetError
from gateway.journal.entry import START, encode_start
from gateway.journal.store import Journal
from geofence.kernel import signed_distances
from tests.gateway.backtest_world import Writer, directory_body, write_journal
from tests.unit.gateway.engine_world import T0_MS, make_report, text

SUBJECTS = 8
ODD = {f"s-{n}" for n in range(1, SUBJECTS, 2)}


@pytest.fixture(scope="module")
def afternoon(tmp_path_factory):
    """A journal, and what the gateway told when."""
    folder = tmp_path_factory.mktemp("afternoon")
    return folder, write_journal(folder, subjects=SUBJECTS)


@pytest.fixture
def rules(tmp_path):
    def write(version="other", **members):
        path = tmp_path / f"{version}.json"
        fixed = {"silence_s": 900, "silence_gap_s": 900, "low_battery_pct": 20}
        fixed |= {"gathering_enabled": 0}
        fixed |= members.pop("parameters", {})
        path.write_text(json.dumps({"version": version, "parameters": fixed} | members))
        return read_rule_set(path)

    return write


def findings(folder, *, processes=1, asks=False, rule_set=None):
    question = Question(folder, extent_of(folder), 0, None, asks)
    return findings_of(question, [rule_set], processes)[0]


def test_the_afternoon_holds_what_it_was_made_for(afternoon):
    told = Counter((outcome.rule, outcome.change) for _, outcome in afternoon[1])
    assert told["silence", "raised"] >= 6
    assert told["silence", "superseded"] == len(ODD)
    assert told["inclusion", "amended"] > 0
    assert told["strap", "raised"] > 0


def test_a_replay_under_the_journals_own_rules_gives_the_recorded_outcomes(afternoon):
    folder, told = afternoon
    tallies = {}
    for _, outcome in told:
        tallies.setdefault(outcome.rule, Tally()).add(outcome.id)
    assert findings(folder).tallies == plain(tallies)


def test_every_alert_is_told_at_the_batch_or_tick_that_told_it(afternoon):
    folder, told = afternoon
    at_ms = {}
    for when_ms, outcome in told:
        if outcome.change == "raised":
            at_ms.setdefault(outcome.episode, when_ms)
    found = findings(folder).alerts
    assert {episode: alert.at_ms for episode, alert in found.items()} == at_ms


def test_a_gathering_is_found_again_at_the_journals_own_ticks(tmp_path):
    told = write_journal(tmp_path, subjects=4, minutes=60, gathering_enabled=1)
    assert ("gathering", "raised") in {(o.rule, o.change) for _, o in told}
    assert backtest(Asked(folder=tmp_path, processes=1)).unlike == {}


def test_organisations_apart_give_what_they_give_together(afternoon):
    whole = findings(afternoon[0])
    apart = findings(afternoon[0], processes=2)
    assert apart.tallies == whole.tallies
    assert apart.alerts == whole.alerts
    assert (apart.reports, apart.subject_days) == (whole.reports, whole.subject_days)


def test_nobody_is_split_off_where_people_are_looked_at_together(tmp_path):
    write_journal(tmp_path, subjects=2, minutes=2, gathering_enabled=1)
    compiled = compile_directory(directory_body(SUBJECTS, gathering_enabled=1))
    assert looks_at_many(compiled)
    assert not looks_at_many(compile_directory(directory_body(SUBJECTS, gathering_enabled=0)))
    split = shares(compiled.body, 9)
    assert [share.of for share in split] == [2, 2]
    assert [share.has_org("office") for share in split].count(True) == 1
    alone = run_alone(tmp_path, split[0])
    with pytest.raises(BacktestError, match="say --processes 1"):
        alone()


def run_alone(folder, share):
    def run_it():
        with tempfile.TemporaryDirectory() as scratch:
            run(
                folder,
                extent_of(folder),
                rules=None,
                share=share,
                kernel=signed_distances,
                scratch=Path(scratch),
                from_ms=0,
                until_ms=None,
                asks=False,
            )

    return run_it


def test_ticks_that_are_asked_for_change_no_outcome_of_the_same_rules(afternoon):
    assert findings(afternoon[0], asks=True).tallies == findings(afternoon[0]).tallies


def test_a_trimmed_journal_is_replayed_from_its_oldest_snapshot(tmp_path):
    told = write_journal(tmp_path, subjects=4, minutes=140, snapshot_at=350)
    extent = extent_of(tmp_path)
    with sqlite3.connect(tmp_path / "journal.db") as database:
        snapshot = int(next(tmp_path.glob("snapshot-*")).stem.removeprefix("snapshot-"))
        database.execute("DELETE FROM entry WHERE seq <= ?", (snapshot - 100,))
        database.execute("DELETE FROM outcome WHERE seq <= ?", (snapshot - 100,))
    trimmed = extent_of(tmp_path)
    assert (extent.after, trimmed.after) == (0, snapshot)
    tallies = {}
    for at_ms, outcome in told:
        if at_ms > trimmed.from_ms:
            tallies.setdefault(outcome.rule, Tally()).add(outcome.id)
    found = findings(tmp_path)
    assert found.tallies == plain(tallies)
    assert found.earlier > 0
    assert backtest(Asked(folder=tmp_path)).unlike == {}


def test_a_journal_that_no_snapshot_reaches_is_refused(tmp_path):
    write_journal(tmp_path, subjects=2, minutes=20)
    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute("DELETE FROM entry WHERE seq <= 5")
    with pytest.raises(BacktestError, match="begins at entry 6, and no snapshot"):
        extent_of(tmp_path)


def test_an_outcome_that_was_changed_is_not_as_recorded(tmp_path):
    write_journal(tmp_path, subjects=4, minutes=120)
    assert backtest(Asked(folder=tmp_path, processes=1)).unlike == {}
    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute(
            "DELETE FROM outcome WHERE seq = (SELECT max(seq) FROM outcome) AND nth = 0"
        )
    unlike = backtest(Asked(folder=tmp_path, processes=1)).unlike
    assert [recorded + 1 == found for recorded, found in unlike.values()] == [True]


def test_a_longer_silence_is_all_that_a_longer_silence_changes(afternoon, rules):
    longer = rules("longer", parameters={"silence_s": 1_800, "silence_gap_s": 1_800})
    done = backtest(Asked(folder=afternoon[0], diff=longer, processes=1))
    # The odd ones held their reports back for 25 minutes, numbers 2 and 6 were off as long.
    assert {(a.rule, a.subject) for a in done.difference.only_a} == {
        ("silence", who) for who in ODD | {"s-2", "s-6"}
    }
    assert (done.difference.only_b, done.difference.changed) == ([], [])
    assert done.difference.same == sum(one.raised for one in done.b.rules.values())
    assert "silence" not in done.b.rules
    assert done.unlike is None


def test_a_lower_battery_limit_moves_the_begin_of_the_same_alerts(afternoon, rules):
    done = backtest(
        Asked(
            folder=afternoon[0],
            rules=rules(),
            diff=rules("low", parameters={"low_battery_pct": 15}),
        )
    )
    assert {pair.a.rule for pair in done.difference.changed} == {"low_battery"}
    assert len(done.difference.changed) == SUBJECTS
    assert all(pair.b.begin_ms > pair.a.begin_ms for pair in done.difference.changed)
    assert done.difference.only_a == done.difference.only_b == []


def test_a_layer_of_a_rule_set_reaches_its_class_alone(afternoon, rules):
    layered = rules("layers", kinds={"kiosk": {"silence_s": 86_400}})
    done = backtest(Asked(folder=afternoon[0], rules=rules(), diff=layered, processes=1))
    assert done.difference.same == sum(one.raised for one in done.a.rules.values())


def exclusion_label(subject, minute, until):
    return Label(
        rule="exclusion",
        subject=subject,
        fence="f-school",
        begin_time=text(T0_MS + minute * 60_000),
        end_time=text(T0_MS + until * 60_000),
    )


def test_labels_give_precision_recall_and_delay_counted_by_hand(afternoon):
    # Number 0 is at school from minute 60 on, nobody is where the second label says; number 3 is
    # there too, which no label tells, and 6 while the device is off.
    labels = [exclusion_label("s-0", 60, 75), exclusion_label("s-5", 10, 25)]
    done = backtest(Asked(folder=afternoon[0], labels=labels, processes=1))
    told_ms = next(a for a, o in afternoon[1] if (o.rule, o.subject) == ("exclusion", "s-0"))
    truth = done.a.rules["exclusion"].truth
    assert (truth.labels, truth.found, truth.false, truth.repeats) == (2, 1, 1, 0)
    assert (truth.recall, truth.precision) == (0.5, 0.5)
    assert truth.delay_p50_s == round((told_ms - T0_MS) / 1_000 - 3_600, 1)
    heard = done.a.total.raised
    nuisance = sum(org.nuisance * org.subject_days for org in done.a.orgs.values())
    assert nuisance == pytest.approx(heard - 1, abs=1e-3)


def test_without_labels_every_alert_counts_against_the_budget_of_its_organisation(afternoon):
    done = backtest(Asked(folder=afternoon[0], processes=1, budget=5.0))
    assert set(done.a.orgs) == {"county", "office"}
    for org, one in done.a.orgs.items():
        mine = [
            o for _, o in afternoon[1] if (o.org, o.change) == (org, "raised") and is_heard(o.rule)
        ]
        assert (one.subject_days, one.alerts) == (SUBJECTS // 2, len(mine))
        assert one.nuisance == round(len(mine) / one.subject_days, 4)
        assert one.is_within == (one.nuisance <= 5.0)
    assert record_of(done)["nuisance_budget"] == 5.0
    assert record_of(backtest(Asked(folder=afternoon[0])))["nuisance_budget"] == 0.26


def test_what_is_counted_lies_between_from_and_to(afternoon):
    from_ms, until_ms = T0_MS + 70 * 60_000, T0_MS + 120 * 60_000
    done = backtest(Asked(folder=afternoon[0], from_ms=from_ms, until_ms=until_ms, processes=1))
    raised = [at for at, o in afternoon[1] if o.change == "raised" and from_ms <= at < until_ms]
    assert done.a.total.raised == len(raised) > 0
    with pytest.raises(BacktestError, match="nothing to count"):
        backtest(Asked(folder=afternoon[0], from_ms=until_ms, until_ms=from_ms))


@pytest.mark.parametrize(
    ("text_of_file", "fault"),
    [
        ("{", "file: Input data was truncated"),
        ('{"parameters": {}}', "file: Object missing required field `version`"),
        ('{"version": "x", "parameters": {}, "class": {}}', "unknown field `class`"),
        ('{"version": "x", "parameters": {"silence": 9}}', "`silence` is not a parameter"),
        (
            '{"version": "x", "parameters": {}, "classes": {"strict": {"silence_s": 1}}}',
            "rules.classes.strict: `silence_s` is 1; allowed are",
        ),
        ('{"version": "x", "parameters": {}, "classes": {"wild": {}}}', "classes"),
    ],
    ids=["cut", "no-version", "unknown-member", "unknown-parameter", "out-of-bounds", "class"],
)
def test_a_rule_set_that_is_wrong_is_refused_with_the_place(tmp_path, text_of_file, fault):
    (tmp_path / "rules.json").write_text(text_of_file)
    with pytest.raises(RuleSetError) as refused:
        read_rule_set(tmp_path / "rules.json")
    assert fault in str(refused.value)
    assert "rules.json refused: " in str(refused.value)


def test_a_rule_set_that_does_not_go_with_a_period_of_the_directory_is_refused(tmp_path, rules):
    body = json.loads(directory_body(2))
    body["periods"] = [
        {
            "period": "feast",
            "name": "feast",
            "valid_from": text(T0_MS),
            "valid_to": None,
            "parameters": {"recovered_battery_pct": 22},
        }
    ]
    writer = Writer(tmp_path)
    writer.direct(json.dumps(body).encode(), T0_MS)
    writer.close()
    wrong = rules("wrong", parameters={"low_battery_pct": 24})
    with pytest.raises(DirectoryError, match="recovered_battery_pct must be above"):
        backtest(Asked(folder=tmp_path, rules=wrong, processes=1))


def test_no_tick_is_asked_for_while_the_gateway_was_down(tmp_path):
    writer = Writer(tmp_path)
    writer.direct(directory_body(1), T0_MS)
    writer.take([make_report(0)], T0_MS + 1_000)
    down_ms = T0_MS + 3_600_000
    writer.journal.append(START, down_ms * 1_000, encode_start({}))
    writer.ticked_ms = down_ms
    writer.take([make_report(3_600)], down_ms + 120_000)
    writer.close()
    journal = Journal(tmp_path / "journal.db", writable=False)
    found = list(steps(journal, after=0, last=journal.last_seq, until_ms=None, asks=True))
    journal.close()
    asked = [step.at_ms for step in found if isinstance(step, Tick) and step.asked]
    minute = down_ms // 60_000 * 60_000
    assert asked == [minute + 60_000, minute + 120_000]
    assert sum(len(step.columns) for step in found if isinstance(step, Reports)) == 2


def test_an_empty_folder_and_a_journal_without_anybody_are_refused(tmp_path):
    with pytest.raises(BacktestError, match=r"holds no journal\.db"):
        extent_of(tmp_path)
    journal = Journal(tmp_path / "journal.db", writable=True)
    with pytest.raises(BacktestError, match="is empty"):
        extent_of(tmp_path)
    journal.append(START, T0_MS * 1_000, encode_start({}))
    journal.close()
    with pytest.raises(BacktestError, match="has no directory"):
        backtest(Asked(folder=tmp_path))
