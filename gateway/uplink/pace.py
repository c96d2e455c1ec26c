"""How much a stream sends at once and how long it rests: small after trouble, then doubling.

A server that comes back to a hundred gateways with an hour each must not be met by all of them at
full size, and a drain leaves it time for live traffic and alerts.
"""

import random
from email.utils import parsedate_to_datetime
from typing import Final

from gateway.uplink.batch import Stream

OUTCOMES_MAX: Final = 1_000
"""Outcomes in one request; the server takes 50,000."""

_FIRST_ROWS: Final = 2_000
_LEAST: Final = 1
_REGAIN: Final = 50
"""Requests in which a size that was too large is reached again."""
_GATHER_S: Final[dict[Stream, float]] = {"outcomes": 0.0, "telemetry": 0.05}
"""A pause gathers positions into fewer, larger requests; an alert waits for nobody."""
_REST_SHARE: Final = 0.05
"""Of the time that a full request took, while a drain goes on."""
_REST_MAX_S: Final = 1.0
_SPREAD: Final = 0.1
"""Of our own waiting time, on top of the server's: gateways shall not come back at one moment."""
_RETRY_FIRST_S: Final = 0.5
_RETRY_MAX_S: Final = 30.0
RETRY_AFTER_MAX_S: Final = 600.0
"""A server that names a longer time is asked again after this one."""


class Pace:
    """The pace of one stream.

    Attributes:
        most: Rows or outcomes in the next request.
    """

    def __init__(self, stream: Stream, *, rows_max: int) -> None:
        """Take the stream and the most rows of a telemetry request."""
        self._stream = stream
        self._bound = rows_max if stream == "telemetry" else OUTCOMES_MAX
        self._ceiling = self._bound
        self._delay_s = _RETRY_FIRST_S
        self.most = min(_FIRST_ROWS, self._bound)

    def taken(self, *, took_s: float, is_full: bool) -> float:
        """Note a success; return how long to rest before the next request, seconds."""
        self._delay_s = _RETRY_FIRST_S
        self._ceiling = min(self._bound, self._ceiling + 1 + self._bound // _REGAIN)
        self.most = min(self.most * 2, self._ceiling)
        if not is_full:
            return _GATHER_S[self._stream]
        if self._stream == "outcomes":
            return 0.0
        return min(took_s * _REST_SHARE, _REST_MAX_S)

    def refused(self, *, is_too_large: bool, retry_after_s: float | None) -> float:
        """Note a failure; return how long to wait before the next attempt, seconds."""
        if is_too_large:
            self._ceiling = max(_LEAST, self.most // 2)
        self.most = min(self.most, self._ceiling, _FIRST_ROWS)
        # Spread: every gateway of a province has met the same outage. Not a secret.
        wait_s = self._delay_s * random.uniform(0.5, 1.5)  # noqa: S311
        self._delay_s = min(self._delay_s * 2, _RETRY_MAX_S)
        if retry_after_s is None:
            return wait_s
        # Never before the time that the server named.
        return min(retry_after_s, RETRY_AFTER_MAX_S) + wait_s * _SPREAD


def retry_after_s(value: str, now_s: float) -> float | None:
    """Return the seconds that a Retry-After header asks for, None when it is absent or no such.

    Args:
        value: Seconds, or a date (RFC 9110, 10.2.3).
        now_s: Our clock, seconds since 1970 UTC.
    """
    if value.isascii() and value.isdecimal():
        return float(value[:10])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now_s)
    except (ValueError, OverflowError):
        return None
