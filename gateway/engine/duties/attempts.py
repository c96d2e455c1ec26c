"""The attempts to check in that are kept, and which of them are replays.

Of attempts with one number or one capture the one that was made first counts.

All of it is a function of the set of attempts: they come in any order, late and twice.
"""

import hashlib
from bisect import insort
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final, Literal

import msgspec
import numpy as np

from gateway.attempt import Attempt

Why = Literal["capture", "attempt", "clock"]

_PREFIX: Final = 8
"""Bytes that are remembered of a number or capture: two agree by chance once in 2 to the 64."""
_ORDER: Final = attrgetter("order")


class Attempts:
    """The attempts within the horizon by subject, and marks of those before it."""

    def __init__(self) -> None:
        """Start without any."""
        self._of: dict[str, list[Attempt]] = {}
        self._by_id: dict[str, list[Attempt]] = {}
        self._by_capture: dict[bytes, list[Attempt]] = {}
        self._old_mark = np.empty(0, np.uint64)
        self._old_ms = np.empty(0, np.int64)

    def add(self, rows: Sequence[Attempt], from_ms: int) -> list[Attempt]:
        """Take attempts that were made at `from_ms` or later; return those not known before."""
        new = []
        for row in sorted(rows, key=_ORDER):
            known = self._by_id.get(row.attempt, ())
            if row.response_time_ms >= from_ms and all(one.order != row.order for one in known):
                self._take(row)
                new.append(row)
        return new

    def subjects(self) -> list[str]:
        """Return who has attempts, in order."""
        return sorted(self._of)

    def of(self, subject: str) -> list[Attempt]:
        """Return a person's attempts in order."""
        return self._of.get(subject, [])

    def related(self, attempt: Attempt) -> list[Attempt]:
        """Return the attempts that share number or capture with one, itself included."""
        return self._by_id[attempt.attempt] + self._by_capture.get(attempt.capture, [])

    def replayed(self, attempt: Attempt) -> Why | None:
        """Return why an attempt was not made anew, None when nothing speaks against it."""
        if attempt.response_time_ms < attempt.challenge_time_ms:
            return "clock"
        if attempt is not self._by_id[attempt.attempt][0] or self._is_old(_id_mark(attempt)):
            return "attempt"
        if not attempt.capture:
            return None
        is_first = attempt is self._by_capture[attempt.capture][0]
        return None if is_first and not self._is_old(_mark(attempt.capture)) else "capture"

    def prune(self, before_ms: int, marks_from_ms: int) -> list[tuple[Attempt, bool]]:
        """Let go of attempts made before `before_ms`; their marks are remembered for longer.

        Args:
            before_ms: Attempts made before are dropped.
            marks_from_ms: Numbers and captures of attempts made before are forgotten.

        Returns:
            What was dropped, in order, and whether each was a replay.
        """
        old = [
            one for held in self._of.values() for one in held if one.response_time_ms < before_ms
        ]
        gone = [(one, self.replayed(one) is not None) for one in sorted(old, key=_ORDER)]
        for one, _ in gone:
            _remove(self._of, one.subject, one)
            _remove(self._by_id, one.attempt, one)
            if one.capture:
                _remove(self._by_capture, one.capture, one)
        self._remember([one for one, _ in gone], marks_from_ms)
        return gone

    def dump(self) -> dict[str, Any]:
        """Return everything, as values that msgpack can carry."""
        return {
            "held": [one for subject in self.subjects() for one in self._of[subject]],
            "old_mark": self._old_mark.tobytes(),
            "old_ms": self._old_ms.tobytes(),
        }

    def load(self, stored: dict[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self._of, self._by_id, self._by_capture = {}, {}, {}
        for one in msgspec.convert(stored["held"], list[Attempt]):
            self._take(one)
        self._old_mark = np.frombuffer(stored["old_mark"], np.uint64).copy()
        self._old_ms = np.frombuffer(stored["old_ms"], np.int64).copy()

    def _take(self, one: Attempt) -> None:
        insort(self._of.setdefault(one.subject, []), one, key=_ORDER)
        insort(self._by_id.setdefault(one.attempt, []), one, key=_ORDER)
        if one.capture:
            insort(self._by_capture.setdefault(one.capture, []), one, key=_ORDER)

    def _is_old(self, mark: int) -> bool:
        at = int(np.searchsorted(self._old_mark, np.uint64(mark)))
        return at < len(self._old_mark) and int(self._old_mark[at]) == mark

    def _remember(self, gone: Sequence[Attempt], from_ms: int) -> None:
        marks = [(_id_mark(one), one.response_time_ms) for one in gone]
        marks += [(_mark(one.capture), one.response_time_ms) for one in gone if one.capture]
        mark = np.concatenate([self._old_mark, np.array([m for m, _ in marks], np.uint64)])
        made_ms = np.concatenate([self._old_ms, np.array([ms for _, ms in marks], np.int64)])
        order = np.lexsort((made_ms, mark))
        order = order[made_ms[order] >= from_ms]
        self._old_mark, self._old_ms = mark[order], made_ms[order]


def _mark(text: bytes) -> int:
    return int.from_bytes(hashlib.sha256(text).digest()[:_PREFIX])


def _id_mark(one: Attempt) -> int:
    return _mark(b"attempt\0" + one.attempt.encode())


def _remove(held: dict[Any, list[Attempt]], key: object, one: Attempt) -> None:
    held[key].remove(one)
    if not held[key]:
        del held[key]
