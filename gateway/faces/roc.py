"""How often a threshold is wrong: FMR and FNMR with confidence bounds, and the curve. Pure.

Terms of ISO/IEC 19795-1. Bounds are Wilson's (1927) at 95 %: with few pairs a rate of zero is not a
promise. They take pairs as independent; several pairs of one person are not, so true bounds are
wider.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Distances = NDArray[np.float64]

Z_95: Final = 1.959963984540054
"""Standard normal deviate of a two-sided 95 % interval."""


class Rate(NamedTuple):
    """A share of trials with its bounds.

    Attributes:
        wrong: Trials that went wrong.
        trials: All of them.
        low: Lower bound at 95 %.
        high: Upper bound at 95 %.
    """

    wrong: int
    trials: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """What went wrong of all; None: there was no trial."""
        return self.wrong / self.trials if self.trials else None


class Point(NamedTuple):
    """One threshold: at or below it a pair counts as one person."""

    threshold: float
    fmr: Rate
    fnmr: Rate


def rate(wrong: int, trials: int) -> Rate:
    """Return a share with Wilson's bounds; without a trial it may be anything."""
    if not trials:
        return Rate(wrong, trials, 0.0, 1.0)
    share, z2 = wrong / trials, Z_95 * Z_95
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z_95 / (1 + z2 / trials) * math.sqrt(
        share * (1 - share) / trials + z2 / (4 * trials * trials)
    )  # fmt: skip
    return Rate(wrong, trials, max(0.0, middle - half), min(1.0, middle + half))


def points(same: Distances, different: Distances, thresholds: Distances) -> list[Point]:
    """Return FMR and FNMR at each threshold.

    Args:
        same: Shape (n,), distances of pairs of one person.
        different: Shape (m,), distances of pairs of two people.
        thresholds: Shape (k,).
    """
    same, different = np.sort(same), np.sort(different)
    accepted = np.searchsorted(same, thresholds, side="right")
    strangers = np.searchsorted(different, thresholds, side="right")
    return [
        Point(float(at), rate(int(taken), len(different)), rate(len(same) - int(own), len(same)))
        for at, own, taken in zip(thresholds, accepted, strangers, strict=True)
    ]


def accuracy(same: Distances, different: Distances, threshold: float) -> float | None:
    """Return the share of pairs decided rightly, as authors publish it; None without a pair."""
    total = len(same) + len(different)
    right = np.count_nonzero(same <= threshold) + np.count_nonzero(different > threshold)
    return float(right / total) if total else None
