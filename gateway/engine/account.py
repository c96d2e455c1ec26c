"""An alert's own record as its explanation reads it: nothing is looked up anywhere else."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from gateway.engine.words import Words

_MS_PER_S: Final = 1_000
_MINUTE_S: Final = 60
_HOUR_S: Final = 3_600
_LOCAL: Final = timedelta(hours=8)
"""北京时间: the wall clock of every officer that these words are for."""


class Account:
    """Readable parts of an outcome's record.

    Attributes:
        begin_ms: Where the episode begins, fix time.
        end_ms: Where it ended; None while it stands.
        confirmed_ms: Where it became certain.
        reports: The deciding reports of the evidence, oldest first.
        facts: Numbers of the deciding row, by name with unit.
    """

    def __init__(self, begin_ms: int, end_ms: int | None, evidence: Mapping[str, Any]) -> None:
        """Read an outcome's times and evidence."""
        self.begin_ms = begin_ms
        self.end_ms = end_ms
        self.confirmed_ms: int = evidence.get("confirmed_ms", begin_ms)
        self.reports: list[dict[str, Any]] = evidence.get("reports", [])
        self.facts: dict[str, Any] = evidence.get("facts", {})
        self._parameters: dict[str, Any] = evidence.get("parameters", {})
        self._evidence = evidence

    def parameter(self, name: str) -> int | float:
        """Return the value of a parameter that the rule went by."""
        value: int | float = self._parameters[name]
        return value

    def said(self, name: str) -> Any:
        """Return any other member of the evidence, None when it is absent."""
        return self._evidence.get(name)

    @property
    def newest(self) -> dict[str, Any]:
        """The last of the deciding reports; empty without any."""
        return self.reports[-1] if self.reports else {}

    def span(self) -> Words:
        """Return how long it had lasted when it was certain."""
        return duration((self.confirmed_ms - self.begin_ms) // _MS_PER_S)


def duration(lasting_s: int) -> Words:
    """Return a length of time in words: 1小时5分, 1 h 5 min; minutes alone are 5分钟."""
    hours, rest = divmod(int(lasting_s), _HOUR_S)
    minutes, seconds = divmod(rest, _MINUTE_S)
    seconds = 0 if hours else seconds
    minute = "分" if hours or seconds else "分钟"
    parts = [(hours, "小时", "h"), (minutes, minute, "min"), (seconds, "秒", "s")]
    told = [part for part in parts if part[0]] or [(0, "秒", "s")]
    return Words(
        "".join(f"{number}{zh}" for number, zh, _ in told),
        " ".join(f"{number} {en}" for number, _, en in told),
    )


def clock(time_ms: int) -> str:
    """Return a time on Beijing's clock, 2026-11-22 18:05:09."""
    local = datetime.fromtimestamp(time_ms / _MS_PER_S, UTC) + _LOCAL
    return f"{local:%Y-%m-%d %H:%M:%S}"


def metres(distance_m: float) -> Words:
    """Return a distance in words."""
    if abs(distance_m) >= _MS_PER_S:
        return Words(f"{distance_m / 1000:.1f}公里", f"{distance_m / 1000:.1f} km")
    return Words(f"{distance_m:.0f}米", f"{distance_m:.0f} m")
