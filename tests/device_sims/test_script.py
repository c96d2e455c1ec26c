"""What is played, and that the labels tell the truth about what is published."""

import itertools
from datetime import datetime

import numpy as np
import pytest
import shapely

from device_sims.cast import Cast
from device_sims.ground import Circle
from device_sims.label_file import county_labels
from device_sims.script import Script
from device_sims.wristband import Wristband
from firmware_protocols.wristband_json.encode import encode
from tests.device_sims.setting import SEED, START_S

HOURS = 3
INTERVAL_MS = 10_000
SURE_M = 60.0
"""Four indoor sigmas; nearer to a border noise decides."""


def until(labels, end_s):
    return [label for _, label in itertools.takewhile(lambda pair: pair[0] < end_s, labels)]


def second(text):
    return datetime.fromisoformat(text).timestamp()


def emissions(cast, wearer, script, hours=HOURS):
    band = Wristband(cast, wearer, script, interval_ms=INTERVAL_MS, boot=7)
    end_ms = (START_S + hours * 3_600) * 1_000
    return list(itertools.takewhile(lambda e: e.report.fix_time_ms < end_ms, band.emissions()))


@pytest.fixture(scope="module")
def labels(script):
    return until(county_labels(script), START_S + HOURS * 3_600)


@pytest.fixture(scope="module")
def reports(cast, script):
    return {
        wearer.device: [e.report for e in emissions(cast, wearer, script)]
        for wearer in cast.wearers
    }


def metres_outside(cast, fence, fixes):
    """Distances from a fence, negative inside, by shapely on a flat map."""
    ground = cast.territory.ground
    places = shapely.points([ground.to_xy(r.longitude_deg, r.latitude_deg) for r in fixes])
    if isinstance(fence.area, Circle):
        return shapely.distance(places, shapely.Point(fence.area.centre)) - fence.area.radius_m
    polygon = shapely.Polygon(fence.area.ring)
    shapely.prepare(polygon)
    distance = shapely.distance(places, polygon.exterior)
    return np.where(shapely.covers(polygon, places), -distance, distance)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_a_fresh_start_shows_an_alert_within_seconds_and_an_entry_within_two_minutes(cast, hour):
    begin_s = START_S + hour * 3_600
    opening = until(county_labels(Script(cast, begin_s)), begin_s + 3_600)
    first = {}
    for label in opening:
        first.setdefault(label.rule, second(label.begin_time) - begin_s)
    assert first["sos"] <= 15
    assert first["exclusion"] <= 110
    assert set(first) == {"sos", "strap", "exclusion", "inclusion", "low_battery", "silence"}
    assert len(opening) >= 12


def test_the_same_seed_and_start_play_the_same_bytes(cast, script):
    other = Cast(SEED, subjects=550, wearing=30)
    for number in (0, 10):
        sent = emissions(cast, cast.wearers[number], script, hours=1)
        again = emissions(other, other.wearers[number], Script(other, START_S), hours=1)
        assert [encode([e.report]) for e in sent] == [encode([e.report]) for e in again]


def test_a_person_is_continuous_through_excursions(cast, script):
    tours = [act for number in range(2) for act in script.block(number) if act.excursion]
    assert len(tours) > 5
    for act in tours:
        band = Wristband(cast, act.wearer, script, interval_ms=INTERVAL_MS, boot=7)
        times = np.arange(act.begin_s - 60, act.end_s + 60)
        places = shapely.points([band.truth(time_s).xy for time_s in times])
        assert shapely.distance(places[1:], places[:-1]).max() < 13.0 * 1.4 + 0.5


def test_names_of_reports_are_unique_and_in_order(reports):
    for sent in reports.values():
        assert [r.seq for r in sent] == list(range(len(sent)))
        times = [r.fix_time_ms for r in sent]
        assert times == sorted(set(times))


