"""Which positions are no evidence of a violation, and from when on they are again."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.engine.placing.doubt import CARRY, doubted
from tests.unit.gateway.rules.building import FRESH_BEFORE, stretch
from tests.unit.gateway.rules.reporting import dirty, report

INDOORS = {"accuracy_m": 20.0, "speed_mps": 0.0, "satellites": 6}
WIFI = {"accuracy_m": 38.0, "speed_mps": 0.0, "satellites": 0}


def doubts(rows, cuts=()):
    """Return what is doubted, row by row, of rows that come in stretches."""
    memory = {name: np.full(1, kept.fresh, kept.dtype) for name, kept in CARRY.items()}
    before, found = dict(FRESH_BEFORE), []
    edges = [0, *cuts, len(rows)]
    for begin, end in itertools.pairwise(edges):
        if begin == end:
            continue
        piece = stretch([rows[begin:end]], before=[before])
        found += doubted(piece, memory).tolist()
        before["report_ms"] = rows[end - 1]["fix_time_ms"]
        for one in rows[begin:end]:
            if one["lon_e7"] > -(1 << 31):
                before |= {f"fix_{name}": one[name] for name in ("lon_e7", "lat_e7", "accuracy_mm")}
                before["fix_ms"] = one["fix_time_ms"]
    return found


def test_a_network_position_that_repeats_itself_is_one_observation_for_a_quarter_of_an_hour():
    rows = [report(60 * k, east_m=100, **WIFI) for k in range(18)]
    assert doubts(rows) == [False] + [True] * 14 + [False] * 3


@pytest.mark.parametrize("change", [{"satellites": 4}, {"accuracy_m": 38.1}, {"east_m": 101.0}])
def test_another_measurement_is_another_observation(change):
    rows = [report(0, **WIFI | {"east_m": 100.0}), report(60, **WIFI | {"east_m": 100.0} | change)]
    assert doubts(rows)[1] is False


def test_a_receiver_that_holds_its_place_at_rest_is_believed():
    rows = [report(60 * k, east_m=100, **INDOORS) for k in range(4)]
    assert doubts(rows) == [False] * 4


def test_a_device_that_stood_and_lies_300_m_off_is_doubted_for_a_minute():
    rows = [report(0, east_m=0, **INDOORS)]
    rows += [report(60 * k, east_m=300, **INDOORS | {"accuracy_m": 1.9}) for k in range(1, 6)]
    assert doubts(rows) == [False, True, False, False, False, False]


@pytest.mark.parametrize(
    "moved",
    [
        {"speed_mps": 5.0},  # it says that it moves
        {"steps": 300},  # it was walked there
        {"east_m": 100.0},  # within the circles
    ],
)
def test_whoever_went_there_is_believed_at_once(moved):
    rows = [report(0, **INDOORS | {"east_m": 0.0, "steps": 100})]
    rows.append(report(60, **INDOORS | {"east_m": 300.0, "steps": 101} | moved))
    assert doubts(rows) == [False, False]


def test_a_metro_may_have_gone_the_way_where_no_position_was():
    rows = [report(0, east_m=0, **INDOORS), report(60), report(120, east_m=900, **INDOORS)]
    assert doubts(rows) == [False] * 3


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sets(st.integers(1, 39)))
def test_any_cuts_give_the_same(seed, cuts):
    rows = dirty(seed, 40)
    within = sorted(cut for cut in cuts if cut < len(rows))
    assert doubts(rows, within) == doubts(rows)
