"""How alerts are matched to the truth, and what the engine makes of a day in the field."""

import pytest

from benchmarks.quality import RULES, rows_of
from benchmarks.quality_detectors import engine_alerts
from benchmarks.quality_field import START_S, directory_of, play
from benchmarks.quality_naive import naive_alerts
from device_sims.acts import Label
from device_sims.script import timestamp
from gateway.backtest.alert import Alert
from gateway.backtest.score import Score, scores, truths

BEGIN_S = START_S + 3_600
SEED = 100


def label(rule="exclusion", *, lasts_s=600, depth_m=80.0, begin_s=BEGIN_S, **more):
    named = {"subject": "s-1", "device": "fd-1", "fence": "f-1"} | more
    return Label(
        rule=rule,
        begin_time=timestamp(begin_s),
        end_time=timestamp(begin_s + lasts_s),
        note="",
        depth_m=depth_m,
        **named,
    )


def alert(after_s, *, rule="exclusion", fence="f-1", told_s=180, subject="s-1"):
    begin_ms = (BEGIN_S + after_s) * 1_000
    return Alert(rule, subject, fence, begin_ms, begin_ms + told_s * 1_000)


def score(labels, alerts):
    known = truths(labels, from_s=START_S, until_s=START_S + 86_400)
    return sum(scores(known, alerts).values(), Score())


def test_an_alert_about_a_violation_is_true_and_its_delay_is_from_the_true_begin():
    found = score([label()], [alert(10)])
    assert (found.labels, found.found, found.false, found.repeats) == (1, 1, 0, 0)
    assert found.delays_s == (190.0,)
    assert (found.recall, found.precision) == (1.0, 1.0)


@pytest.mark.parametrize("after_s", [-121, 661])
def test_an_alert_before_or_after_is_false_and_the_violation_is_missed(after_s):
    found = score([label()], [alert(after_s)])
    assert (found.found, found.false) == (0, 1)


@pytest.mark.parametrize("change", [{"rule": "inclusion"}, {"fence": "f-2"}])
def test_an_alert_about_another_rule_or_fence_is_false(change):
    assert score([label()], [alert(10, **change)]).false == 1


def test_a_second_alert_about_the_same_violation_is_a_repeat_and_costs_precision():
    found = score([label()], [alert(10), alert(400)])
    assert (found.found, found.repeats, found.precision) == (1, 1, 0.5)


@pytest.mark.parametrize(
    "marginal",
    [
        {"depth_m": 29.9},
        {"lasts_s": 239},
        {"begin_s": START_S - 100},
        {"begin_s": START_S + 86_400 - 300},
    ],
)
def test_a_marginal_violation_is_neither_asked_for_nor_wrong_to_find(marginal):
    known = label(**marginal)
    told = alert(marginal.get("begin_s", BEGIN_S) - BEGIN_S + 30)
    found = score([known], [told])
    assert (found.labels, found.found, found.false, found.repeats) == (0, 0, 0, 0)


def test_what_is_withdrawn_was_false_when_it_was_told_and_does_not_stand():
    known, gone = alert(10), alert(4_000)
    gone.is_withdrawn = True
    found = score([label()], [known, gone])
    assert (found.precision, found.standing_precision) == (0.5, 1.0)


def test_an_alert_that_follows_from_another_label_is_neither_right_nor_wrong():
    jump = label("teleport", also=("exclusion",))
    found = score([jump], [alert(10, rule="teleport"), alert(20)])
    assert (found.found, found.false, found.repeats, found.explained) == (1, 0, 0, 1)
    later = score([jump], [alert(10, rule="teleport"), alert(4_000)])
    assert later.false == 1
    other = score([jump], [alert(20, subject="s-2")])
    assert other.false == 1


def test_one_alert_about_anybody_of_a_group_finds_it_and_each_further_person_is_no_repeat():
    three = [label("no_contact", lasts_s=3_000, subject=f"s-{k}", group="g") for k in (1, 2, 3)]
    told = [alert(10, rule="no_contact", subject="s-2", told_s=900)]
    found = score(three, told)
    assert (found.labels, found.found, found.delays_s) == (1, 1, (910.0,))
    told += [alert(20, rule="no_contact"), alert(30, rule="no_contact")]
    found = score(three, told)
    assert (found.labels, found.found, found.false, found.repeats) == (1, 1, 0, 1)


