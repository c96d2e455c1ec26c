"""Alerts per watched person and day, against the nuisance budget."""

import msgspec
import pytest

from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from gateway.metrics import Metrics
from tests.unit.gateway.engine_world import (
    T0_MS,
    directory_json,
    feed,
    make_engine,
    make_report,
)

HOUR_S = 3_600


def run(engine, hours, *, presses=(), who=range(10)):
    """Let hours pass with a report of everybody every ten minutes."""
    for seconds in range(600, hours * HOUR_S, 600):
        cut = {n: frozenset({"strap"} if (seconds, n) in presses else ()) for n in who}
        reports = [make_report(seconds, subject=n, alarms=cut[n]) for n in who]
        feed(engine, reports, at_s=seconds)
        now_ms = T0_MS + seconds * 1_000
        if engine.tick_due(now_ms):
            engine.tick(now_ms)
    return T0_MS + hours * HOUR_S * 1_000


PARAMETERS = {"silence_s": 86_400, "outage_s": 86_400}


def test_alerts_are_counted_per_watched_person_and_day():
    engine = make_engine(subjects=10, parameters=PARAMETERS)
    now_ms = run(engine, 23, presses={(7_200, 0), (7_200, 1)})
    (org, one), *others = engine.nuisance(now_ms).items()
    assert (org, others, one.alerts) == ("county", [], 2)
    assert one.subject_days == pytest.approx(10, rel=0.1)
    assert one.per_subject_day == pytest.approx(0.2, rel=0.1)
    assert not one.is_over_budget


def test_more_alerts_than_the_budget_are_told_and_not_hidden():
    engine = make_engine(subjects=10, parameters=PARAMETERS)
    now_ms = run(engine, 23, presses={(7_200, n) for n in range(4)})
    assert engine.nuisance(now_ms)["county"].is_over_budget
    assert len([key for key in engine.book.keys if key.rule == "strap"]) == 4


def test_the_budget_is_a_parameter():
    engine = make_engine(subjects=10, parameters=PARAMETERS | {"nuisance_budget_centi_per_day": 60})
    now_ms = run(engine, 23, presses={(7_200, n) for n in range(4)})
    assert not engine.nuisance(now_ms)["county"].is_over_budget


def test_what_calls_for_care_is_no_alert_in_this_sense():
    engine = make_engine(subjects=1)
    feed(engine, [make_report(10, alarms=frozenset({"sos"}))], at_s=10)
    now_ms = T0_MS + 20_000
    engine.tick(now_ms)
    assert engine.nuisance(now_ms)["county"].alerts == 0


def test_what_is_older_than_a_day_no_longer_counts():
    engine = make_engine(subjects=1, parameters=PARAMETERS)
    now_ms = run(engine, 30, presses={(1_200, 0)}, who=[0])
    assert engine.nuisance(now_ms)["county"].alerts == 0


def test_whoever_is_not_under_an_order_is_not_counted():
    engine = make_engine(subjects=3, order_to_ms=T0_MS + 1_000)
    engine.tick(T0_MS + 2_000)
    assert engine.nuisance(T0_MS + 2_000) == {}


def test_the_count_survives_a_restart():
    engine = make_engine(subjects=2, parameters=PARAMETERS)
    now_ms = run(engine, 5, presses={(7_200, 0)}, who=[0, 1])
    other = Engine(compile_directory(directory_json(subjects=2, parameters=PARAMETERS)))
    other.load(msgspec.msgpack.decode(msgspec.msgpack.encode(engine.dump())))
    assert other.nuisance(now_ms) == engine.nuisance(now_ms)
    assert engine.nuisance(now_ms)["county"].alerts == 1


def test_the_metrics_show_it_by_organisation():
    engine = make_engine(subjects=10, parameters=PARAMETERS)
    now_ms = run(engine, 23, presses={(7_200, n) for n in range(4)})
    metrics = Metrics()
    metrics.show_nuisance(engine.nuisance(now_ms))
    value = metrics.registry.get_sample_value
    assert value("guitu_gateway_over_nuisance_budget", {"org": "county"}) == 1
    shown = value("guitu_gateway_alerts_per_subject_day", {"org": "county"})
    assert shown == pytest.approx(0.4, rel=0.1)
