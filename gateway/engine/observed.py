"""What a stretch says of slots: answers of rules, put together as observations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.engine.episode import NO_ROW, Observations
from gateway.engine.rule import Rule
from gateway.engine.stretch import Stretch
from geofence.arrays import Int8Array, IntArray
from geofence.transition import Persistence

_MS_PER_S: Final = 1_000


@dataclass(slots=True)
class Answers:
    """Hot answers of one rule: which row of the stretch, which slot, what it says."""

    row: IntArray
    slot: IntArray
    decision: Int8Array
    need: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Observed:
    """What a stretch says of its slots.

    Attributes:
        seen: The observations.
        row: Row of the stretch of each, shape (n,).
        stretch: The stretch.
        facts: By rule, what its judge says of every row of the stretch.
    """

    seen: Observations
    row: IntArray
    stretch: Stretch
    facts: Mapping[str, Mapping[str, NDArray[Any]]] = field(default_factory=dict)

    def facts_of(self, rule: str, observation: int) -> dict[str, int]:
        """Return the facts of the row that decided."""
        if observation == NO_ROW:
            return {}
        row = int(self.row[observation])
        return {name: int(values[row]) for name, values in self.facts.get(rule, {}).items()}


def need_of(rule: Rule, stretch: Stretch, row: IntArray) -> NDArray[np.int64]:
    """Return the persistence of rows: the fields of Persistence, shape (4, n)."""
    out = np.empty((4, len(row)), np.int64)
    asked = (rule.raise_reports, 1), (rule.raise_s, _MS_PER_S), (rule.clear_reports, 1)
    for nth, (value, scale) in enumerate((*asked, (rule.clear_s, _MS_PER_S))):
        held = value if isinstance(value, int) else stretch.limits[value][row]
        out[nth] = held * scale
    # The order above is that of Persistence.
    return out


def observed(
    stretch: Stretch, answers: Sequence[Answers], facts: Mapping[str, Mapping[str, NDArray[Any]]]
) -> Observed:
    """Return the answers of all rules as observations, sorted by slot and row."""
    if not answers:
        nothing = np.empty(0, np.int64)
        need = Persistence(nothing, nothing, nothing, nothing)
        seen = Observations(nothing, nothing, np.empty(0, np.int8), need)
        return Observed(seen, nothing, stretch)
    row = np.concatenate([one.row for one in answers])
    slot = np.concatenate([one.slot for one in answers])
    order = np.lexsort((row, slot))
    row, slot = row[order], slot[order]
    decision = np.concatenate([one.decision for one in answers])[order]
    need = Persistence(*np.concatenate([one.need for one in answers], axis=1)[:, order])
    seen = Observations(slot, stretch.time_ms[row], decision, need)
    return Observed(seen, row, stretch, facts)
