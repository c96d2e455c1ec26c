"""What the rules find of what is truly violated, and how often they cry wolf.

Aim: on a week of 120 simulated people the engine finds at least 98 % of cut straps, forbidden
places, left areas and broken curfews, nine in ten of its alerts are true, its false alerts are at
most a fifth of those of raw figures with fixed time-outs on the same arrivals, and it stays within
the nuisance budget. docs/benchmarks.md says how far it gets.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.quality_detectors import engine_alerts
from benchmarks.quality_field import START_S, Field, directory_of, has_baseline, play
from benchmarks.quality_naive import naive_alerts
from benchmarks.quality_recorders import RECORDER, RECORDERS, recorder_scores
from gateway.backtest.alert import Alert
from gateway.backtest.score import Score, Truth, scores, truths
from gateway.engine.rules.catalogue import RULES as CATALOGUE

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESIDENTS: Final = 120
DAYS: Final = 7
SEED_OFFSET: Final = 9_000_000
"""Keeps the people of a benchmark apart from those of tests and of development."""

NUISANCE_BUDGET: Final = 0.26
"""Alerts per subject and day that an organisation is willing to hear for nothing."""

PLACE: Final = (
    "inclusion", "exclusion", "curfew", "route", "leave_overdue", "leave_place", "no_contact",
    "gathering", "dwell",
)  # fmt: skip
DEVICE: Final = (
    "strap", "case", "removed", "sos", "low_battery", "critical_battery", "charging_neglect",
    "silence", "position_lost", "clock_skew", "duplicate_identity", "outage",
)  # fmt: skip
TRUTH: Final = (
    "impossible_speed", "teleport", "frozen", "overconfident", "jamming", "spoofing",
    "datum_mistake", "sources_disagree", "apart",
)  # fmt: skip
CHECK_IN: Final = (
    "checkin_missed", "checkin_late", "checkin_place", "checkin_no_match", "checkin_inconclusive",
    "checkin_replay",
)  # fmt: skip
CARE: Final = tuple(
    name
    for name, rule in CATALOGUE.items()
    if rule.category in {"care", "notice"} and rule.severity != "critical"
)
"""Notices, not alerts: told to an officer in charge, outside the nuisance budget."""

RULES: Final = tuple(dict.fromkeys((*PLACE, *DEVICE, *TRUTH, *CHECK_IN, *CARE)))


def run(seed: int) -> list[dict[str, Any]]:
    """Return rows per rule and detector, over all alerts, over all notices, and of recorders."""
    field = play(SEED_OFFSET + seed, residents=RESIDENTS, days=DAYS)
    known = _known(field)
    naive = _scores(known, naive_alerts(field.since_start()))
    engine = _scores(known, engine_alerts(field, directory_of(field)))
    rows = rows_of(naive, engine, person_days=RESIDENTS * DAYS)
    since_report = delays_since_report_s(field, known)
    for row in rows:
        rule, _, detector = row["row"].partition(": ")
        delays_s = since_report.get(rule, []) if detector == "engine" else []
        for percent in (50, 95):
            told = round(float(np.percentile(delays_s, percent)), 1) if delays_s else None
            row[f"since_report_p{percent}_s"] = told
    return rows + _recorder_rows(seed)


def _recorder_rows(seed: int) -> list[dict[str, Any]]:
    """Return the rows of officers' recorders, of whom nobody is under supervision."""
    naive, engine = recorder_scores(SEED_OFFSET + seed, days=DAYS)
    rows = []
    for rule in RECORDER:
        baseline, mine = naive.get(rule, Score()), engine.get(rule, Score())
        for detector, score in (("naive (baseline)", baseline), ("engine", mine)):
            rows.append(_row(f"recorder's {rule}: {detector}", score, baseline, RECORDERS * DAYS))
    return rows


def rows_of(
    naive: dict[str, Score], engine: dict[str, Score], *, person_days: int
) -> list[dict[str, Any]]:
    """Return the rows of two detectors' scores by rule."""
    others = sorted({*naive, *engine} - {*RULES})
    rows = []
    for rule in (*RULES, *others):
        baseline = naive.get(rule, Score())
        rows.append(_row(f"{rule}: naive (baseline)", baseline, baseline, person_days))
        rows.append(_row(f"{rule}: engine", engine.get(rule, Score()), baseline, person_days))
    alerts = [rule for rule in (*RULES, *others) if rule not in CARE]
    for name, rules in (("all alerts", alerts), ("all notices", CARE)):
        baseline = _sum(naive, rules)
        rows.append(_row(f"{name}: naive (baseline)", baseline, baseline, person_days))
        rows.append(_row(f"{name}: engine", _sum(engine, rules), baseline, person_days))
    return rows


def _sum(found: dict[str, Score], rules: list[str] | tuple[str, ...]) -> Score:
    return sum((found.get(rule, Score()) for rule in rules), Score())


def _known(field: Field) -> list[Truth]:
    known = truths(field.labels, from_s=START_S, until_s=field.until_s)
    early = {r.wearer.subject.subject for r in field.residents if has_baseline(r)}
    for truth in known:
        # Nobody can tell what is unusual for somebody of whom nothing was known before.
        truth.is_asked_for &= truth.label.rule != "unusual" or truth.label.subject in early
    return known


def _scores(known: list[Truth], alerts: list[Alert]) -> dict[str, Score]:
    return scores(known, [alert for alert in alerts if alert.at_ms >= START_S * 1_000])


def delays_since_report_s(field: Field, known: list[Truth]) -> dict[str, list[float]]:
    """Return by rule how long after the first report that could show a violation it was told.

    That is when the first report that was made during it arrived: before, nobody could know.
    """
    found: dict[str, list[float]] = {}
    number = {party.holder: row for row, party in enumerate(field.parties)}
    rows_of_party: dict[int, NDArray[np.intp]] = {}
    columns = field.columns
    for truth in known:
        party = number.get(truth.label.subject)
        if party is None or truth.found_ms is None:
            continue
        if party not in rows_of_party:
            rows_of_party[party] = np.flatnonzero(columns.party == party)
        rows = rows_of_party[party]
        made_ms = columns.fix_time_ms[rows]
        during = rows[(made_ms >= truth.begin_ms) & (made_ms < truth.end_ms)]
        if len(during):
            came_ms = int(columns.received_at_us[during].min()) // 1_000
            found.setdefault(truth.label.rule, []).append((truth.found_ms - came_ms) / 1_000)
    return found


def _row(name: str, score: Score, baseline: Score, person_days: int) -> dict[str, Any]:
    nuisance = (score.false + score.repeats) / person_days
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
        "explained": score.explained,
        "false_to_baseline": round(score.false / baseline.false, 3) if baseline.false else None,
        "nuisance_per_subject_day": round(nuisance, 3),
        "nuisance_budget": NUISANCE_BUDGET,
    }
