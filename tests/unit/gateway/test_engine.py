import json
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from tests.unit.gateway.engine_world import (
    HOME,
    T0_MS,
    circle,
    directory_json,
    feed,
    make_engine,
    make_report,
    standing,
    text,
)

reports = st.lists(
    st.builds(
        lambda step, subject, metres, alarm, battery: make_report(
            step * 10,
            subject=subject,
            metres_east=metres,
            alarms=("strap",) if alarm else (),
            battery_pct=battery,
        ),
        st.integers(0, 60),
        st.integers(0, 1),
        st.sampled_from([0.0, 100.0, 290.0, 310.0, 1_000.0, 1_960.0]),
        st.booleans(),
        st.sampled_from([10, 25, 80]),
    ),
    max_size=40,
    unique_by=lambda r: (r.device, r.fix_time_ms),
)


def changes(outcomes):
    return [(o.change, o.rule) for o in outcomes]


def walk(positions, *, start=0, every_s=10, **fields):
    return [
        make_report(start + n * every_s, metres_east=metres, **fields)
        for n, metres in enumerate(positions)
    ]


def test_leaving_the_permitted_area_is_raised_and_dated_back():
    found = feed(make_engine(), walk([0, 0, 1_000, 1_000, 1_000, 1_000]))
    assert changes(found) == [("raised", "inclusion")]
    assert found[0].begin_ms == T0_MS + 20_000
    assert found[0].fence == "f-home"
    assert found[0].fence_version == 1


def test_a_raised_outcome_carries_the_reports_that_decided_it():
    (found,) = feed(make_engine(), walk([0, 0, 1_000, 1_000, 1_000, 1_000]))
    evidence = found.evidence["reports"]
    assert [e["seq"] for e in evidence] == [20, 30, 40, 50]
    assert all(690 < e["distance_m"] < 710 for e in evidence)
    assert all(e["violation_ppm"] > 950_000 for e in evidence)


def test_a_jump_of_200_m_that_claims_two_metres_raises_nothing():
    engine = make_engine()
    assert feed(engine, walk([0, 500, 0, 0, 0], accuracy_m=1.9)) == []


def test_a_fix_whose_error_rivals_the_fence_decides_nothing():
    assert feed(make_engine(), walk([400] * 10, accuracy_m=400.0)) == []


def test_entering_a_forbidden_place_is_raised_as_critical():
    found = feed(make_engine(), walk([0, 1_960, 1_960, 1_960, 1_960]))
    assert ("raised", "exclusion") in changes(found)


@pytest.mark.parametrize("alarm", ["strap", "removed"])
def test_an_alarm_is_raised_by_its_first_report_and_stays_when_it_clears_itself(alarm):
    engine = make_engine()
    found = feed(engine, [make_report(0, alarms=(alarm,))])
    assert changes(found) == [("raised", alarm)]
    assert feed(engine, [make_report(10), make_report(309)]) == []
    cleared = feed(engine, [make_report(310)])
    assert changes(cleared) == [("cleared", alarm)]
    assert cleared[0].episode == found[0].episode
    assert cleared[0].end_ms == T0_MS + 10_000
    assert cleared[0].evidence["ended_by"] == "reports"


@pytest.mark.parametrize("alarm", ["strap", "case", "removed"])
def test_tamper_that_comes_back_within_five_minutes_is_the_same_event(alarm):
    engine = make_engine()
    flicker = [make_report(s, alarms=(alarm,) if s % 60 == 0 else ()) for s in range(0, 600, 10)]
    assert changes(feed(engine, flicker)) == [("raised", alarm)]


def test_every_press_of_the_sos_button_alerts():
    engine = make_engine()
    presses = [make_report(s, alarms=("sos",) if s % 60 == 0 else ()) for s in range(0, 180, 10)]
    assert changes(feed(engine, presses)).count(("raised", "sos")) == 3


@pytest.mark.parametrize("alarm", ["strap", "removed"])
def test_an_alarm_older_than_the_history_still_alerts(alarm):
    engine = make_engine()
    feed(engine, walk([0, 0, 0]))
    engine.tick(T0_MS + 100 * 3_600_000)
    late = make_report(-10, alarms=(alarm,))
    assert changes(feed(engine, [late], at_s=360_001)) == [("raised", alarm)]


@pytest.mark.parametrize("alarm", ["sos", "strap", "case", "removed"])
def test_an_alarm_outlives_the_order_under_which_it_was_raised(alarm):
    engine = make_engine(order_to_ms=T0_MS + 60_000)
    feed(engine, [make_report(0, alarms=(alarm,))])
    assert "cleared" not in [o.change for o in engine.tick(T0_MS + 120_000) if o.rule == alarm]


def test_low_battery_needs_recovery_before_it_can_be_raised_again():
    engine = make_engine()
    found = feed(
        engine, [make_report(10 * n, battery_pct=p) for n, p in enumerate((25, 20, 25, 20))]
    )
    assert changes(found) == [("raised", "low_battery")]


