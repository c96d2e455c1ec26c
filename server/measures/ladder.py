"""The counters of the ladder: a fold over a person's measures, never the score."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from server.measures.kinds import MeasureKind


@dataclass(frozen=True, slots=True)
class Past:
    """A measure that was decided, as counters read it.

    Attributes:
        decided_at: When the county decided.
        served_at: When it reached the person.
        imposed_time: When the body to which it was proposed decided so.
        is_denied: That body decided against it.
        is_annulled: A reversing act gave it back.
    """

    measure_id: str
    kind: MeasureKind
    decided_at: datetime
    served_at: datetime | None = None
    imposed_time: datetime | None = None
    is_denied: bool = False
    is_annulled: bool = False

    @property
    def stands(self) -> bool:
        """Whether it counts."""
        return not self.is_annulled and not self.is_denied


@dataclass(frozen=True, slots=True)
class Ladder:
    """How often each measure stands."""

    admonitions: int
    warnings: int
    police_penalties: int


def ladder_of(past: Iterable[Past]) -> Ladder:
    """Return the counters over a person's measures."""
    standing = [one for one in past if one.stands]

    def count(kind: MeasureKind) -> int:
        return sum(one.kind == kind for one in standing)

    penalties = sum(
        one.kind == "police_penalty" and one.imposed_time is not None for one in standing
    )
    return Ladder(count("admonition"), count("warning"), penalties)


def told_before(past: Iterable[Past], kind: MeasureKind, instant: datetime) -> list[Past]:
    """Return the standing measures of a kind that had reached the person before an instant.

    "Still not corrected" (仍不改正) asks for a breach after the person knew: what was decided and
    not served counts for nothing here. A police penalty is known from the day it was imposed.
    """
    found = []
    for one in past:
        known = one.imposed_time if kind == "police_penalty" else one.served_at
        if one.stands and one.kind == kind and known is not None and known < instant:
            found.append(one)
    return found
