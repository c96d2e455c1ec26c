"""How much history is kept for judging late data, and when the rest is let go."""

from typing import Any, Final

from gateway.parameters import Parameters

PRUNE_EVERY_MS: Final = 600_000

_BEGINNING_MS: Final = -(1 << 62)
_MS_PER_H: Final = 3_600_000
_SLACK_H: Final = 6
"""Kept beyond the horizon: clocks run ahead, and an older snapshot may be gone back to."""


class Retention:
    """The cutoff before which nothing is judged again."""

    def __init__(self) -> None:
        """Start with nothing let go."""
        self.cutoff_ms = _BEGINNING_MS
        self._pruned_at_ms = _BEGINNING_MS

    def is_due(self, at_ms: int) -> bool:
        """Return whether history should be pruned at `at_ms`."""
        return at_ms - self._pruned_at_ms >= PRUNE_EVERY_MS

    def advance(self, at_ms: int, parameters: Parameters) -> int:
        """Move the cutoff to journal time `at_ms` and return it."""
        cutoff_ms = at_ms - parameters.whole("lateness_horizon_h") * _MS_PER_H
        self._pruned_at_ms = at_ms
        self.cutoff_ms = max(self.cutoff_ms, cutoff_ms)
        return self.cutoff_ms

    def keep_ms(self, at_ms: int, parameters: Parameters) -> int:
        """Return the journal time before which nothing that arrived is needed any more."""
        return at_ms - (parameters.whole("lateness_horizon_h") + _SLACK_H) * _MS_PER_H

    def dump(self) -> dict[str, Any]:
        """Return everything, as values that msgpack can carry."""
        return {"cutoff_ms": self.cutoff_ms, "pruned_at_ms": self._pruned_at_ms}

    def load(self, stored: dict[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self.cutoff_ms = stored["cutoff_ms"]
        self._pruned_at_ms = stored["pruned_at_ms"]
