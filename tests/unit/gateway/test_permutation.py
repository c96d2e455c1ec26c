"""Whatever way the same reports come, the same alerts stand in the end."""

import random

import msgspec
import pytest

from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from gateway.engine.history.segments import DiskLog
from gateway.engine.rules.catalogue import RULES
from geofence.kernels import load_kernel
from tests.unit.gateway.engine_world import (
    T0_MS,
    directory_json,
    feed,
    make_engine,
    make_report,
    standing,
)

SUBJECTS = 3
HOURS = 20
EVERY_S = 120


def a_day_of(seed):
    """Reports of some people who do everything that a rule might mind, and some noise."""
    dice = random.Random(seed)  # noqa: S311  # a play, not a secret
    found = []
    for subject in range(SUBJECTS):
        east_m, steps, charge = 0.0, 0, 90.0
        mood, until = "home", 0
        for k in range(HOURS * 3_600 // EVERY_S):
            if k >= until:
                mood = dice.choice(
                    ["home", "home", "away", "school", "stuck", "dark", "jump", "flat", "worn_off"]
                )
                until = k + dice.randint(3, 60)
            if mood == "dark":
                continue
            fields = {"skin_contact": True, "heart_rate_bpm": dice.randint(60, 90)}
            east_m = {
                "away": 2_000.0 + 40 * (k % 7),
                "school": 1_960.0 + 20 * (k % 3),
                "jump": dice.choice([0.0, 9_000.0]),
                "stuck": 55.0,
            }.get(mood, dice.uniform(-80, 80))
            charge = max(1.0, charge - (1.5 if mood == "flat" else 0.05))
            steps += dice.randint(0, 120) if mood in {"away", "stuck"} else 0
            if mood == "worn_off":
                fields = {"skin_contact": False}
            alarms = ("strap",) if dice.random() < 0.004 else ()
            found.append(
                make_report(
                    k * EVERY_S + subject,
                    subject=subject,
                    metres_east=east_m,
                    accuracy_m=dice.choice([4.0, 8.0, 60.0]),
                    battery_pct=round(charge),
                    speed_mps=dice.uniform(0, 1.5),
                    satellites=dice.choice([0, 3, 9, 12]),
                    steps=steps,
                    skin_temperature_c=dice.uniform(31, 34),
                    alarms=alarms,
                    **fields,
                )
            )
    return found


def end(engine):
    """Let every backlog settle; return what stands by rules that do not depend on arrival."""
    at_ms = T0_MS + (HOURS * 3_600 + 100) * 1_000
    engine.tick(at_ms)
    return [one for one in standing(engine) if not RULES[one[0]].by_arrival]


def in_order(reports):
    engine = make_engine(subjects=SUBJECTS)
    feed(engine, sorted(reports, key=lambda r: r.fix_time_ms), at_s=HOURS * 3_600)
    return end(engine)


@pytest.mark.parametrize("seed", range(4))
def test_order_batching_repeats_and_restarts_change_no_standing_alert(seed, tmp_path):
    reports = a_day_of(seed)
    expected = in_order(reports)
    assert len({one[0] for one in expected}) >= 5, "a day in which little happens proves little"
    dice = random.Random(seed + 100)  # noqa: S311  # a play, not a secret
    arrival = reports + dice.sample(reports, len(reports) // 5)
    # Mostly in order, with stretches held back, as devices do; and a few anywhere.
    arrival.sort(key=lambda r: r.fix_time_ms + dice.choice([0, 0, 0, 3_600_000, 36_000_000]))
    directory = compile_directory(directory_json(subjects=SUBJECTS))
    engine = Engine(directory, log=DiskLog(tmp_path / "log"))
    engine.set_directory(directory, T0_MS)
    while arrival:
        size = dice.choice([1, 40, 200])
        feed(engine, arrival[:size], at_s=HOURS * 3_600)
        arrival = arrival[size:]
        if dice.random() < 0.2:
            stored = msgspec.msgpack.decode(msgspec.msgpack.encode(engine.dump()))
            engine = Engine(directory, log=DiskLog(tmp_path / "log"))
            engine.load(stored)
    assert end(engine) == expected


@pytest.mark.parametrize("seed", range(2))
def test_one_report_at_a_time_gives_the_same_outcomes_as_all_at_once(seed):
    reports = sorted(a_day_of(seed), key=lambda r: r.fix_time_ms)
    whole = feed(make_engine(subjects=SUBJECTS), reports, at_s=HOURS * 3_600)
    engine = make_engine(subjects=SUBJECTS)
    pieces = [o for r in reports for o in feed(engine, [r], at_s=HOURS * 3_600)]
    # All of it comes at its end, when whoever has not spoken yet seems silent.
    expected = sorted(o.id for o in whole if o.rule != "silence")
    assert sorted(o.id for o in pieces if o.rule != "silence") == expected


def test_the_kernels_give_the_same_outcomes():
    numba = pytest.importorskip("numba")
    assert numba
    reports = sorted(a_day_of(1), key=lambda r: r.fix_time_ms)
    directory = compile_directory(directory_json(subjects=SUBJECTS))
    found = []
    for name in ("numpy", "numba"):
        engine = Engine(directory, load_kernel(name))
        engine.set_directory(directory, T0_MS)
        found.append(msgspec.msgpack.encode(feed(engine, reports, at_s=HOURS * 3_600)))
    assert found[0] == found[1]


def test_newest_first_ends_as_in_order():
    reports = a_day_of(7)
    engine = make_engine(subjects=SUBJECTS)
    newest_first = sorted(reports, key=lambda r: -r.fix_time_ms)
    for start in range(0, len(newest_first), 25):
        feed(engine, newest_first[start : start + 25], at_s=HOURS * 3_600)
    assert end(engine) == in_order(reports)
