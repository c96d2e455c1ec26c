"""Which alert is about which violation, and what a detector is worth by that.

An alert is about a label when rule, subject and fence are the same and its begin lies between the
label's begin less `EARLY_S` and the label's end plus `LATE_S`. Each label takes the first such
alert; further ones are repeats. An alert about nothing is false.

Some labels are marginal: finding them is neither asked for nor wrong. Those are place violations
that are not 30 m deep (NIJ 1004.00's indoor benchmark) for 4 min (its time to the alert) in all,
silences of less than 20 min, low batteries of less than 10 min, and what begins before the start or
ends after the end of what was played.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from benchmarks.quality_detectors import Alert
from device_sims.acts import Label

EARLY_S: Final[Mapping[str, float]] = {"low_battery": 7_200.0}
"""A fuel gauge that errs by two percent is up to an hour and a half early."""

_EARLY_S: Final = 120.0
LATE_S: Final = 60.0
DEEP_M: Final = 30.0
LONG_S: Final[Mapping[str, float]] = {
    "inclusion": 240.0,
    "exclusion": 240.0,
    "silence": 1_200.0,
    "low_battery": 600.0,
}


@dataclass
class Truth:
    """A label with its times in milliseconds, and the first alert about it."""

    label: Label
    begin_ms: int
    end_ms: int
    is_asked_for: bool
    found_ms: int | None = None

    def is_meant_by(self, alert: Alert) -> bool:
        """Return whether an alert with the label's key is about it."""
        early_ms = EARLY_S.get(self.label.rule, _EARLY_S) * 1_000
        return self.begin_ms - early_ms <= alert.begin_ms <= self.end_ms + LATE_S * 1_000


@dataclass
class Score:
    """What became of the labels and alerts of one rule."""

    labels: int = 0
    found: int = 0
    false: int = 0
    repeats: int = 0
    withdrawn: int = 0
    delays_s: tuple[float, ...] = ()

    @property
    def recall(self) -> float:
        """Share of the labels asked for that were found."""
        return _share(self.found, self.labels)

    @property
    def precision(self) -> float:
        """Share of first alerts about violations among all but those about marginal ones."""
        return _share(self.found, self.found + self.false + self.repeats)

    @property
    def standing_precision(self) -> float:
        """The same of the alerts that stand once late data has come."""
        return _share(self.found, self.found + self.false - self.withdrawn + self.repeats)

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.labels + other.labels,
            self.found + other.found,
            self.false + other.false,
            self.repeats + other.repeats,
            self.withdrawn + other.withdrawn,
            self.delays_s + other.delays_s,
        )

    def delay_s(self, percent: float) -> float:
        """Return a percentile of the time from the violation's begin to the alert."""
        return float(np.percentile(self.delays_s, percent)) if self.delays_s else float("nan")


def truths(labels: Iterable[Label], *, from_s: float, until_s: float) -> list[Truth]:
    """Return labels with what is asked for."""
    return [_truth(label, from_s, until_s) for label in labels]


def scores(known: Sequence[Truth], alerts: Iterable[Alert]) -> dict[str, Score]:
    """Return the score of each rule; `known` keeps what was found, for a look at the rest."""
    by_key: dict[tuple[str, str, str | None], list[Truth]] = defaultdict(list)
    for truth in known:
        truth.found_ms = None
        by_key[truth.label.rule, truth.label.subject, truth.label.fence].append(truth)
    found: dict[str, Score] = defaultdict(Score)
    for alert in sorted(alerts, key=lambda alert: alert.at_ms):
        near = [t for t in by_key[alert.rule, alert.subject, alert.fence] if t.is_meant_by(alert)]
        new = next((t for t in near if t.is_asked_for and t.found_ms is None), None)
        score = found[alert.rule]
        if new is not None:
            new.found_ms = alert.at_ms
        elif not near:
            score.false += 1
            score.withdrawn += alert.is_withdrawn
        elif any(truth.is_asked_for for truth in near):
            score.repeats += 1
    for truth in known:
        if truth.is_asked_for:
            score = found[truth.label.rule]
            score.labels += 1
            if truth.found_ms is not None:
                score.found += 1
                score.delays_s += ((truth.found_ms - truth.begin_ms) / 1_000,)
    return dict(found)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _truth(label: Label, from_s: float, until_s: float) -> Truth:
    begin_s, end_s = (
        datetime.fromisoformat(text).timestamp() for text in (label.begin_time, label.end_time)
    )
    is_asked_for = (
        from_s <= begin_s
        and end_s <= until_s
        and end_s - begin_s >= LONG_S.get(label.rule, 0.0)
        and (label.depth_m is None or label.depth_m >= DEEP_M)
    )
    return Truth(label, round(begin_s * 1_000), round(end_s * 1_000), is_asked_for)
