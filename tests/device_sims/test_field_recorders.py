"""Officers' recorders of the field: labels are true by other means, and the rules find them."""

from datetime import datetime

import pytest

from benchmarks.quality_field import START_S
from benchmarks.quality_recorders import recorder_scores
from device_sims.field.recorders import FieldRecorder

SEED = 77
UNTIL_S = START_S + 7 * 86_400


@pytest.fixture(scope="module")
def carried():
    """Every recorder with its labels by rule and its deliveries."""
    recorders = [FieldRecorder(SEED, number) for number in range(12)]
    return [
        (one, one.labels(START_S, UNTIL_S), one.deliveries(START_S, UNTIL_S)) for one in recorders
    ]


def during(label, deliveries):
    begin, end = (
        datetime.fromisoformat(text).timestamp() * 1_000
        for text in (label.begin_time, label.end_time)
    )
    return [one for one in deliveries if begin <= one.report.fix_time_ms < end]


def labelled(carried, rule):
    found = [
        (label, during(label, deliveries))
        for _, labels, deliveries in carried
        for label in labels
        if label.rule == rule
    ]
    assert len(found) >= 5
    return found


def test_a_recorder_that_is_off_reports_nothing_of_its_task(carried):
    assert all(not made for _, made in labelled(carried, "recorder_off"))


def test_a_gap_is_idle_from_end_to_end_and_part_of_a_task(carried):
    for _, made in labelled(carried, "recording_gap"):
        assert made
        assert {one.report.extra["recording"] for one in made} == {"idle"}


def test_storage_is_low_in_all_that_is_reported_while_it_is_labelled(carried):
    for _, made in labelled(carried, "storage_low"):
        shares = [one.report.extra["storage_free_bytes"] for one in made]
        assert made
        assert max(shares) <= 0.1 * made[0].report.extra["storage_size_bytes"]


def test_an_sos_is_urgent(carried):
    for _, made in labelled(carried, "sos"):
        assert any(one.is_urgent and "sos" in one.report.alarms for one in made)


def test_what_is_held_comes_after_its_task_and_nothing_else_does(carried):
    late = [
        one
        for _, _, all_ in carried
        for one in all_
        if one.arrival_ms - one.report.fix_time_ms > 60_000
    ]
    assert late
    for recorder, labels, deliveries in carried:
        assert [
            one.report.seq for one in sorted(deliveries, key=lambda d: d.report.fix_time_ms)
        ] == list(range(1, len(deliveries) + 1))
        assert all(label.device == recorder.device and not label.subject for label in labels)


def test_the_same_seed_plays_the_same():
    one, again = (FieldRecorder(SEED, 3) for _ in range(2))
    assert one.deliveries(START_S, UNTIL_S) == again.deliveries(START_S, UNTIL_S)
    assert one.labels(START_S, UNTIL_S) != FieldRecorder(SEED + 1, 3).labels(START_S, UNTIL_S)


def test_the_rules_find_what_happens_to_recorders_and_little_else():
    naive, engine = recorder_scores(SEED, days=2, recorders=8)
    for rule in ("recorder_off", "recording_gap"):
        assert engine[rule].labels
        assert engine[rule].recall == 1.0
    assert sum(score.false for score in engine.values()) == 0
    assert naive["recording_gap"].false > 0
