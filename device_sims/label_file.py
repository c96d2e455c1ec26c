"""The label file: the truth about every violation that is played, one JSON object per line."""

import heapq
import itertools
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from device_sims.acts import Label
from device_sims.clock import SimClock
from device_sims.errors import ScenarioError
from device_sims.load import Profile
from device_sims.script import BLOCK_S, Script

log = logging.getLogger(__name__)

TimedLabel = tuple[float, Label]
"""Begin of a violation, seconds since 1970 UTC, and its label."""


def county_labels(script: Script) -> Iterator[TimedLabel]:
    """Yield the labels of a script by begin, without end; none when nobody plays."""
    if not script.is_played:
        return iter(())

    def of_hour(number: int) -> Iterable[TimedLabel]:
        return (pair for act in script.block(number) for pair in script.labels(act))

    return _by_begin(script.start_s, of_hour)


def load_labels(profile: Profile, start_s: float) -> Iterator[TimedLabel]:
    """Yield the labels of a load profile by begin, without end; none without excursions."""
    if not profile.has_excursions:
        return iter(())

    def of_hour(number: int) -> Iterable[TimedLabel]:
        begin_s = start_s + number * BLOCK_S
        return profile.labels(begin_s, begin_s + BLOCK_S)

    return _by_begin(start_s, of_hour)


def _by_begin(
    start_s: float, of_hour: Callable[[int], Iterable[TimedLabel]]
) -> Iterator[TimedLabel]:
    # An act of one hour may begin to violate in the next: it waits for that hour's own.
    waiting: list[tuple[float, int, Label]] = []
    order = itertools.count()
    for number in itertools.count():
        for begin_s, label in of_hour(number):
            heapq.heappush(waiting, (begin_s, next(order), label))
        until_s = start_s + (number + 1) * BLOCK_S
        while waiting and waiting[0][0] < until_s:
            begin_s, _, label = heapq.heappop(waiting)
            yield begin_s, label


def begin_s_of(label: Label) -> float:
    """Return when what a label tells begins, seconds since 1970 UTC."""
    return datetime.fromisoformat(label.begin_time).timestamp()


class LabelFile:
    """Appends labels, each safely in the file before the next."""

    def __init__(self, path: Path | None) -> None:
        """Take the file; None: labels are only logged.

        Raises:
            ScenarioError: The file cannot be written.
        """
        self._path = path
        self.written = 0
        self._append(b"")

    async def follow(
        self, labels: Iterator[TimedLabel], clock: SimClock, stop_ms: float | None
    ) -> None:
        """Write each label when its violation begins.

        Raises:
            ScenarioError: The file cannot be written.
        """
        for begin_s, label in labels:
            if stop_ms is not None and begin_s * 1_000 >= stop_ms:
                return
            await clock.sleep_until(begin_s * 1_000)
            self.write(label)

    def write(self, label: Label) -> None:
        """Append one label.

        Raises:
            ScenarioError: The file cannot be written.
        """
        log.info(
            "violation_played rule=%s device=%s fence=%s", label.rule, label.device, label.fence
        )
        self.written += 1
        self._append(msgspec.json.encode(label) + b"\n")

    def _append(self, line: bytes) -> None:
        if self._path is None:
            return
        try:
            with self._path.open("ab") as stream:
                stream.write(line)
        except OSError as error:
            raise ScenarioError(f"label file {self._path}: {error.strerror}") from error