def test_silence_begins_at_the_last_report_and_ends_at_the_next():
    engine = make_engine()
    feed(engine, [make_report(0)])
    assert engine.tick(T0_MS + 899_000) == []
    raised = engine.tick(T0_MS + 901_000)
    assert changes(raised) == [("raised", "silence")]
    assert raised[0].begin_ms == T0_MS
    ended = feed(engine, [make_report(1_000)], at_s=1_000)
    assert changes(ended) == [("cleared", "silence")]


def test_a_backlog_that_fills_the_gap_supersedes_the_silence():
    engine = make_engine()
    feed(engine, [make_report(0)])
    engine.tick(T0_MS + 901_000)
    feed(engine, [make_report(1_000)], at_s=1_000)
    late = feed(engine, [make_report(s) for s in range(100, 1_000, 100)], at_s=1_010)
    assert changes(late) == [("superseded", "silence")]


@pytest.mark.parametrize("is_newest_first", [False, True])
@pytest.mark.parametrize("batch", [1, 3, 100])
def test_a_backlog_supersedes_the_silence_in_whatever_order_it_comes(is_newest_first, batch):
    engine = make_engine()
    feed(engine, [make_report(0)])
    engine.tick(T0_MS + 901_000)
    backlog = [make_report(s) for s in range(60, 1_860, 60)]
    backlog.sort(key=lambda report: report.fix_time_ms, reverse=is_newest_first)
    for start in range(0, len(backlog), batch):
        feed(engine, backlog[start : start + batch], at_s=1_900)
    assert [e for e in standing(engine) if e[0] == "silence"] == []


@pytest.mark.parametrize("is_newest_first", [False, True])
def test_a_device_that_was_recording_before_it_was_heard_was_not_silent(is_newest_first):
    engine = make_engine()
    engine.tick(T0_MS + 901_000)
    backlog = [make_report(s) for s in range(60, 1_860, 60)]
    for report in backlog[::-1] if is_newest_first else backlog:
        feed(engine, [report], at_s=1_900)
    assert [e for e in standing(engine) if e[0] == "silence"] == []


def test_a_device_that_delivers_old_data_now_is_not_silent():
    engine = make_engine()
    feed(engine, [make_report(0)], at_s=2_000)
    assert engine.tick(T0_MS + 2_100_000) == []


def test_a_device_that_never_reports_is_found_silent():
    engine = make_engine()
    assert changes(engine.tick(T0_MS + 901_000)) == [("raised", "silence")]


def test_the_end_of_the_order_ends_what_it_was_the_ground_of():
    engine = make_engine(order_to_ms=T0_MS + 100_000)
    feed(engine, walk([1_000] * 5))
    (found,) = engine.tick(T0_MS + 101_000)
    assert (found.change, found.rule, found.end_ms) == ("cleared", "inclusion", T0_MS + 100_000)
    assert found.evidence["ended_by"] == "order"


@pytest.mark.parametrize(("section", "ground"), [("fences", "fence"), ("bindings", "binding")])
def test_what_ends_an_episode_is_told(section, ground):
    body = json.loads(directory_json())
    body[section][0]["valid_to"] = text(T0_MS + 100_000)
    engine = make_engine(**{section: body[section]})
    feed(engine, walk([1_000] * 5))
    found = [o for o in engine.tick(T0_MS + 101_000) if o.rule == "inclusion"]
    assert [(o.change, o.end_ms, o.evidence["ended_by"]) for o in found] == [
        ("cleared", T0_MS + 100_000, ground)
    ]


def test_a_repeated_report_is_known():
    engine = make_engine()
    batch = walk([0, 1_000, 1_000, 1_000, 1_000])
    feed(engine, batch)
    before = standing(engine)
    assert feed(engine, batch) == []
    assert standing(engine) == before
    assert len(engine.history.recent(0, 0)["seq"]) == len(batch)


