"""Duplicate identity: against an oracle, and in cases."""

from gateway.engine.rules.duplicate_identity import DUPLICATE_IDENTITY
from tests.oracles.condition import duplicate_identity
from tests.unit.gateway.rules.reporting import explained, judge, law, report


def two_devices(count, **other):
    rows = []
    for k in range(count):
        rows.append(report(60 * k, boot=7, seq=k, battery_pct=80, east_m=0.0, accuracy_m=5))
        there = {"east_m": 8_000.0, "accuracy_m": 5, "battery_pct": 35, "boot": 2} | other
        rows.append(report(60 * k + 20, seq=900 + k, **there))
    return rows


def violations(rows):
    return sum(decision > 0 for decision in judge(DUPLICATE_IDENTITY, rows).decisions())


test_it_agrees_with_the_oracle_however_rows_are_cut = law(DUPLICATE_IDENTITY, duplicate_identity)


def test_two_devices_far_apart_contradict_each_other_in_every_report():
    assert violations(two_devices(4)) == 7


def test_two_devices_at_one_place_are_told_by_counters_and_charge():
    assert violations(two_devices(4, east_m=0.0)) >= 4


def test_two_devices_without_counters_are_told_by_place_and_charge():
    rows = [row | {"boot": 0, "seq": 0} for row in two_devices(4)]
    assert violations(rows) == 7


def test_a_restart_with_a_wrong_clock_turns_counters_only():
    old = [report(60 * k, boot=5, seq=k, battery_pct=60, east_m=0.0) for k in range(30)]
    new = [report(60 * k + 30, boot=6, seq=k, battery_pct=59) for k in range(30)]
    rows = sorted([*old, *new], key=lambda row: row["fix_time_ms"])
    assert violations(rows) == 0


def test_positions_older_than_the_reports_around_them_are_one_device():
    rows = [report(60 * (k ^ 1), seq=k, battery_pct=60, east_m=0.0) for k in range(20)]
    assert violations(sorted(rows, key=lambda row: row["fix_time_ms"])) == 0


def test_an_hour_on_the_charger_is_one_device():
    rows = [report(60 * k, seq=k, battery_pct=20 + k, east_m=0.0) for k in range(80)]
    assert violations(rows) == 0


def test_a_day_without_reports_and_a_full_battery_elsewhere_are_one_device():
    rows = [
        report(0, battery_pct=5, east_m=0.0, accuracy_m=5),
        report(86_400, battery_pct=100, east_m=90_000.0, accuracy_m=5),
    ]
    assert violations(rows) == 0


def test_an_hour_of_agreement_ends_it():
    rows = [*two_devices(4), *(report(300 + 60 * k, boot=7, seq=9 + k) for k in range(70))]
    assert judge(DUPLICATE_IDENTITY, rows).decisions()[-1] == -1


def test_words_tell_the_signs_with_their_numbers():
    words = explained(DUPLICATE_IDENTITY, two_devices(3))
    assert "8.0公里" in words.zh
    assert "电量突变-45个百分点" in words.zh
    assert "places 8.0 km apart within 21 s" in words.en
    assert "charge leaps by -45 points" in words.en
