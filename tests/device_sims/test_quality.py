"""How alerts are matched to the truth, and what the engine makes of a day in the field."""

import pytest

from benchmarks.quality_detectors import Alert, engine_alerts, naive_alerts
from benchmarks.quality_field import START_S, directory_of, play
from benchmarks.quality_score import Score, scores, truths
from device_sims.acts import Label
from device_sims.script import timestamp

BEGIN_S = START_S + 3_600
SEED = 100


def label(rule="exclusion", *, lasts_s=600, depth_m=80.0, begin_s=BEGIN_S):
    return Label(
        rule=rule,
        subject="s-1",
        device="fd-1",
        fence="f-1",
        begin_time=timestamp(begin_s),
        end_time=timestamp(begin_s + lasts_s),
        note="",
        depth_m=depth_m,
    )


def alert(after_s, *, rule="exclusion", fence="f-1", told_s=180):
    begin_ms = (BEGIN_S + after_s) * 1_000
    return Alert(rule, "s-1", fence, begin_ms, begin_ms + told_s * 1_000)


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


@pytest.fixture(scope="module")
def field():
    return play(SEED, residents=30, days=1)


def test_the_engine_misses_no_border_strap_or_button_and_seldom_cries_wolf(field):
    known = truths(field.labels, from_s=START_S, until_s=field.until_s)
    ours = scores(known, engine_alerts(field, directory_of(field)))
    missed = [t.label for t in known if t.is_asked_for and t.found_ms is None]
    naive = scores(known, naive_alerts(field))
    places = ("inclusion", "exclusion")
    assert [x for x in missed if x.rule not in ("silence", "low_battery")] == []
    assert sum(ours[rule].labels for rule in places) > 3
    false, baseline = (sum(found[rule].false for rule in places) for found in (ours, naive))
    assert baseline > 50
    assert false <= baseline / 5
    assert ours["silence"].false == ours["silence"].withdrawn


def test_the_same_seed_plays_the_same_field_and_another_seed_another(field):
    again, other = play(SEED, residents=2, days=1), play(SEED + 1, residents=2, days=1)
    mine = field.columns.take(field.columns.party < 2)
    assert (again.columns.lon_e7 == mine.lon_e7).all()
    assert again.labels == [x for x in field.labels if x.device in ("fd-000001", "fd-000002")]
    assert len(other.columns) != len(mine) or (other.columns.lon_e7 != mine.lon_e7).any()
