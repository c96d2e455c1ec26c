"""What a rule set found: the alerts as they stand, and the totals that comparisons need."""

from typing import Final

import msgspec
import numpy as np

from gateway.backtest.alert import Alert
from gateway.engine.engine import Engine
from gateway.engine.outcome import Outcome
from gateway.errors import BacktestError
from geofence.arrays import BoolArray, IntArray

ALERTS_MAX: Final = 1_000_000
"""Of one share of the people; half a gigabyte."""

LOCAL_MS: Final = 28_800_000
"""China keeps one time, eight hours ahead of UTC: its days are what a county counts by."""

DAY_MS: Final = 86_400_000

_ID_BITS: Final = 128


class Tally(msgspec.Struct):
    """Outcomes of a rule, counted, and their ids summed up: equal for equal sets in any order."""

    count: int = 0
    ids: int = 0

    def add(self, outcome_id: str) -> None:
        """Count an outcome."""
        self.count += 1
        self.ids = (self.ids + int(outcome_id, 16)) % (1 << _ID_BITS)


class Findings(msgspec.Struct):
    """What a rule set found.

    Attributes:
        alerts: Told in the window, by episode.
        tallies: Every outcome by rule.
        earlier: Changes of alerts that stood when the replay began.
        reports: Reports that were judged.
        subject_days: (subject, local day) pairs with reports in the window, by organisation.
        budget_centi: Nuisance budget of the newest directory, hundredths per person and day.
    """

    alerts: dict[str, Alert]
    tallies: dict[str, tuple[int, str]]
    earlier: int
    reports: int
    subject_days: dict[str, int]
    budget_centi: int

    @property
    def told(self) -> list[Alert]:
        """The alerts in the order in which they were told."""
        return sorted(self.alerts.values(), key=lambda a: (a.at_ms, a.rule, a.episode))


def joined(parts: list[Findings]) -> Findings:
    """Return the findings over several shares of the people as one."""
    tallies: dict[str, Tally] = {}
    days: dict[str, int] = {}
    for part in parts:
        for rule, (count, ids) in part.tallies.items():
            held = tallies.setdefault(rule, Tally())
            held.count += count
            held.ids = (held.ids + int(ids, 16)) % (1 << _ID_BITS)
        for org, count in part.subject_days.items():
            days[org] = days.get(org, 0) + count
    return Findings(
        {episode: alert for part in parts for episode, alert in part.alerts.items()},
        plain(tallies),
        sum(part.earlier for part in parts),
        sum(part.reports for part in parts),
        dict(sorted(days.items())),
        max(part.budget_centi for part in parts),
    )


def plain(tallies: dict[str, Tally]) -> dict[str, tuple[int, str]]:
    """Return tallies in a form that any format can carry: 128 bits as hexadecimal digits."""
    return {rule: (tally.count, f"{tally.ids:032x}") for rule, tally in sorted(tallies.items())}


class Ledger:
    """Enters outcomes one by one."""

    def __init__(self, from_ms: int) -> None:
        """Count alerts that are told at `from_ms` or later."""
        self._from_ms = from_ms
        self._first_day = local_day(from_ms)
        self._alerts: dict[str, Alert] = {}
        self._tallies: dict[str, Tally] = {}
        self._before: set[str] = set()
        self._earlier = 0
        self._reports = 0
        self._heard: BoolArray = np.zeros((0, 0), np.bool_)

    def enter(self, outcome: Outcome, at_ms: int) -> None:
        """Enter an outcome that was told at journal time `at_ms`.

        Raises:
            BacktestError: There are more than can be held.
        """
        self._tallies.setdefault(outcome.rule, Tally()).add(outcome.id)
        held = self._alerts.get(outcome.episode)
        if outcome.change == "raised" and held is None:
            self._open(outcome, at_ms)
        elif held is not None:
            held.begin_ms, held.end_ms = outcome.begin_ms, outcome.end_ms
            held.is_withdrawn = outcome.change == "superseded"
        elif outcome.episode not in self._before:
            self._earlier += 1

    def heard(self, wearer: IntArray, at_ms: IntArray) -> None:
        """Note of whom reports came when; wearer numbers, shape (n,), and journal time."""
        self._reports += len(wearer)
        inside = at_ms >= self._from_ms
        if not inside.any():
            return
        day = (at_ms[inside] + LOCAL_MS) // DAY_MS - self._first_day
        size = int(wearer.max()) + 1, int(day.max()) + 1
        held = self._heard.shape
        if size[0] > held[0] or size[1] > held[1]:
            more = [(0, max(0, size[axis] + (size[axis] >> 1) - held[axis])) for axis in (0, 1)]
            self._heard = np.pad(self._heard, more)
        self._heard[wearer[inside], day] = True

    def findings(self, engine: Engine) -> Findings:
        """Return everything; `engine` knows the wearers by number, and the newest directory."""
        days: dict[str, int] = {}
        orgs = [row.org for row in engine.wearers.rows]
        for org, count in zip(orgs, self._heard.sum(axis=1).tolist(), strict=False):
            if count:
                days[org] = days.get(org, 0) + count
        return Findings(
            self._alerts,
            plain(self._tallies),
            self._earlier,
            self._reports,
            dict(sorted(days.items())),
            engine.directory.parameters.whole("nuisance_budget_centi_per_day"),
        )

    def _open(self, outcome: Outcome, at_ms: int) -> None:
        if at_ms < self._from_ms:
            self._before.add(outcome.episode)
            return
        if len(self._alerts) >= ALERTS_MAX:
            raise BacktestError(
                f"a rule set raises more than {ALERTS_MAX:,} alerts, mostly {self._loudest()!r}: "
                "look at less with --from and --to, or calm the rule first"
            )
        self._alerts[outcome.episode] = Alert(
            outcome.rule,
            outcome.subject,
            outcome.fence,
            outcome.begin_ms,
            at_ms,
            end_ms=outcome.end_ms,
            episode=outcome.episode,
            org=outcome.org,
            device=outcome.device,
            target=outcome.evidence.get("target", ""),
            members=tuple(outcome.evidence.get("members", ())),
        )

    def _loudest(self) -> str:
        return max(self._tallies, key=lambda rule: self._tallies[rule].count)


def local_day(at_ms: int) -> int:
    """Return the number of the local day of a time, from 1970 on."""
    return (at_ms + LOCAL_MS) // DAY_MS
