"""How often somebody may ask: token buckets, as many as there is room for."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

MOST_CALLERS: Final = 20_000
"""Buckets that are remembered; 2 MiB. Who was forgotten begins with a full one."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    seen_s: float


class Rates:
    """Buckets by caller; the one that was not seen for longest makes room."""

    def __init__(self, *, per_s: float, burst: int, most: int = MOST_CALLERS) -> None:
        """Take what a bucket is filled with in a second, what it holds, and how many there are."""
        self._per_s = per_s
        self._burst = burst
        self._most = most
        self._buckets: OrderedDict[bytes, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        """Return how many callers are remembered."""
        return len(self._buckets)

    def wait_s(self, caller: bytes, now_s: float) -> float:
        """Count a request; return 0 when it may be done, else after how long one may.

        Args:
            caller: Who asks.
            now_s: A clock that never goes back.
        """
        bucket = self._buckets.get(caller)
        if bucket is None:
            bucket = self._buckets[caller] = _Bucket(float(self._burst), now_s)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(caller)
        bucket.tokens = min(self._burst, bucket.tokens + (now_s - bucket.seen_s) * self._per_s)
        bucket.seen_s = now_s
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._per_s
        bucket.tokens -= 1
        return 0.0
