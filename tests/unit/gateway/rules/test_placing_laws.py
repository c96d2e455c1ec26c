"""The place rules against the obvious way, in any cuts, and after any change of the directory."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.engine.placing.timetables import Timetables
from gateway.parameters import parameters_from
from tests.oracles.placing import decisions as obvious
from tests.oracles.placing import in_window
from tests.unit.gateway.placing_world import (
    NIGHT,
    at,
    directory,
    fence,
    leave,
    placement,
    said_in_cuts,
)
from tests.unit.gateway.rules.building import DAY_MS, HOUR_MS, START_MS, row

PARAMETERS = parameters_from({})
SCHEDULES = (
    NIGHT,
    NIGHT | {"schedule": "noon", "windows": [{"start": "09:00", "end": "12:00"}]},
)
PLACES = (0.0, 290.0, 305.0, 600.0, 2_500.0, 9_000.0, 50_000.0)

people = st.sampled_from(["s-0", "s-1"])
several = st.lists(people, max_size=2, unique=True)
hours = st.integers(-40, 40)


@st.composite
def fences(draw):
    out = []
    for number in range(draw(st.integers(1, 4))):
        use = draw(st.sampled_from(["inclusion"] * 3 + ["exclusion", "curfew", "leave", "route"]))
        more = {"schedule": "night"} if use == "curfew" or draw(st.integers(0, 3)) == 0 else {}
        if draw(st.integers(0, 3)) == 0:
            more["valid_to"] = f"2026-11-{draw(st.integers(20, 25))}T00:00:00Z"
        out.append(
            fence(
                f"f-{number}",
                use,
                draw(st.sampled_from(PLACES)),
                radius_m=draw(st.sampled_from([20.0, 300.0, 2_000.0])),
                subjects=draw(several),
                **more,
            )
        )
    return out


@st.composite
def leaves(draw, places):
    out = []
    for subject in ("s-0", "s-1"):
        for kind, use in (("leave", "leave"), ("trip", "route")):
            names = [one["fence"] for one in places if one["use"] == use]
            edges = sorted(draw(st.sets(hours, max_size=4)))
            for nth, (begin, end) in enumerate(zip(edges[::2], edges[1::2], strict=False)):
                out.append(
                    leave(
                        f"{subject}-{kind}-{nth}",
                        START_MS + begin * HOUR_MS,
                        START_MS + end * HOUR_MS,
                        kind=kind,
                        to=draw(st.sampled_from([None, *names])),
                        subject=subject,
                    )
                )
    return out


@st.composite
def districts(draw):
    """Fences and leaves of a directory."""
    places = draw(fences())
    return places, draw(leaves(places))


@st.composite
def changes(draw):
    """A directory and some later ones, of which each shares most with the one before."""
    places, away = draw(districts())
    steps = [(places, away)]
    for _ in range(draw(st.integers(1, 3))):
        places = list(places)
        if draw(st.booleans()):
            number = draw(st.integers(0, len(places) - 1))
            part = draw(st.sampled_from(["radius_m", "subjects", "valid_to", "schedule"]))
            value = {
                "radius_m": draw(st.sampled_from([20.0, 300.0, 2_000.0])),
                "subjects": draw(several),
                "valid_to": draw(st.sampled_from([None, "2026-11-22T00:00:00Z"])),
                "schedule": draw(st.sampled_from(["night", "noon"])),
            }[part]
            places[number] = places[number] | {part: value}
        else:
            away = draw(leaves(places))
        steps.append((places, away))
    return steps


@st.composite
def tracks(draw):
    times = sorted(draw(st.sets(st.integers(-50 * 60, 50 * 60), min_size=1, max_size=12)))
    return [
        row(START_MS + k * 60_000)
        if draw(st.integers(0, 5)) == 0
        else at(
            START_MS + k * 60_000,
            draw(st.sampled_from(PLACES)),
            accuracy_m=draw(st.sampled_from([3.0, 15.0, 400.0])),
        )
        for k in times
    ]


def as_columns(found):
    return {question: sorted(lines) for question, lines in found.items()}


@given(district=districts(), track=tracks())
@settings(deadline=None, max_examples=120)
def test_decisions_are_those_of_the_obvious_way(district, track):
    places, away = district
    placed = placement(*places, leaves=away)
    found, _ = said_in_cuts(placed, [track])
    told = {
        (rule, target): [line[1:3] for line in lines] for (rule, _, target), lines in found.items()
    }
    assert told == obvious(placed.directory, "s-0", track, PARAMETERS)


@given(
    district=districts(),
    tracks=st.lists(tracks(), min_size=1, max_size=2),
    cuts=st.sets(st.integers(1, 11), max_size=5),
)
@settings(deadline=None, max_examples=60)
def test_any_cuts_give_the_same(district, tracks, cuts):
    places, away = district
    placed = placement(*places, leaves=away)
    subjects = ["s-0", "s-1"]
    whole, memory = said_in_cuts(placed, tracks, subjects=subjects)
    cut, kept = said_in_cuts(placed, tracks, sorted(cuts), subjects=subjects)
    assert as_columns(cut) == as_columns(whole)
    assert kept["away_since_ms"].tobytes() == memory["away_since_ms"].tobytes()


@given(steps=st.one_of(changes(), st.lists(districts(), min_size=2, max_size=3)), track=tracks())
@settings(deadline=None, max_examples=100)
def test_moving_to_a_directory_gives_what_building_it_anew_gives(steps, track):
    moved = placement(*steps[0][0], leaves=steps[0][1], schedules=SCHEDULES)
    for places, away in steps[1:]:
        moved = moved.moved_to(directory(*places, leaves=away, schedules=SCHEDULES))
        anew = placement(*places, leaves=away, schedules=SCHEDULES)
        for subject in ("s-0", "s-1"):
            told = said_in_cuts(moved, [track], subjects=[subject])
            assert told[0] == said_in_cuts(anew, [track], subjects=[subject])[0]
            assert list(told[0]) == list(said_in_cuts(anew, [track], subjects=[subject])[0])


def test_what_did_not_change_keeps_its_place():
    places = [fence(f"f-{k}", "inclusion", k, subjects=[f"s-{k}"]) for k in range(5)]
    first = placement(*places)
    later = first.moved_to(directory(*places[:4], places[4] | {"radius_m": 90.0}))
    assert later.lists.zone_of == [0, 1, 2, 3, 5]
    assert later.lists.assigned.slots == first.lists.assigned.slots + 1


def test_many_changes_leave_no_heap_behind(monkeypatch):
    monkeypatch.setattr("gateway.engine.placing.lists._SLACK", 10)
    places = [fence(f"f-{k}", "inclusion", k) for k in range(3)]
    placed = placement(*places)
    for step in range(60):
        radius_m = 100.0 + step % 7
        placed = placed.moved_to(directory(*places[:2], places[2] | {"radius_m": radius_m}))
    assert placed.lists.assigned.slots <= 2 * 3 + 10


@given(
    windows=st.lists(st.tuples(st.integers(0, 23), st.integers(0, 23)), min_size=1, max_size=3),
    times=st.lists(st.integers(-40 * 24 * 60, 40 * 24 * 60), min_size=1, max_size=30),
)
@settings(deadline=None, max_examples=60)
def test_timetables_hold_when_the_wall_clock_says_so(windows, times):
    rows = [{"start": f"{a:02d}:00", "end": f"{b:02d}:30"} for a, b in windows]
    schedules = [NIGHT, NIGHT | {"schedule": "other", "windows": rows}]
    made = list(directory(schedules=schedules).schedules.values())
    which = np.arange(len(times)) % 2
    time_ms = np.array([START_MS + minute * 60_000 for minute in times])
    held = Timetables(made).active(which, time_ms)
    assert held.tolist() == [
        in_window(made[k], int(t)) for k, t in zip(which, time_ms, strict=True)
    ]
    for k, t, is_held in zip(which.tolist(), time_ms.tolist(), held.tolist(), strict=True):
        window = Timetables(made).window(k, t)
        assert (window is not None) == is_held
        assert window is None or window[0] <= t < window[1]


def test_a_clock_that_is_centuries_off_is_in_no_window():
    tables = Timetables(list(directory().schedules.values()))
    odd = np.array([-DAY_MS, 1 << 52])
    assert not tables.active(np.zeros(2, np.int64), odd).any()
    assert tables.window(0, -DAY_MS) is None
