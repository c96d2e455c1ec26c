"""The figures of one rule set: by rule, by organisation, by day, and against the truth."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np

from gateway.backtest.alert import Alert
from gateway.backtest.findings import Findings, local_day
from gateway.backtest.label import Labelled
from gateway.backtest.score import NOBODY, Score, scores, truths
from gateway.engine.rules.catalogue import RULES

_UNHEARD: Final = frozenset({"care", "notice"})
"""Categories outside the budget: told to an officer in charge, they alarm nobody."""

_MS_PER_S: Final = 1_000


class Truthful(msgspec.Struct):
    """What labels make of a rule's alerts; a share without a denominator is None.

    Attributes:
        labels: Violations that it was asked to find.
        found: Of those, found ones.
        recall: Their share.
        precision: Share of true ones among its alerts.
        standing_precision: Likewise once late data has come.
        delay_p50_s: Median time from the violation's begin to the telling.
        delay_p95_s: Likewise, 95th percentile.
        false: Alerts about nothing.
        repeats: Further alerts about what had been told.
        explained: Alerts that follow from another violation.
    """

    labels: int
    found: int
    recall: float | None
    precision: float | None
    standing_precision: float | None
    delay_p50_s: float | None
    delay_p95_s: float | None
    false: int
    repeats: int
    explained: int


class RuleFigures(msgspec.Struct):
    """What became of a rule's alerts.

    Attributes:
        raised: Alerts told.
        superseded: Of those, withdrawn when late data came.
        standing: The others.
        open: Of those, not over at the end.
        delay_p50_s: Median time from an alert's begin to its telling.
        delay_p95_s: Likewise, 95th percentile.
        truth: Against labels, where there are any.
    """

    raised: int
    superseded: int
    standing: int
    open: int
    delay_p50_s: float | None
    delay_p95_s: float | None
    truth: Truthful | None = None


class OrgFigures(msgspec.Struct):
    """An organisation against its nuisance budget.

    Attributes:
        subject_days: (person, day) pairs with reports.
        alerts: Alerts told, care and notices left out.
        nuisance: Alerts per subject and day that count against the budget: the false ones and the
            repeats where there are labels, all where nobody says which were worth it. Where nobody
            was heard of it is their number.
        is_within: Whether that is within the budget.
    """

    subject_days: int
    alerts: int
    nuisance: float
    is_within: bool


class Figures(msgspec.Struct):
    """Everything that is told of a rule set.

    Attributes:
        version: Of the rule set.
        rules: By rule, those that told something or were asked for.
        total: Over all rules but care and notices.
        orgs: By organisation.
        days: Alerts by local day, care and notices left out; from the first day to the last.
        delays_s: Of those alerts, ascending.
        reports: Reports that were judged.
        earlier: Changes of alerts that stood when the replay began.
    """

    version: str
    rules: dict[str, RuleFigures]
    total: RuleFigures
    orgs: dict[str, OrgFigures]
    days: dict[int, int]
    delays_s: list[float]
    reports: int
    earlier: int


class Window(msgspec.Struct):
    """What is counted: journal time from and to, and the budget it is held against."""

    from_ms: int
    to_ms: int
    budget: float


def figures_of(
    findings: Findings, version: str, window: Window, labels: Sequence[Labelled] | None
) -> Figures:
    """Return the figures of a rule set's findings; without labels nothing is said of truth."""
    alerts = findings.told
    scored = None if labels is None else _scored(alerts, labels, window)
    names = [rule for rule in RULES if rule in {a.rule for a in alerts} | (scored or {}).keys()]
    names += sorted((scored or {}).keys() - RULES.keys())
    heard = [alert for alert in alerts if is_heard(alert.rule)]
    total = None if scored is None else _sum(s for rule, s in scored.items() if is_heard(rule))
    days = Counter(local_day(alert.at_ms) for alert in heard)
    span = range(local_day(window.from_ms), local_day(window.to_ms) + 1)
    return Figures(
        version,
        {
            rule: _of_rule([a for a in alerts if a.rule == rule], (scored or {}).get(rule))
            for rule in names
        },
        _of_rule(heard, total),
        _orgs(findings, heard, labels, window),
        {day: days[day] for day in span},
        sorted(_delays_s(heard)),
        findings.reports,
        findings.earlier,
    )


def is_heard(rule: str) -> bool:
    """Return whether a rule's alerts count against the nuisance budget."""
    return rule not in RULES or RULES[rule].category not in _UNHEARD


def _scored(
    alerts: Iterable[Alert], labels: Sequence[Labelled], window: Window
) -> dict[str, Score]:
    known = truths(labels, from_s=window.from_ms / _MS_PER_S, until_s=window.to_ms / _MS_PER_S)
    return scores(known, alerts)


def _sum(parts: Iterable[Score]) -> Score:
    return sum(parts, Score())


def _of_rule(alerts: Sequence[Alert], score: Score | None) -> RuleFigures:
    gone = sum(alert.is_withdrawn for alert in alerts)
    delays = _delays_s(alerts)
    return RuleFigures(
        len(alerts),
        gone,
        len(alerts) - gone,
        sum(alert.end_ms is None and not alert.is_withdrawn for alert in alerts),
        _percentile(delays, 50),
        _percentile(delays, 95),
        None if score is None else _truthful(score),
    )


def _truthful(score: Score) -> Truthful:
    return Truthful(
        score.labels,
        score.found,
        _known(score.recall),
        _known(score.precision),
        _known(score.standing_precision),
        _percentile(score.delays_s, 50),
        _percentile(score.delays_s, 95),
        score.false,
        score.repeats,
        score.explained,
    )


def _orgs(
    findings: Findings, heard: Sequence[Alert], labels: Sequence[Labelled] | None, window: Window
) -> dict[str, OrgFigures]:
    alerts = Counter(alert.org for alert in heard)
    if labels is None:
        nuisance = alerts
    else:
        org_of = {alert.subject: alert.org for alert in heard}
        nuisance = Counter()
        for org in alerts:
            mine = [a for a in heard if a.org == org]
            meant = [x for x in labels if x.rule in NOBODY or org_of.get(x.subject) == org]
            score = _sum(_scored(mine, meant, window).values())
            nuisance[org] = score.false + score.repeats
    return {
        org: _org(findings.subject_days.get(org, 0), alerts[org], nuisance[org], window.budget)
        for org in sorted({*findings.subject_days, *alerts})
    }


def _org(subject_days: int, alerts: int, nuisance: int, budget: float) -> OrgFigures:
    share = nuisance / max(1, subject_days)
    return OrgFigures(subject_days, alerts, round(share, 4), share <= budget)


def _delays_s(alerts: Iterable[Alert]) -> list[float]:
    return [(alert.at_ms - alert.begin_ms) / _MS_PER_S for alert in alerts]


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return round(float(np.percentile(values, percent)), 1) if values else None


def _known(share: float) -> float | None:
    return None if np.isnan(share) else round(share, 4)
