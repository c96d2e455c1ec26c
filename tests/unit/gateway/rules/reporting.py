"""Reports in metres and seconds for tests of rules, dirty random ones, and the laws of a judge."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocols.alarm import alarms_to_mask
from gateway.engine.account import Account
from gateway.engine.rule import Rule
from gateway.engine.words import Words
from gateway.parameters import parameters_from
from tests.unit.gateway.rules.building import START_MS, Findings, Row, judge_in_cuts, row, same

HERE_E7 = (1_164_000_000, 399_000_000)
"""Where (0, 0) metres is: longitude, latitude."""

_METRES_PER_E7 = (0.008_547_2, 0.011_103_5)
"""There, on the WGS-84 ellipsoid."""

Oracle = Callable[[Sequence[Row], Mapping[str, Any]], list[tuple[int, dict[str, Any]]]]
"""Rows of one wearer and the parameters to (decision, facts) of each row."""


def report(second: float, *, east_m: float | None = None, **said: Any) -> dict[str, Any]:
    """Return a report `second` seconds after START_MS.

    Args:
        second: Its fix time.
        east_m: Gives it a position.
        said: Columns by name, and `accuracy_m`, `speed_mps`, `alarms` (names), `north_m`, `delay_s`
            (from fix time to arrival).
    """
    time_ms = START_MS + round(second * 1_000)
    out: dict[str, Any] = {"seq": round(second) + 1_000}
    if east_m is not None:
        out["lon_e7"] = HERE_E7[0] + round(east_m / _METRES_PER_E7[0])
        out["lat_e7"] = HERE_E7[1] + round(said.pop("north_m", 0.0) / _METRES_PER_E7[1])
    for name, column in (("accuracy_m", "accuracy_mm"), ("speed_mps", "speed_mmps")):
        if name in said:
            out[column] = round(said.pop(name) * 1_000)
    out["alarms"] = alarms_to_mask(said.pop("alarms", ()))
    out["received_ms"] = time_ms + round(said.pop("delay_s", 1) * 1_000)
    return row(time_ms, **out | said)


def judge(rule: Rule, rows: Sequence[Row], **options: Any) -> Findings:
    """Judge one wearer's rows as one stretch."""
    return judge_in_cuts(rule, [rows], **options)


def explained(rule: Rule, rows: Sequence[Row], **options: Any) -> Words:
    """Return the words of an alert that the first violating row of one wearer decided."""
    values = parameters_from(options.get("parameters", {}))
    evidence = {
        "facts": judge(rule, rows, **options).facts(),
        "parameters": {name: values[name] for name in rule.parameters},
        "confirmed_ms": START_MS + 120_000,
    }
    return rule.explain(Account(START_MS, None, evidence))


_WAITS_S = (0, 0.4, 1, 10, 30, 60, 60, 60, 61, 290, 1_000, 4_000, 8_000, 30_000)
_PLACES_M = (0, 0, 0, 3, 40, 160, 400, 1_500, 2_500, 3_000, 60_000)
_ALARMS = ("jamming", "charging", "gnss_fault", "power_off", "sos", "power_cut", "antenna_cut")


def dirty(seed: int, size: int) -> list[Row]:
    """Return up to `size` reports that change moods: resting, walking, jumping, broken, doubled."""
    dice = random.Random(seed)  # noqa: S311  # reproducible dirt, no secret
    rows: dict[tuple[int, int, int], Row] = {}
    second, steps, charge_pct, boot, seq, east_m = 0.0, 100, 60.0, 3, 10, 0.0
    mood: dict[str, Any] = {}
    for _ in range(size):
        if not mood or dice.random() < 0.15:
            mood = _mood(dice)
        second += dice.choice(mood["waits_s"])
        steps = max(steps + dice.choice(mood["steps"]), 0)
        charge_pct = min(max(charge_pct + dice.choice(mood["charge"]), 0), 100)
        seq += dice.choice((1, 1, 1, 1, 2, -5 if mood["doubled"] else 1))
        if dice.random() < 0.1:
            boot += dice.choice((-1, 1) if mood["doubled"] else (0, 1))
        east_m = dice.choice(mood["places_m"])
        said: dict[str, Any] = {"boot": boot, "seq": seq, "backlog": dice.random() < 0.1}
        optional = {
            "accuracy_m": dice.choice((1.9, 4, 4, 10, 40)),
            "speed_mps": dice.choice(mood["speeds_mps"]),
            "steps": steps,
            "satellites": dice.choice((0, 5, 9, 9)),
            "battery_pct": round(charge_pct),
        }
        said |= {name: value for name, value in optional.items() if dice.random() < 0.85}
        said["alarms"] = [name for name in _ALARMS if dice.random() < 0.04]
        said["delay_s"] = dice.choice((1, 2, mood["delay_s"], mood["delay_s"]))
        if dice.random() < 0.85:
            said["east_m"] = east_m
        one = report(second, **said)
        rows[one["fix_time_ms"], one["boot"], one["seq"]] = one
    return [rows[key] for key in sorted(rows)]


def _mood(dice: random.Random) -> dict[str, Any]:
    return {
        "waits_s": dice.choice(((60,), (60,), (30, 60), _WAITS_S)),
        "steps": dice.choice(((0,), (0, 20), (70, 110), (0, 120, -50))),
        "charge": dice.choice(((0,), (-1, 0), (-3, -1, 1), (4, 8), (-30, 30))),
        "places_m": dice.choice(((0,), (0, 3), (0, 200), (0, 3_000), _PLACES_M)),
        "speeds_mps": dice.choice(((0,), (0, 0.6), (1.4, 2.5), (8, 12), (0, 2, 30))),
        "doubled": dice.random() < 0.3,
        "delay_s": dice.choice((1, 40, 400, 405, -30, -90)),
    }


def law(rule: Rule, oracle: Oracle, **options: Any) -> Callable[[], None]:
    """Return a test: the judge agrees with the oracle, however the rows are cut.

    Args:
        rule: The rule.
        oracle: What it should say.
        options: As of `judge`; parameters are overrides.
    """
    limits = parameters_from(options.get("parameters", {}))

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.integers(0, 2**32), min_size=1, max_size=3),
        st.integers(1, 40),
        st.lists(st.integers(1, 39), max_size=6, unique=True).map(sorted),
    )
    def check(seeds: list[int], size: int, cuts: list[int]) -> None:
        rows = [dirty(seed, size) for seed in seeds]
        whole = judge_in_cuts(rule, rows, **options)
        for of_wearer, found in zip(rows, whole.rows, strict=True):
            wanted = oracle(of_wearer, limits)
            assert found == [(d, facts if d > 0 else None) for d, facts in wanted]
        longest = max(map(len, rows))
        inside = [cut for cut in cuts if cut < longest]
        assert same(judge_in_cuts(rule, rows, inside, **options), whole)
        assert same(judge_in_cuts(rule, rows, range(1, longest), **options), whole)

    return check
