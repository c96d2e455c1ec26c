"""What the rules find of what is truly violated, and how often they cry wolf.

Aim: on a week of 120 simulated people the engine finds at least 98 % of cut straps, forbidden
places and left areas, nine in ten of its alerts are true, and its false alerts are at most a fifth
of those of raw point-in-polygon with fixed time-outs on the same arrivals. docs/benchmarks.md says
how far it gets.
"""

from typing import Any, Final

from benchmarks.quality_detectors import Alert, engine_alerts, naive_alerts
from benchmarks.quality_field import START_S, Field, directory_of, play
from benchmarks.quality_score import Score, scores, truths
from gateway.engine.outcome import SEVERITY

RESIDENTS: Final = 120
DAYS: Final = 7
SEED_OFFSET: Final = 9_000_000
"""Keeps the people of a benchmark apart from those of tests and of development."""

NUISANCE_BUDGET: Final = 0.26
"""Alerts per subject and day that an organisation is willing to hear for nothing."""


def run(seed: int) -> list[dict[str, Any]]:
    """Return a row per rule and detector, and one over all rules."""
    field = play(SEED_OFFSET + seed, residents=RESIDENTS, days=DAYS)
    ours = _scores(field, engine_alerts(field, directory_of(field)))
    naive = _scores(field, naive_alerts(field))
    rows = []
    for rule in SEVERITY:
        for name, found in (("naive (baseline)", naive), ("engine", ours)):
            rows.append(_row(f"{rule}: {name}", found.get(rule, Score()), naive.get(rule, Score())))
    whole = {name: sum(found.values(), Score()) for name, found in (("n", naive), ("e", ours))}
    rows.append(_row("all rules: naive (baseline)", whole["n"], whole["n"]))
    rows.append(_row("all rules: engine", whole["e"], whole["n"]))
    return rows


def _scores(field: Field, alerts: list[Alert]) -> dict[str, Score]:
    return scores(truths(field.labels, from_s=START_S, until_s=field.until_s), alerts)


def _row(name: str, score: Score, baseline: Score) -> dict[str, Any]:
    nuisance = (score.false + score.repeats) / (RESIDENTS * DAYS)
    return {
        "row": name,
        "labels": score.labels,
        "recall": round(score.recall, 3),
        "precision": round(score.precision, 3),
        "standing_precision": round(score.standing_precision, 3),
        "delay_p50_s": round(score.delay_s(50), 1),
        "delay_p95_s": round(score.delay_s(95), 1),
        "false": score.false,
        "of_which_withdrawn": score.withdrawn,
        "repeats": score.repeats,
        "false_to_baseline": round(score.false / baseline.false, 3) if baseline.false else None,
        "nuisance_per_subject_day": round(nuisance, 3),
        "nuisance_budget": NUISANCE_BUDGET,
    }
