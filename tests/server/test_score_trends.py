"""Figures of many scores: what they are, and what nobody may read out of them."""

from itertools import combinations
from statistics import median

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from server.scoring.policy_file import default
from server.trends.decline import Watch, declining, reasons, said, slopes
from server.trends.figures import compared, distribution, movement
from server.trends.grid import ABSENT, grid_of
from server.trends.hiding import LEAST, hidden, hidden_units, own

MONTH = 2026 * 12 + 9
WATCH = Watch(6, 4, 5000)
COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 12), max_size=8)


def grid(*rows):
    """Rows of (person, org, month back, public, management, grade)."""
    people = sorted({row[0] for row in rows})
    packed = np.array(
        [
            (people.index(person), org, MONTH - back, public, management, grade)
            for person, org, back, public, management, grade in rows
        ],
        ">i4",
    ).tobytes()
    return grid_of(people, MONTH - 5, 6, packed)


@given(COUNTS)
def test_of_hidden_parts_nobody_can_tell_fewer_than_five_people_apart(counts):
    found = hidden(counts)
    assert all(name in found for name, count in counts.items() if 0 < count < LEAST)
    whole = sum(counts.values())
    if found and whole >= LEAST:
        assert len(found) > 1
        assert sum(counts[name] for name in found) >= LEAST
    if all(count == 0 or count >= LEAST for count in counts.values()):
        assert not found


@given(
    st.dictionaries(st.sampled_from(["/p/", "/p/a/", "/p/b/", "/p/a/x/", "/p/a/y/", "/p/b/z/"]),
                    st.integers(0, 9)),
)  # fmt: skip
def test_sums_of_shown_organisations_never_leave_fewer_than_five(people):
    paths = {
        path.split("/")[-2]: path
        for path in ("/p/", "/p/a/", "/p/b/", "/p/a/x/", "/p/a/y/", "/p/b/z/")
    }
    counts = {path.split("/")[-2]: count for path, count in people.items()}
    assume(sum(counts.values()) >= LEAST)
    out = hidden_units(counts, paths, "p")
    # Every part that is shown, by whom it holds.
    atoms = {org: counts.get(org, 0) for org in paths}
    shown = {
        frozenset(one for one in paths if paths[one].startswith(path))
        for org, path in paths.items()
        if org not in out
    } | {frozenset({org}) for org in paths if own(org) not in out and org not in out}
    for one, other in combinations(shown, 2):
        if other < one:
            left = sum(atoms[org] for org in one - other)
            parts = [org for org in one - other if atoms[org]]
            is_told = frozenset(one - other) in shown
            assert left == 0 or left >= LEAST or is_told, (out, parts)
    for whole in shown:
        assert sum(atoms[org] for org in whole) == 0 or sum(atoms[org] for org in whole) >= LEAST


@given(st.lists(st.one_of(st.just(ABSENT), st.integers(0, 600_000)), min_size=2, max_size=8))
def test_the_slope_is_the_median_of_all_pairs(points):
    known = [(number, one) for number, one in enumerate(points) if one != ABSENT]
    pairs = [(b - a) / (j - i) for (i, a), (j, b) in combinations(known, 2)]
    found = slopes(np.array([points], np.int64))[0]
    assert np.isnan(found) if not pairs else abs(found - median(pairs)) < 1e-6


def test_one_odd_month_warns_of_nobody_and_a_steady_fall_does():
    odd = [450_000, 450_000, 300_000, 450_000, 451_000, 450_000]
    steady = [450_000, 444_000, ABSENT, 430_000, 425_000, 420_000]
    gone = [450_000, 440_000, 430_000, 420_000, 410_000, ABSENT]
    short = [ABSENT, ABSENT, ABSENT, 450_000, 430_000, 410_000]
    rows = np.array([odd, steady, gone, short], np.int64)
    assert declining(rows, WATCH).tolist() == [False, True, False, False]
    fell = reasons({"daily_conduct": 100_000, "employment": 75_000},
                   {"daily_conduct": 70_000, "employment": 80_000}, default())  # fmt: skip
    assert [(one["dimension"], one["points"]) for one in fell] == [("daily_conduct", -30.0)]
    text = said(-6000, 5, fell)
    assert "6.0分" in text.zh
    assert "30" in text.en


def test_a_distribution_keeps_the_two_scales_apart_and_hides_the_few():
    many = [(f"p{n:02d}", 0, 0, 320_000, 430_000 + n * 1000, 1) for n in range(10)]
    plain = [(f"q{n:02d}", 0, 0, ABSENT, 450_000, 1) for n in range(6)]
    found = distribution(grid(*many, *plain), MONTH, is_hidden=False)
    assert (found["people"], found["grades"]["blue"]) == (16, 16)
    with_public, without = found["bases"]
    assert (with_public["basis"], with_public["people"], with_public["mean"]) == (
        "of_1000", 10, 754.5,
    )  # fmt: skip
    assert sum(one["people"] for one in with_public["histogram"]) == 10
    assert without["quantiles"][2] == {"share": 0.5, "points": 450.0}
    few = distribution(grid(*many, *plain[:2]), MONTH, is_hidden=False)
    # Of twelve, ten on one scale would tell the two on the other.
    assert [one["hidden"] for one in few["bases"]] == [True, True]
    assert distribution(grid(*many[:3]), MONTH, is_hidden=False)["people"] is None
    assert distribution(grid(*many), MONTH, is_hidden=True)["grades"] is None


def test_movement_counts_who_went_where_and_who_came_and_went():
    rows = [(f"p{n}", 0, back, ABSENT, 450_000, 1) for n in range(6) for back in (0, 1)]
    rows[0] = ("p0", 0, 0, ABSENT, 400_000, 3)
    rows += [("new", 0, 0, ABSENT, 450_000, 1), ("old", 0, 1, ABSENT, 450_000, 1)]
    found = movement(grid(*rows), MONTH - 1, MONTH, is_hidden=False)
    assert found["matrix"]["blue"]["orange"] == 1
    assert found["matrix"]["blue"]["blue"] == 5
    assert [found[name] for name in ("better", "same", "worse", "came", "went")] == [0, 5, 1, 1, 1]
    assert movement(grid(*rows[:6]), MONTH - 1, MONTH, is_hidden=False)["hidden"] is True


def test_a_mean_comes_with_how_far_chance_may_carry_it():
    management = np.array([440_000, 450_000, 460_000, 470_000, 430_000], np.int64)
    found = compared(management, management - 1000, np.ones(5, np.int64))
    assert (found["mean"], found["change"], found["median"]) == (450.0, 1.0, 450.0)
    assert (found["low"] < 440, found["high"] > 460) == (True, True)
