"""How much history is kept for judging late data, and when the rest is let go."""

from typing import Any, Final

import numpy as np

from gateway.parameters import Parameters
from geofence.arrays import IntArray

PRUNE_EVERY_MS: Final = 600_000
"""Ten minutes: pruning rewrites the tables once, which costs milliseconds."""

_BEGINNING_MS: Final = -(1 << 62)
_MS_PER_H: Final = 3_600_000
_ROOM: Final = 0.9
"""A full table is cut to this share, so that it is not full again at the next batch."""


class Retention:
    """The cutoff before which nothing is retained."""

    def __init__(self) -> None:
        """Start with nothing let go."""
        self.cutoff_ms = _BEGINNING_MS
        self._pruned_at_ms = _BEGINNING_MS

    def is_due(self, at_ms: int, reports: int, parameters: Parameters) -> bool:
        """Return whether history should be pruned at `at_ms`."""
        full = reports > parameters.history_reports_max
        return reports > 0 and (full or at_ms - self._pruned_at_ms >= PRUNE_EVERY_MS)

    def advance(self, at_ms: int, time_ms: IntArray, parameters: Parameters) -> int:
        """Move the cutoff and return it.

        Args:
            at_ms: Journal time.
            time_ms: Fix times of the retained reports.
            parameters: Give the horizon and the bound.
        """
        cutoff_ms = at_ms - parameters.lateness_horizon_h * _MS_PER_H
        if len(time_ms) > parameters.history_reports_max:
            keep = int(parameters.history_reports_max * _ROOM)
            newest = np.partition(time_ms, len(time_ms) - keep)
            cutoff_ms = max(cutoff_ms, int(newest[len(time_ms) - keep]))
        self._pruned_at_ms = at_ms
        self.cutoff_ms = max(self.cutoff_ms, cutoff_ms)
        return self.cutoff_ms

    def dump(self) -> dict[str, Any]:
        """Return everything, as values that msgpack can carry."""
        return {"cutoff_ms": self.cutoff_ms, "pruned_at_ms": self._pruned_at_ms}

    def load(self, stored: dict[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self.cutoff_ms = stored["cutoff_ms"]
        self._pruned_at_ms = stored["pruned_at_ms"]
