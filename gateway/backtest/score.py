"""Which alert is about which violation, and what a detector is worth by that.

An alert is about a label when rule and subject are the same (and the fence, for areas and nights)
and its begin lies between the label's begin less `EARLY_S` and its end plus `LATE_S`. An outage is
about nobody: its time decides; a gathering names its members, of whom the label's is one. Each
label takes the first such alert; further ones are repeats.
Labels of one group are one event: whichever person an alert names finds it, and one alert for each
of them is no repeat. An alert of a rule that a label of the same subject names under `also`, at
the same time, is explained: neither true nor false. An alert about nothing is false.

Some labels are marginal: finding them is neither asked for nor wrong. Those are violations of a
place or a distance that are not 30 m deep (NIJ 1004.00's indoor benchmark) for 4 min (its time to
the alert) in all, those shorter than `LONG_S`, and what begins before the start or ends after the
end of what was played.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import numpy as np

from gateway.backtest.alert import Alert
from gateway.backtest.label import Labelled

EARLY_S: Final[Mapping[str, float]] = {
    "low_battery": 7_200.0,
    "critical_battery": 7_200.0,
    "charging_neglect": 14_400.0,
    "clock_skew": 900.0,
    "frozen": 600.0,
    "unusual": 7_200.0,
}
"""A fuel gauge that errs by two percent is up to an hour and a half early; a wrong clock moves the
alert's own begin; a receiver may have stood still before it froze."""

LATE_S: Final[Mapping[str, float]] = {
    "clock_skew": 900.0,
    "outage": 600.0,
    "unusual": 21_600.0,
    "checkin_missed": 3_600.0,
    "checkin_late": 3_600.0,
}

_EARLY_S: Final = 120.0
_LATE_S: Final = 60.0
_EXPLAINED_S: Final = 1_200.0
"""What follows from a label may outlast it: a return is a jump too."""

EXPLAINED_S: Final[Mapping[str, float]] = {
    "checkin_place": 10_800.0,
    "checkin_no_match": 10_800.0,
    "checkin_inconclusive": 10_800.0,
    "checkin_replay": 10_800.0,
    "checkin_late": 10_800.0,
}
"""An attempt that does not count leaves its window without one."""

DEEP_M: Final = 30.0
LONG_S: Final[Mapping[str, float]] = {
    "inclusion": 240.0,
    "exclusion": 240.0,
    "curfew": 240.0,
    "route": 240.0,
    "no_contact": 300.0,
    "gathering": 2_100.0,
    "dwell": 2_100.0,
    "silence": 1_200.0,
    "low_battery": 600.0,
    "critical_battery": 1_200.0,
    "outage": 1_200.0,
    "apart": 14_400.0,
}
"""Of `apart`: a charge of two hours, a bath and an evening's film leave a device as alone."""

BY_FENCE: Final = ("inclusion", "exclusion", "curfew")
NOBODY: Final = ("outage", "gathering")
"""Rules whose alerts are about several people at once, none of whom they name as subject."""


@dataclass
class Truth:
    """A label with its times in milliseconds, and the first alert about it."""

    label: Labelled
    begin_ms: int
    end_ms: int
    is_asked_for: bool
    found_ms: int | None = None

    def is_meant_by(self, alert: Alert) -> bool:
        """Return whether an alert with the label's key is about it."""
        early_ms = EARLY_S.get(self.label.rule, _EARLY_S) * 1_000
        late_ms = LATE_S.get(self.label.rule, _LATE_S) * 1_000
        return self.begin_ms - early_ms <= alert.begin_ms <= self.end_ms + late_ms

    def explains(self, alert: Alert) -> bool:
        """Return whether another rule's alert follows from what the label is about."""
        early_ms = EARLY_S.get(self.label.rule, _EARLY_S) * 1_000
        late_s = EXPLAINED_S.get(self.label.rule, _EXPLAINED_S)
        until_ms = self.end_ms + late_s * 1_000
        is_named = alert.rule in self.label.also
        return is_named and self.begin_ms - early_ms <= alert.begin_ms <= until_ms


