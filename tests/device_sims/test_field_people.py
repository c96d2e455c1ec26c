"""The people of the field: who keeps the rules keeps them truly, and labels tell what is done."""

import hashlib
import itertools
from datetime import datetime

import msgspec
import numpy as np
import pytest

from device_sims.field.band import FieldBand
from device_sims.field.charge import Charge
from device_sims.field.delivery import deliveries
from device_sims.field.population import Population
from device_sims.field.truth import SILENCE_S, field_labels
from device_sims.routine import DAY_S

SEED = 77
START_S = 1_795_276_800  # 2026-11-22 00:00 in the county
DAYS = 2
UNTIL_S = START_S + DAYS * DAY_S


@pytest.fixture(scope="module")
def population():
    return Population(SEED, 40)


@pytest.fixture(scope="module")
def bands(population):
    return [
        FieldBand(population, resident, start_ms=START_S * 1_000, boot=1)
        for resident in population.residents
    ]


@pytest.fixture(scope="module")
def delivered(bands):
    return {
        band.identity.device: deliveries(band, SEED, until_ms=UNTIL_S * 1_000) for band in bands
    }


@pytest.fixture(scope="module")
def labels(population, bands):
    return [
        label
        for resident, band in zip(population.residents, bands, strict=True)
        for label in field_labels(resident, band, from_s=START_S, until_s=UNTIL_S)
    ]


def second(text):
    return datetime.fromisoformat(text).timestamp()


def recorded(delivered, device):
    """What a device recorded, each report once, by fix time."""
    reports = {each.report.fix_time_ms: each.report for each in delivered[device]}
    return [reports[time_ms] for time_ms in sorted(reports)]


def test_noise_and_habits_are_those_that_were_frozen(delivered):
    digest = hashlib.sha256()
    for each in itertools.chain.from_iterable(delivered.values()):
        digest.update(each.arrival_ms.to_bytes(8) + msgspec.json.encode(each.report))
    assert digest.hexdigest()[:32] == "adfb70379d693ee7486ed18518391e01"


def test_the_labels_are_those_that_were_frozen(labels):
    digest = hashlib.sha256(b"\n".join(msgspec.json.encode(label) for label in labels))
    assert digest.hexdigest()[:32] == "975ea1afcb07bb9cdbad5a994611f861"


def test_a_depth_that_is_passed_through_is_not_the_depth_of_a_long_stay(labels):
    lingers = [x for x in labels if x.note == "lingers just inside a forbidden circle"]
    assert any(x.depth_m < 40.0 for x in lingers)
    crossed = [x for x in labels if x.note == "crosses a forbidden circle"]
    assert any(x.depth_m > 40.0 for x in crossed)


def test_outside_labels_everybody_keeps_every_fence(population, bands, labels):
    looked_at = 0
    for resident, band in zip(population.residents, bands, strict=True):
        for fence in resident.wearer.fences:
            spans = [
                (second(label.begin_time) - 1, second(label.end_time) + 1)
                for label in labels
                if (label.device, label.fence) == (band.identity.device, fence.fence)
            ]
            for time_s in np.arange(START_S, UNTIL_S, 61.0):
                if not any(begin <= time_s <= end for begin, end in spans):
                    assert not fence.is_violated(band.truth(time_s).xy), (fence, time_s)
                    looked_at += 1
    assert looked_at > 100_000


def test_near_misses_come_as_near_as_stated(population):
    for situation in ("edge", "beside", "verge"):
        near = [r for r in population.residents if r.situation == situation]
        assert near
    for resident in (r for r in population.residents if r.situation in ("edge", "beside")):
        circle = (*resident.wearer.dwelling.home_circles, *resident.wearer.dwelling.forbidden)[0]
        times = np.arange(START_S, START_S + 7 * DAY_S, 30.0)
        truths = np.array([resident.wearer.routine.at(time_s).xy for time_s in times])
        from_border = np.abs(np.hypot(*(truths - circle.centre).T) - circle.radius_m)
        assert from_border.min() < 120.0
        assert from_border.min() >= 19.0


