"""Recorders that are switched off for a whole task."""

from itertools import permutations

import msgspec
import pytest

from gateway.engine.engine import Engine
from tests.unit.gateway.engine_world import T0_MS, text
from tests.unit.gateway.test_recorders import (
    OFFICER,
    RECORDER,
    TASK_S,
    directory,
    feed,
    held,
    report,
    told,
)

WAIT_S = 3_600
JUDGED_S = TASK_S[1] + WAIT_S
HORIZON_S = 72 * 3_600
SILENT = [("recorder_off", "raised"), ("recorder_off", "cleared")]


def task(begin_s, end_s):
    times = {"valid_from": text(T0_MS + begin_s * 1_000), "valid_to": text(T0_MS + end_s * 1_000)}
    return {"device": RECORDER} | times


def later(*tasks, **change):
    """Return a directory with these tasks instead."""
    rows = [task(*one) for one in tasks]
    return directory(**{"bindings": [held(RECORDER, OFFICER)], "recorder_tasks": rows} | change)


def make_engine(**change):
    now = later(TASK_S, **change)
    engine = Engine(now)
    engine.set_directory(now, T0_MS)
    return engine


def tick(engine, second):
    at_ms = T0_MS + second * 1_000
    return engine.tick(at_ms) if engine.tick_due(at_ms) else []


def test_a_recorder_without_any_report_of_its_task_is_told_an_hour_after_it():
    engine = make_engine()
    assert tick(engine, JUDGED_S - 1) == []
    found = tick(engine, JUDGED_S)
    assert told(found) == SILENT
    raised = found[0]
    assert (raised.subject, raised.device, raised.org) == ("", RECORDER, "county")
    assert (raised.begin_ms, found[1].end_ms) == tuple(T0_MS + s * 1_000 for s in TASK_S)
    assert raised.evidence["officer"] == OFFICER
    assert "（持有人officer-1）在1小时30分的任务中未产生任何报告" in raised.explanation.zh
    assert "during a task of 1 h 30 min" in raised.explanation.en
    assert tick(engine, JUDGED_S + 10_000) == []


@pytest.mark.parametrize(("second", "is_told"), [(599, True), (600, False), (5_999, False)])
def test_one_report_of_the_task_is_enough(second, is_told):
    engine = make_engine()
    feed(engine, [report(second)])
    assert told(tick(engine, JUDGED_S)) == (SILENT if is_told else [])


def test_reports_after_the_task_are_none_of_it():
    engine = make_engine()
    feed(engine, [report(TASK_S[1] + 60 * k) for k in range(3)])
    assert told(tick(engine, JUDGED_S)) == SILENT


def test_a_report_of_the_task_that_comes_later_takes_the_alert_back():
    for newest_first in (False, True):
        engine = make_engine()
        if newest_first:
            feed(engine, [report(JUDGED_S - 60)])
        tick(engine, JUDGED_S)
        found = feed(engine, [report(3_000)], at_s=JUDGED_S + 5_000)
        found += tick(engine, JUDGED_S + 5_060)
        assert told(found) == [("recorder_off", "superseded")]
        assert tick(engine, JUDGED_S + 6_000) == []


def test_what_waits_while_the_task_is_judged_takes_the_alert_back_too():
    engine = make_engine()
    feed(engine, [report(JUDGED_S - 60)])
    found = feed(engine, [report(3_000)], at_s=JUDGED_S)
    found += tick(engine, JUDGED_S + 60)
    standing = [one.change for one in found if one.rule == "recorder_off"]
    assert standing in ([], ["raised", "cleared", "superseded"])


def test_any_order_of_arrival_ends_in_the_same():
    for rows in permutations([report(s) for s in (100, 3_000, 7_000)]):
        engine, found = make_engine(), []
        for second, one in zip((8_100, 9_700, 12_000), rows, strict=True):
            found += feed(engine, [one], at_s=second)
            found += tick(engine, second + 60)
        changes = [one.change for one in found if one.rule == "recorder_off"]
        assert changes in ([], ["raised", "cleared", "superseded"])


def test_a_task_that_was_not_known_before_it_is_no_violation():
    engine = make_engine()
    engine.set_directory(later((100, 4_000)), T0_MS + 5_000_000)
    assert tick(engine, 10_000) == []


def test_of_a_task_that_was_entered_in_its_midst_the_rest_counts():
    engine = make_engine()
    engine.set_directory(later((100, 9_000)), T0_MS + 5_000_000)
    found = tick(engine, 9_000 + WAIT_S)
    assert told(found) == SILENT
    assert found[0].begin_ms == T0_MS + 5_000_000


def test_a_task_that_is_made_longer_in_time_was_known_from_its_beginning():
    engine = make_engine()
    engine.set_directory(later((TASK_S[0], 9_000)), T0_MS + 5_000_000)
    found = tick(engine, 9_000 + WAIT_S)
    assert told(found) == SILENT
    assert found[0].begin_ms == T0_MS + TASK_S[0] * 1_000


def test_a_task_that_was_taken_away_is_not_judged():
    engine = make_engine()
    engine.set_directory(later(), T0_MS + 5_000_000)
    assert tick(engine, JUDGED_S) == []


@pytest.mark.parametrize(
    "change",
    [
        {"bindings": []},
        {"bindings": [held(RECORDER, OFFICER, from_s=TASK_S[1])]},
        {"recorder_tasks": [task(600, 1_199)]},
        {"planned_silences": [task(1_000, 2_000)]},
    ],
    ids=["nobody holds it", "held later", "short", "planned"],
)
def test_other_tasks_without_a_report_are_not_told(change):
    assert tick(make_engine(**change), JUDGED_S) == []


def test_a_restart_in_the_midst_changes_nothing():
    engine = make_engine()
    tick(engine, JUDGED_S)
    for _ in range(2):
        stored = msgspec.msgpack.decode(msgspec.msgpack.encode(engine.dump()))
        again = Engine(later(TASK_S), log=engine.history.log)
        again.load(stored)
        assert tick(again, JUDGED_S + 100) == []
        engine = again
    found = feed(engine, [report(3_000)], at_s=JUDGED_S + 200) + tick(engine, JUDGED_S + 300)
    assert told(found) == [("recorder_off", "superseded")]


def test_a_snapshot_of_a_build_that_knew_no_tasks_loads():
    engine = make_engine()
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(engine.dump()))
    del stored["duties"]["tasks"]
    again = Engine(later(TASK_S), log=engine.history.log)
    again.load(stored)
    assert tick(again, JUDGED_S) == []


def test_after_the_horizon_nothing_is_kept_of_a_task():
    engine = make_engine()
    tick(engine, JUDGED_S)
    tick(engine, TASK_S[1] + HORIZON_S + 600)
    assert engine.dump()["duties"]["tasks"]["told"] == []
    assert engine.book.all_episodes() == []
    assert not any(key.rule for key in engine.book.keys)
