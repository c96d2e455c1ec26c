"""Pairs of pictures, same person or not: what the engine makes of them."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from gateway.errors import PairsError, PictureError
from gateway.faces.comparing import SHIPPED, Thresholds, distance_of, verdict_of
from gateway.faces.looking import Look
from gateway.faces.roc import Distances, Point, Rate, accuracy, points, rate

COLUMNS: Final = ("a", "b", "same")
MAX_PAIRS: Final = 1_000_000
CURVE: Final = np.round(np.arange(0.20, 1.001, 0.02), 2)
"""Thresholds that the curve is given at."""

Acquired = Look | str
"""What a picture shows, or why it is none: the cause of a `PictureError`."""


class Pair(NamedTuple):
    """A line of a file of pairs."""

    a: Path
    b: Path
    same: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the engine makes of pairs.

    Attributes:
        pairs: How many there are.
        failures: Pairs that could not be compared, by cause; the first picture's comes first.
        same: Distances of pairs of one person, shape (n,).
        different: Distances of pairs of two people, shape (m,).
        thresholds: What decided.
    """

    pairs: int
    failures: Counter[str]
    same: Distances
    different: Distances
    thresholds: Thresholds

    @property
    def failure_to_acquire(self) -> Rate:
        """Pairs that could not be compared, of all."""
        return rate(self.failures.total(), self.pairs)

    @property
    def inconclusive(self) -> Rate:
        """Pairs between the thresholds, of those that were compared."""
        all_of_them = [*self.same, *self.different]
        unsure = sum(verdict_of(d, self.thresholds) == "inconclusive" for d in all_of_them)
        return rate(unsure, len(all_of_them))

    @property
    def shipped(self) -> tuple[Point, Point]:
        """The rates at the two thresholds: taken for a match, and not told to be two people."""
        at = np.array([self.thresholds.match, self.thresholds.no_match])
        first, second = points(self.same, self.different, at)
        return first, second

    @property
    def curve(self) -> list[Point]:
        """The rates along `CURVE`."""
        return points(self.same, self.different, CURVE)

    @property
    def accuracy(self) -> float | None:
        """Share decided rightly at the outer threshold, as the engine's authors publish it."""
        return accuracy(self.same, self.different, self.thresholds.no_match)


def read_pairs(path: Path) -> Iterator[Pair]:
    """Read a CSV with a header of `a`, `b` and `same`; paths are relative to the file.

    Raises:
        PairsError: The file or a line of it is not as it should be; names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise PairsError(path, 1, f"no column {', '.join(missing)}; a, b, same are wanted")
            for count, row in enumerate(rows, start=1):
                if count > MAX_PAIRS:
                    raise PairsError(path, rows.line_num, f"more than {MAX_PAIRS} pairs")
                yield _pair(path, rows.line_num, row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PairsError(path, 0, str(error)) from error


def _pair(path: Path, line: int, row: dict[str, Any]) -> Pair:
    a, b, same = (str(row[name] or "").strip() for name in COLUMNS)
    if not a or not b:
        raise PairsError(path, line, "a and b each name a picture")
    if same not in ("0", "1"):
        raise PairsError(path, line, f"same is {same!r}; 1 for one person, 0 for two")
    return Pair(path.parent / a, path.parent / b, same == "1")


def pictures_of(pairs: Iterable[Pair], path: Path) -> list[Path]:
    """Return the files that pairs name, each once.

    Raises:
        PairsError: One of them is no file.
    """
    found = sorted({file for pair in pairs for file in (pair.a, pair.b)})
    for file in found:
        if not file.is_file():
            raise PairsError(path, 0, f"names {file}, which is no file")
    return found


def acquire(path: Path, see: Callable[[bytes], Look]) -> Acquired:
    """Return what a file shows, or why it is no picture."""
    try:
        return see(path.read_bytes())
    except OSError:
        return "unreadable"
    except PictureError as error:
        return error.cause


def evaluate_pairs(
    pairs: Iterable[Pair],
    seen: Callable[[Path], Acquired],
    thresholds: Thresholds = SHIPPED,
) -> Evaluation:
    """Compare every pair.

    Args:
        pairs: What is to be compared.
        seen: What a file shows; asked for each pair, so it had better remember.
        thresholds: What decides.
    """
    failures: Counter[str] = Counter()
    distances: dict[bool, list[float]] = {True: [], False: []}
    count = 0
    for pair in pairs:
        count += 1
        one, other = seen(pair.a), seen(pair.b)
        cause = _cause(one) or _cause(other)
        if cause is None and isinstance(one, Look) and isinstance(other, Look):
            distances[pair.same].append(distance_between(one, other))
        else:
            failures[str(cause)] += 1
    same, different = (np.array(distances[key], dtype=np.float64) for key in (True, False))
    return Evaluation(count, failures, same, different, thresholds)


def distance_between(one: Look, other: Look) -> float:
    """Return the distance of two faces that can be compared.

    Raises:
        ValueError: One of them cannot.
    """
    if one.template is None or other.template is None:
        raise ValueError("a look without a template cannot be compared")
    return distance_of(one.template, other.template)


def _cause(one: Acquired) -> str | None:
    return one if isinstance(one, str) else one.cause