def test_every_alarm_is_within_its_label_and_every_label_has_its_alarm(labels, delivered):
    for rule in ("sos", "strap", "case", "removed"):
        spans = {}
        for label in labels:
            if label.rule == rule:
                span = (second(label.begin_time), second(label.end_time))
                spans.setdefault(label.device, []).append(span)
        assert spans, rule
        for device in delivered:
            told = [r for r in recorded(delivered, device) if rule in r.alarms]
            times = [r.fix_time_ms / 1_000 for r in told]
            mine = spans.get(device, [])
            assert all(any(b - 0.01 <= t <= e for b, e in mine) for t in times)
            assert all(any(abs(t - b) < 0.01 for t in times) for b, _ in mine)


def test_gaps_in_recording_are_labelled_as_silence_and_nothing_else_is(labels, delivered):
    for device in delivered:
        reports = recorded(delivered, device)
        told = [x for x in labels if x.device == device and x.rule == "silence"]
        told = [x for x in told if second(x.end_time) < UNTIL_S]
        gaps = [
            (a.fix_time_ms / 1_000, b.fix_time_ms / 1_000)
            for a, b in itertools.pairwise(reports)
            if b.fix_time_ms - a.fix_time_ms > (SILENCE_S + 120) * 1_000
        ]
        assert len(gaps) == len(told)
        for begin_s, end_s in gaps:
            assert any(
                begin_s - 1 <= second(x.begin_time) and second(x.end_time) <= end_s + 1
                for x in told
            )


def test_what_is_held_back_comes_after_the_link_is_back_and_is_marked(delivered, bands):
    late = 0
    for band in bands:
        for each in delivered[band.identity.device]:
            spell = band.spell(each.report.fix_time_ms / 1_000)
            assert each.report.backlog is (spell is not None)
            if spell is not None:
                assert each.arrival_ms / 1_000 >= spell.end_s
                late += 1
    assert late > 500


def test_underground_there_is_a_state_but_no_position(delivered, bands):
    seen = 0
    for band in bands:
        for report in recorded(delivered, band.identity.device):
            time_s = report.fix_time_ms / 1_000
            if any(d.begin_s <= time_s < d.end_s for d in band.darkness.dark_near(time_s)):
                assert report.kind == "status"
                seen += 1
    assert seen > 100


def test_a_forgotten_charge_makes_the_battery_low_and_a_weak_one_dead():
    charges = [Charge(3, f"fd-{n}", forgets=0.3) for n in range(60)]
    days = range(20_000, 20_020)
    low = sum(charge.low(day)[0] is not None for charge in charges for day in days)
    dead = 0
    for charge, day in itertools.product(charges, days):
        span = charge.low(day)[1]
        if span is not None:
            dead += 1
            assert charge.level((span[0] + span[1]) / 2)[0] == 0.0
            assert charge.level(span[1] + 600)[0] > 0.0 or charge.low(day + 1)[1] is not None
    assert low > dead > 10


def test_a_charge_is_a_function_of_the_time_alone():
    forward = Charge(3, "fd-1", forgets=0.2)
    backward = Charge(3, "fd-1", forgets=0.2)
    times = [START_S + hour * 3_600 for hour in range(24 * 14)]
    assert [forward.level(t) for t in times] == [backward.level(t) for t in times[::-1]][::-1]


def test_an_evening_without_charge_makes_one_low_battery_longer_not_two():
    weak = Population(103, 27)
    resident = weak.residents[26]
    band = FieldBand(weak, resident, start_ms=START_S * 1_000, boot=1)
    plugged_s = 1_795_436_358.416  # low, plugged in by habit, but not on this evening
    assert band.charge.level(plugged_s - 60)[0] < 20.0
    assert band.charge.level(plugged_s + 600)[0] < 20.0
    lows = [
        (second(label.begin_time), second(label.end_time))
        for label in field_labels(resident, band, from_s=START_S, until_s=START_S + 3 * DAY_S)
        if label.rule == "low_battery"
    ]
    assert sum(begin < plugged_s < end for begin, end in lows) == 1
    assert not any(abs(time_s - plugged_s) < 1 for low in lows for time_s in low)
