"""What a rule is: pure functions over arrays, with everything that must be known about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from gateway.engine.account import Account
from gateway.engine.stretch import Stretch
from gateway.engine.words import Words
from geofence.arrays import Int8Array

Severity = Literal["critical", "major", "minor"]

Category = Literal["violation", "device", "integrity", "care", "notice"]
"""What an alert is about: conduct, the device, the truth of its data, the person's welfare, or
something that somebody should know. Care and notices never reach the score."""

EVERY_KIND: Final = frozenset({"wristband", "kiosk", "recorder", "terminal", "phone"})
WORN: Final = frozenset({"wristband", "terminal"})
"""Kinds of device that are on the person."""

Facts = Mapping[str, NDArray[Any]]

Memory = dict[str, NDArray[Any]]
"""A rule's memory of g wearers, shape (g,) each; the judge puts the new one in place of the old."""


@dataclass(frozen=True, slots=True)
class Carried:
    """One column of a rule's memory.

    Attributes:
        dtype: Its type.
        fresh: Its value before the first report.
        width: How many values a wearer has; 1 gives a column of shape (g,), more one of (g, width).
        shared: What it is of, when several rules carry the same: it is kept once. Whoever is first
            in a stretch works it out, for all (`Stretch.once`).
    """

    dtype: Any
    fresh: int
    width: int = 1
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule says of n rows.

    Attributes:
        decision: +1 the rule is violated, -1 it is not, 0 the row cannot tell; int8, shape (n,).
        facts: Numbers that a decision of +1 rests on, by name with unit, shape (n,) each; those of
            the deciding row become evidence. Or what returns them: few batches violate anything.
    """

    decision: Int8Array
    facts: Facts | Callable[[], Facts] = field(default_factory=dict)

    def told(self) -> Facts:
        """Return the facts; before the memory of the rule is put to another use."""
        return self.facts() if callable(self.facts) else self.facts


Judge = Callable[[Stretch, Memory], Judged]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule.

    Attributes:
        name: As it travels; never changes its meaning.
        severity: How urgent it is for an officer.
        category: What it is about.
        title: Its name for people.
        explain: Says why an alert was raised, from the alert's own record.
        ended: What it means that the reports have ended it; None: that what it is about is over.
        judge: Decides rows of one wearer by that wearer's reports alone. None: the rule is decided
            by fences, pairs or the passing of time (docs/rules.md).
        carry: Memory of the judge.
        parameters: Names of what it depends on; they go into the evidence.
        raise_reports: Violating reports in a row until it is raised: a parameter's name or a count.
        raise_s: How long they must last: a parameter's name or seconds.
        clear_reports: Likewise of compliant ones until it has ended.
        clear_s: Likewise.
        closes: Ends when its ground (order, binding, fence) ends; False: only by a person.
        kinds: Kinds of device that it is asked of.
        by_arrival: Depends on when things arrive, by nature: a replay of the same journal gives the
            same, another order of arrival may not.
        clocked: The passing of time begins it too: its episodes do not come from streaks.
    """

    name: str
    severity: Severity
    category: Category
    title: Words
    explain: Callable[[Account], Words]
    ended: Words | None = None
    judge: Judge | None = None
    carry: Mapping[str, Carried] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    raise_reports: str | int = 1
    raise_s: str | int = 0
    clear_reports: str | int = 1
    clear_s: str | int = 0
    closes: bool = True
    kinds: frozenset[str] = WORN
    by_arrival: bool = False
    clocked: bool = False


def decided(violated: NDArray[np.bool_], compliant: NDArray[np.bool_]) -> Int8Array:
    """Return +1 where violated, else -1 where compliant, else 0; shape (n,), int8."""
    out: Int8Array = violated.view(np.int8) - (compliant & ~violated).view(np.int8)
    return out
