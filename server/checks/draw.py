"""When checks take place: drawn by a seed, so that the draw can be proven afterwards. Pure.

The commitment is recorded before the first day. When the plan is over the seed is shown: whoever
has both repeats the draw. Each choice is a keyed digest, HMAC-SHA256 of the seed over a counter.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from server.checks.rules import is_track
from server.law.days import ZONE

_WORD: Final = 1 << 64
_TRIES: Final = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """What is drawn from.

    Attributes:
        windows: (start, end) of each day in Asia/Shanghai, end after start.
        count: How many checks; each in a minute of its own.
        answer_min: Minutes that a check stays open.
    """

    subject: str
    methods: tuple[str, ...]
    first_day: date
    last_day: date
    windows: tuple[tuple[time, time], ...]
    count: int
    answer_min: int

    def described(self) -> dict[str, Any]:
        """Return it as the commitment covers it."""
        return {
            "subject": self.subject,
            "methods": list(self.methods),
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "windows": [[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in self.windows],
            "count": self.count,
            "answer_min": self.answer_min,
        }

    @property
    def minutes(self) -> int:
        """Minutes that may be drawn."""
        days = (self.last_day - self.first_day).days + 1
        return days * sum(_length(window) for window in self.windows)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A check: how, and from when to when it is open."""

    method: str
    due_from: datetime
    due_to: datetime


def commitment(seed: bytes, plan: Plan) -> bytes:
    """Return what is recorded beforehand: SHA-256 of the seed and the plan as canonical JSON."""
    text = json.dumps(plan.described(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(seed + text.encode()).digest()


def draw(seed: bytes, plan: Plan) -> list[Drawn]:
    """Return the checks of a plan in order of time; the same seed gives the same.

    A minute that would come too close to others is drawn again.

    Raises:
        ValueError: They do not fit.
    """
    words = _words(seed)
    chosen: dict[datetime, str] = {}
    for _ in range(plan.count * _TRIES):
        if len(chosen) == plan.count:
            break
        begin = _instant(plan, _below(plan.minutes, words))
        method = plan.methods[_below(len(plan.methods), words)]
        if begin not in chosen and not is_track([begin, *chosen]):
            chosen[begin] = method
    if len(chosen) < plan.count:
        raise ValueError(f"{plan.count} checks do not fit into the windows")
    open_for = timedelta(minutes=plan.answer_min)
    return [Drawn(chosen[begin], begin, begin + open_for) for begin in sorted(chosen)]


def _instant(plan: Plan, minute: int) -> datetime:
    days, minute = divmod(minute, sum(_length(window) for window in plan.windows))
    day = plan.first_day + timedelta(days=days)
    for window in plan.windows:
        if minute < _length(window):
            return datetime.combine(day, window[0], ZONE) + timedelta(minutes=minute)
        minute -= _length(window)
    raise ValueError(f"minute {minute} lies outside of every window")


def _length(window: tuple[time, time]) -> int:
    start, end = window
    return (end.hour - start.hour) * 60 + end.minute - start.minute


def _words(seed: bytes) -> Iterator[int]:
    counter = 0
    while True:
        digest = hmac.digest(seed, counter.to_bytes(8, "big"), "sha256")
        yield int.from_bytes(digest[:8], "big")
        counter += 1


def _below(bound: int, words: Iterator[int]) -> int:
    # Words of the last, incomplete round are passed over: each value is as likely as the others.
    fair = _WORD - _WORD % bound
    return next(word for word in words if word < fair) % bound