def test_an_outage_is_found_by_its_time_whoever_is_named():
    failed = label("outage", lasts_s=2_400, subject="", device="", fence=None, depth_m=None)
    found = score([failed], [alert(100, rule="outage", subject="qingxi-office-2", fence=None)])
    assert (found.labels, found.found, found.false) == (1, 1, 0)


@pytest.fixture(scope="module")
def field():
    return play(SEED, residents=30, days=1)


@pytest.fixture(scope="module")
def known(field):
    return truths(field.labels, from_s=START_S, until_s=field.until_s)


def test_raw_figures_miss_little_and_cry_wolf_often(field, known):
    naive = scores(known, naive_alerts(field))
    for rule in ("inclusion", "exclusion", "strap", "teleport", "position_lost"):
        if rule in naive and naive[rule].labels:
            assert naive[rule].recall > 0.9, rule
    assert sum(naive[rule].false for rule in ("inclusion", "exclusion", "jamming")) > 100


def test_the_directory_holds_what_every_rule_needs(field):
    directory = directory_of(field)
    assert len(directory.no_contact) == len(field.society.pairs)
    assert {site.official for site in directory.sites} == {True, False}
    assert directory.checkins
    assert any(d.device_class == "band-b" for d in directory.devices.values())
    uses = {fence.use for fence in directory.fences}
    assert {"inclusion", "exclusion", "curfew", "leave", "route"} <= uses


@pytest.mark.timeout(600)
@pytest.mark.slow
def test_the_engine_misses_no_border_strap_or_button_and_seldom_cries_wolf(field, known):
    ours = scores(known, engine_alerts(field, directory_of(field)))
    missed = [t.label for t in known if t.is_asked_for and t.found_ms is None]
    naive = scores(known, naive_alerts(field))
    places = ("inclusion", "exclusion")
    found_by_all = (*places, "strap", "case", "removed", "sos")
    assert [x for x in missed if x.rule in found_by_all] == []
    assert sum(ours[rule].labels for rule in places) > 3
    false, baseline = (sum(found[rule].false for rule in places) for found in (ours, naive))
    assert baseline > 50
    assert false <= baseline / 5


def test_every_rule_and_both_sums_have_a_row_of_the_engine_and_one_of_the_baseline():
    naive, engine = Score(labels=4, found=4, false=10), Score(labels=4, found=3, false=1, repeats=1)
    found = {"strap": engine, "heart_rate": engine, "of_tomorrow": engine}
    rows = rows_of({"strap": naive}, found, person_days=10)
    by_name = {row["row"]: row for row in rows}
    assert len(by_name) == len(rows) == 2 * (len(RULES) + 3)
    assert by_name["strap: engine"]["recall"] == 0.75
    assert by_name["strap: engine"]["false_to_baseline"] == 0.1
    assert by_name["strap: engine"]["nuisance_per_subject_day"] == 0.2
    assert by_name["all alerts: engine"]["labels"] == 8  # a rule that nobody knows counts
    assert by_name["all notices: engine"]["labels"] == 4


def test_the_same_seed_plays_the_same_field_and_another_seed_another():
    field, again, other = (play(seed, residents=3, days=1) for seed in (SEED, SEED, SEED + 1))
    assert (again.columns.lon_e7 == field.columns.lon_e7).all()
    assert (again.columns.steps == field.columns.steps).all()
    assert again.labels == field.labels
    assert again.attempts == field.attempts
    is_other = len(other.columns) != len(field.columns)
    assert is_other or (other.columns.lon_e7 != field.columns.lon_e7).any()


def test_a_field_of_many_is_played_in_several_processes_to_the_same_end(monkeypatch):
    monkeypatch.setattr("benchmarks.quality_field._PERSON_DAYS_ALONE", 0)
    shared = play(SEED, residents=3, days=1)
    monkeypatch.undo()
    alone = play(SEED, residents=3, days=1)
    assert (shared.columns.lon_e7 == alone.columns.lon_e7).all()
    assert shared.labels == alone.labels