@given(reports, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_every_order_of_arrival_ends_in_the_same_standing_episodes(batch, random):
    in_order = make_engine(subjects=2)
    feed(in_order, sorted(batch, key=lambda r: r.fix_time_ms), at_s=700)
    shuffled = make_engine(subjects=2)
    arrival = batch + batch[: len(batch) // 3]
    random.shuffle(arrival)
    while arrival:
        size = random.randint(1, 7)
        feed(shuffled, arrival[:size], at_s=700)
        arrival = arrival[size:]
    assert standing(shuffled) == standing(in_order)


@given(reports, st.lists(st.integers(0, 40), max_size=3))
@settings(deadline=None, max_examples=60)
def test_batches_of_any_size_give_the_same_outcomes(batch, cuts):
    batch = sorted(batch, key=lambda r: r.fix_time_ms)
    whole = feed(make_engine(subjects=2), batch, at_s=700)
    engine = make_engine(subjects=2)
    edges = [0, *sorted(cuts), len(batch)]
    parts = [batch[a:b] for a, b in pairwise(edges) if a < b]
    pieces = [o for part in parts for o in feed(engine, part, at_s=700)]
    assert sorted(o.id for o in pieces) == sorted(o.id for o in whole)


@given(reports, st.integers(0, 40))
@settings(deadline=None, max_examples=60)
def test_a_restored_engine_goes_on_as_if_nothing_had_happened(batch, cut):
    lasting, stopped = make_engine(subjects=2), make_engine(subjects=2)
    first, second = batch[:cut], batch[cut:]
    if first:
        feed(lasting, first, at_s=700)
        feed(stopped, first, at_s=700)
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(stopped.dump()))
    restored = Engine(compile_directory(directory_json(subjects=2)))
    restored.load(stored)
    expected = feed(lasting, second, at_s=710) if second else []
    found = feed(restored, second, at_s=710) if second else []
    assert msgspec.msgpack.encode(found) == msgspec.msgpack.encode(expected)
    assert msgspec.msgpack.encode(restored.dump()) == msgspec.msgpack.encode(lasting.dump())


@given(reports)
@settings(deadline=None, max_examples=60)
def test_pruning_changes_no_standing_episode_that_is_still_in_reach(batch):
    kept, pruned = make_engine(subjects=2), make_engine(subjects=2)
    batch = sorted(batch, key=lambda r: r.fix_time_ms)
    half = len(batch) // 2
    for part in (batch[:half], batch[half:]):
        if part:
            feed(kept, part, at_s=700)
            feed(pruned, part, at_s=700)
            pruned.tick(part[-1].fix_time_ms + 72 * 3_600_000)
    late = make_report(605, metres_east=0.0)
    feed(kept, [late], at_s=710)
    feed(pruned, [late], at_s=710)
    open_kept = [e for e in standing(kept) if e[4] == -1 and e[0] != "silence"]
    open_pruned = [e for e in standing(pruned) if e[4] == -1 and e[0] != "silence"]
    assert open_pruned == open_kept


def test_an_order_entered_ahead_of_its_start_raises_no_silence_when_it_starts():
    start_ms = T0_MS + 86_400_000
    engine = make_engine(order_from_ms=start_ms, order_to_ms=start_ms + 10**9)
    assert engine.tick(start_ms + 5_000) == []
    (found,) = engine.tick(start_ms + 901_000)
    assert (found.rule, found.begin_ms) == ("silence", start_ms)


def test_a_lapse_between_two_orders_is_no_silence():
    again_ms = T0_MS + 20 * 86_400_000
    engine = make_engine(order_to_ms=T0_MS + 60_000, later_order=(again_ms, again_ms + 86_400_000))
    feed(engine, [make_report(0)])
    engine.tick(T0_MS + 61_000)
    assert feed(engine, [make_report(20 * 86_400 + 10)], at_s=20 * 86_400 + 10) == []


def test_an_open_episode_ends_with_its_order_though_a_later_order_exists():
    again_ms = T0_MS + 20 * 86_400_000
    engine = make_engine(order_to_ms=T0_MS + 100_000, later_order=(again_ms, again_ms + 86_400_000))
    feed(engine, walk([1_000] * 5))
    (found,) = engine.tick(T0_MS + 101_000)
    assert (found.change, found.end_ms) == ("cleared", T0_MS + 100_000)


def test_an_extension_without_a_break_goes_on_with_what_is_open():
    engine = make_engine(order_to_ms=T0_MS + 100_000, later_order=(T0_MS + 100_000, T0_MS + 10**9))
    feed(engine, walk([1_000] * 5))
    assert engine.tick(T0_MS + 101_000) == []


def test_a_band_that_brings_days_of_old_strap_reports_alerts_once_a_day():
    engine = make_engine()
    feed(engine, walk([0, 0, 0]))
    engine.tick(T0_MS + 100 * 3_600_000)
    late = [make_report(-60 * n, seq=10_000 + n, alarms=("strap",)) for n in range(1, 200)]
    found = feed(engine, late, at_s=360_001)
    assert {o.rule for o in found} == {"strap"}
    assert 1 <= len(found) <= 2


def test_a_restart_after_a_change_of_fences_changes_no_order_of_outcomes():
    """New questions have numbers of their own in whoever went on, and others after a restart."""
    people, start = ["s-0"], text(T0_MS - 10**9)
    home = circle("f-home", "inclusion", HOME, radius_m=300.0, people=people, start=start)
    nearer = circle("f-area", "inclusion", HOME, radius_m=500.0, people=people, start=start)
    earlier = compile_directory(directory_json(fences=[home]))
    later = compile_directory(directory_json(fences=[nearer, home], version=2))
    lasting = Engine(earlier)
    lasting.set_directory(earlier, T0_MS)
    lasting.set_directory(later, T0_MS + 1)
    restored = Engine(later)
    restored.load(msgspec.msgpack.decode(msgspec.msgpack.encode(lasting.dump())))
    gone = walk([1_000] * 5)
    found = [feed(engine, gone) for engine in (lasting, restored)]
    assert len(found[0]) == 2
    assert msgspec.msgpack.encode(found[0]) == msgspec.msgpack.encode(found[1])
