"""When a message may go out, and when again: quiet hours, retries, the circuit breaker. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a channel is tried.

    Attributes:
        most_attempts: Then the message is given up and shown.
        first_s: The pause after the first failure; each further one doubles it.
        longest_s: No pause is longer.
        breaks_after: Failures in a row after which a channel rests.
        rest_s: Its first rest; each further failure doubles it, up to `longest_s`.
    """

    most_attempts: int
    first_s: float
    longest_s: float
    breaks_after: int
    rest_s: float

    def pause_s(self, attempts: int, chance: Callable[[float, float], float]) -> float:
        """Return how long to wait after so many attempts, shortened at random by up to a half."""
        return _doubled(self.first_s, attempts - 1, self.longest_s) * chance(0.5, 1.0)

    def rest_after_s(self, failures: int) -> float | None:
        """Return how long a channel rests after so many failures in a row; None: it does not."""
        if failures < self.breaks_after:
            return None
        return _doubled(self.rest_s, failures - self.breaks_after, self.longest_s)


def _doubled(first_s: float, times: int, longest_s: float) -> float:
    # Bounded before it is raised: 2.0 ** 2000 would be an error.
    return min(first_s * 2.0 ** min(max(times, 0), 32), longest_s)


def quiet_until(now: datetime, quiet_from: time | None, quiet_to: time | None) -> datetime | None:
    """Return when the quiet hours end that `now` lies in, by Beijing time; None outside of them.

    They begin at `quiet_from` and end before `quiet_to`, over midnight where that is earlier.
    """
    if quiet_from is None or quiet_to is None:
        return None
    local = now.astimezone(ZONE)
    clock = local.time()
    if quiet_from < quiet_to:
        is_quiet, days = quiet_from <= clock < quiet_to, 0
    else:
        is_quiet = clock >= quiet_from or clock < quiet_to
        days = 1 if clock >= quiet_from else 0
    if not is_quiet:
        return None
    return datetime.combine(local.date() + timedelta(days=days), quiet_to, tzinfo=ZONE)