def test_every_alarm_published_is_labelled_and_every_label_is_published(cast, labels, reports):
    devices = {wearer.subject.subject: wearer.device for wearer in cast.wearers}
    for rule in ("sos", "strap", "low_battery"):
        told = {
            (label.device, second(label.begin_time), second(label.end_time))
            for label in labels
            if label.rule == rule and devices[label.subject] == label.device
        }
        assert told
        for device, sent in reports.items():
            spans = [(begin, end) for name, begin, end in told if name == device]
            for report in sent:
                time_s = report.fix_time_ms / 1_000
                within = any(begin <= time_s < end for begin, end in spans)
                near_end = any(end <= time_s < end + 600 for _, end in spans)
                if rule == "low_battery" and near_end:
                    continue  # plugged in, but not yet above the limit
                assert (rule in report.alarms) is within


def test_a_silence_is_a_gap_that_is_labelled(labels, reports):
    told = [label for label in labels if label.rule == "silence"]
    assert told
    gaps = {
        (device, before.fix_time_ms, after.fix_time_ms)
        for device, sent in reports.items()
        for before, after in itertools.pairwise(sent)
        if after.fix_time_ms - before.fix_time_ms > 900_000
    }
    assert len(gaps) == len([x for x in told if second(x.end_time) < START_S + HOURS * 3_600])
    for device, before_ms, after_ms in gaps:
        (label,) = (x for x in told if x.device == device)
        assert 0 <= second(label.begin_time) - before_ms / 1_000 <= INTERVAL_MS / 1_000
        assert 0 <= after_ms / 1_000 - second(label.end_time) <= INTERVAL_MS / 1_000


def test_every_fix_clearly_in_violation_is_in_a_label_and_the_rest_is_not(cast, labels, reports):
    clear = {True: 0, False: 0}
    for wearer in cast.wearers:
        for fence in wearer.fences:
            spans = [
                (second(label.begin_time), second(label.end_time))
                for label in labels
                if (label.device, label.fence) == (wearer.device, fence.fence)
            ]
            fixes = [r for r in reports[wearer.device] if r.kind == "fix" and r.satellites > 4]
            outside_m = metres_outside(cast, fence, fixes)
            for index in np.flatnonzero(np.abs(outside_m) > SURE_M):
                is_violated = bool(outside_m[index] > 0) is (fence.use == "inclusion")
                time_s = fixes[index].fix_time_ms / 1_000
                assert is_violated is any(begin <= time_s <= end for begin, end in spans)
                clear[is_violated] += 1
    assert clear[True] > 200
    assert clear[False] > 10_000


def test_urgent_alarms_go_to_the_urgent_topic_at_once(cast, script, labels):
    sos = next(label for label in labels if label.rule == "sos")
    wearer = next(w for w in cast.wearers if w.device == sos.device)
    urgent = [e for e in emissions(cast, wearer, script, hours=1) if e.is_urgent]
    assert urgent[0].report.fix_time_ms == round(second(sos.begin_time) * 1_000)
    assert all("sos" in e.report.alarms for e in urgent[:2])


def test_a_few_reports_are_sent_twice(cast, script):
    sent = [e for wearer in cast.wearers for e in emissions(cast, wearer, script, hours=1)]
    twice = sum(e.copies == 2 for e in sent)
    assert 0.005 < twice / len(sent) < 0.02


def test_labels_come_in_order_of_their_begin(script):
    begins = [second(x.begin_time) for x in until(county_labels(script), START_S + 8 * 3_600)]
    assert begins == sorted(begins)


def test_later_hours_are_calm(script):
    later = until(county_labels(script), START_S + 12 * 3_600)
    per_hour = [
        sum(START_S + h * 3_600 <= second(x.begin_time) < START_S + (h + 1) * 3_600 for x in later)
        for h in range(12)
    ]
    assert per_hour[0] >= 12
    assert all(1 <= count <= 5 for count in per_hour[2:])
