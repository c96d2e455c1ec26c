"""How many alerts an organisation gets per watched person and day, against the nuisance budget.

It is counted and told, and never hides an alert. Hours are those of the journal's clock; how many
people are watched is looked at once in each.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from gateway.engine.outcome import Outcome
from gateway.engine.rules.catalogue import RULES
from gateway.engine.stretch import NEVER_MS
from gateway.engine.watch import Watch
from gateway.engine.wearers import Wearers

_MS_PER_H: Final = 3_600_000
_H_PER_DAY: Final = 24
_CENTI: Final = 100
_TOLD_ONLY: Final = frozenset({"care", "notice"})
"""Categories that call for nothing but attention: no alerts in this sense."""


class Nuisance(NamedTuple):
    """The alerts of an organisation in the last 24 hours.

    Attributes:
        alerts: Raised, care and notices apart.
        subject_days: Watched people times the days that they were watched.
        per_subject_day: The one by the other; None while nobody was watched.
        is_over_budget: It is above the budget.
    """

    alerts: int
    subject_days: float
    per_subject_day: float | None
    is_over_budget: bool


_DECIMALS: Final = 3


class _Hour(msgspec.Struct, array_like=True):
    alerts: int = 0
    subjects: int = 0


class Budget:
    """The alerts and watched people of each organisation by hour, for a day."""

    def __init__(self, wearers: Wearers) -> None:
        """Count people by the wearers of the engine."""
        self._wearers = wearers
        self._hours: dict[str, dict[int, _Hour]] = {}
        self._sampled_h: int | None = None

    def use(self, watch: Watch) -> None:
        """Watch people by another directory from now on."""
        self._watch = watch

    def due(self, at_ms: int) -> bool:
        """Return whether the people of the hour have not been counted yet."""
        return bool(len(self._wearers)) and at_ms // _MS_PER_H != self._sampled_h

    def tick(self, at_ms: int) -> None:
        """Count the watched people of the hour, once; let go of what is older than a day."""
        if not self.due(at_ms):
            return
        hour = self._sampled_h = at_ms // _MS_PER_H
        self._watch.grow(self._wearers.rows)
        watched = np.flatnonzero(self._watch.since_ms(at_ms) != NEVER_MS).tolist()
        rows = self._wearers.rows
        people = {rows[number].subject: rows[number].org for number in watched}
        for org in people.values():
            self._of(org, hour).subjects += 1
        kept = {
            org: {h: one for h, one in hours.items() if h > hour - _H_PER_DAY}
            for org, hours in self._hours.items()
        }
        self._hours = {org: hours for org, hours in kept.items() if hours}

    def count(self, outcomes: Iterable[Outcome], at_ms: int) -> None:
        """Count what was raised at `at_ms`."""
        for one in outcomes:
            # A device without a subject is an officer's: no alert about anybody watched.
            is_officers = bool(one.device) and not one.subject
            told_only = RULES[one.rule].category in _TOLD_ONLY
            if one.change == "raised" and not told_only and not is_officers:
                self._of(one.org, at_ms // _MS_PER_H).alerts += 1

    def last_day(self, at_ms: int, budget_centi: int) -> dict[str, Nuisance]:
        """Return the last 24 hours of every organisation.

        Args:
            at_ms: Now.
            budget_centi: Alerts per person and day that are not too many, in hundredths.
        """
        since_h = at_ms // _MS_PER_H - _H_PER_DAY
        found = {}
        for org, hours in sorted(self._hours.copy().items()):
            held = [one for h, one in hours.copy().items() if since_h < h]
            alerts = sum(one.alerts for one in held)
            subject_hours = sum(one.subjects for one in held)
            days = subject_hours / _H_PER_DAY
            found[org] = Nuisance(
                alerts,
                days,
                round(alerts / days, _DECIMALS) if days else None,
                _CENTI * _H_PER_DAY * alerts > budget_centi * subject_hours,
            )
        return found

    def dump(self) -> dict[str, Any]:
        """Return everything, as values that msgpack can carry."""
        hours = [[org, list(hours.items())] for org, hours in self._hours.items()]
        return {"hours": hours, "sampled_h": self._sampled_h}

    def load(self, stored: dict[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self._hours = {
            org: dict(msgspec.convert(hours, list[tuple[int, _Hour]]))
            for org, hours in stored["hours"]
        }
        self._sampled_h = stored["sampled_h"]

    def _of(self, org: str, hour: int) -> _Hour:
        return self._hours.setdefault(org, {}).setdefault(hour, _Hour())