@dataclass
class Score:
    """What became of the labels and alerts of one rule."""

    labels: int = 0
    found: int = 0
    false: int = 0
    repeats: int = 0
    explained: int = 0
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
            self.explained + other.explained,
            self.withdrawn + other.withdrawn,
            self.delays_s + other.delays_s,
        )

    def delay_s(self, percent: float) -> float:
        """Return a percentile of the time from the violation's begin to the alert."""
        return float(np.percentile(self.delays_s, percent)) if self.delays_s else float("nan")


def truths(labels: Iterable[Labelled], *, from_s: float, until_s: float) -> list[Truth]:
    """Return labels with what is asked for."""
    return [_truth(label, from_s, until_s) for label in labels]


def scores(known: Sequence[Truth], alerts: Iterable[Alert]) -> dict[str, Score]:
    """Return the score of each rule; `known` keeps what was found, for a look at the rest."""
    book = _Book(known)
    found: dict[str, Score] = defaultdict(Score)
    for alert in sorted(alerts, key=lambda alert: alert.at_ms):
        book.enter(alert, found[alert.rule])
    for event in book.events():
        asked = [truth for truth in event if truth.is_asked_for]
        if asked:
            score = found[asked[0].label.rule]
            score.labels += 1
            told_ms = [truth.found_ms for truth in asked if truth.found_ms is not None]
            if told_ms:
                score.found += 1
                begin_ms = min(truth.begin_ms for truth in asked)
                score.delays_s += ((min(told_ms) - begin_ms) / 1_000,)
    return dict(found)


class _Book:
    """The labels by what an alert about them must name."""

    def __init__(self, known: Sequence[Truth]) -> None:
        self._known = known
        self._by_key: dict[tuple[str, str, str | None], list[Truth]] = defaultdict(list)
        self._by_subject: dict[str, list[Truth]] = defaultdict(list)
        for truth in known:
            truth.found_ms = None
            label = truth.label
            self._by_key[_key(label.rule, label.subject, label.fence)].append(truth)
            self._by_subject[label.subject].append(truth)

    def enter(self, alert: Alert, score: Score) -> None:
        """Count an alert."""
        mine = self._by_key[_key(alert.rule, alert.subject, alert.fence)]
        near = [t for t in mine if t.is_meant_by(alert) and _names(alert, t.label.subject)]
        new = next((t for t in near if t.is_asked_for and t.found_ms is None), None)
        if new is not None:
            new.found_ms = alert.at_ms
        elif any(truth.is_asked_for for truth in near):
            score.repeats += 1
        elif any(truth.explains(alert) for truth in self._by_subject[alert.subject]):
            score.explained += 1
        elif not near:
            score.false += 1
            score.withdrawn += alert.is_withdrawn

    def events(self) -> Iterable[list[Truth]]:
        """Return the labels, those of one group together."""
        groups: dict[str, list[Truth]] = defaultdict(list)
        for number, truth in enumerate(self._known):
            groups[truth.label.group or f"#{number}"].append(truth)
        return groups.values()


def _names(alert: Alert, subject: str) -> bool:
    return not alert.members or subject in alert.members


def _key(rule: str, subject: str, fence: str | None) -> tuple[str, str, str | None]:
    return rule, "" if rule in NOBODY else subject, fence if rule in BY_FENCE else None


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _truth(label: Labelled, from_s: float, until_s: float) -> Truth:
    begin_s, end_s = (
        msgspec.convert(text, datetime).timestamp() for text in (label.begin_time, label.end_time)
    )
    is_asked_for = (
        from_s <= begin_s
        and end_s <= until_s
        and end_s - begin_s >= LONG_S.get(label.rule, 0.0)
        and (label.depth_m is None or label.depth_m >= DEEP_M)
    )
    return Truth(label, round(begin_s * 1_000), round(end_s * 1_000), is_asked_for)
