"""A ground of a measure: one item of an article, and what it asks."""

from collections.abc import Callable
from dataclasses import dataclass

from server.law.text import Text
from server.measures.conditions import Condition, Situation
from server.measures.kinds import KINDS, Category, MeasureKind


@dataclass(frozen=True, slots=True)
class Ground:
    """One item of an article.

    Attributes:
        key: `article.item`, as the article numbers it.
        asks: What each finding must fulfil; None: it rests on no finding.
        also: What the whole situation must fulfil.
        counts: The measure of the past that it counts, if it does.
    """

    key: str
    measure: MeasureKind
    article: str
    text: Text
    asks: Condition | None
    also: Callable[[Situation], bool] | None = None
    categories: frozenset[Category] | None = None
    counts: MeasureKind | None = None

    def holds(self, situation: Situation) -> bool:
        """Return whether it is fulfilled."""
        allowed = self.categories or KINDS[self.measure].categories
        if situation.category not in allowed:
            return False
        if self.also is not None and not self.also(situation):
            return False
        if self.asks is None:
            return True
        return bool(situation.findings) and all(
            self.asks(finding, situation) for finding in situation.findings
        )


def row(key: str, measure: MeasureKind, of: str, text: Text, asks: Condition) -> Ground:
    """Return a ground that asks something of each finding and counts nothing."""
    return Ground(key, measure, of, text, asks)
