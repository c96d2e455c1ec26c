"""A token bucket: how fast something may go on, and how much at once."""


class TokenBucket:
    """Tokens that come back at a steady rate, up to a burst."""

    def __init__(self, *, per_s: float, burst: float, now_s: float) -> None:
        """Start full.

        Args:
            per_s: Tokens that come back in a second.
            burst: Most tokens at once.
            now_s: A monotonic clock, as in every call.
        """
        self._per_s = per_s
        self._burst = burst
        self._tokens = burst
        self._at_s = now_s

    def take(self, now_s: float) -> float:
        """Take a token and return how long to wait before acting on it; 0 when there was one."""
        self._refill(now_s)
        self._tokens -= 1
        return max(0.0, -self._tokens / self._per_s)

    def try_take(self, now_s: float) -> bool:
        """Take a token if there is one."""
        self._refill(now_s)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def give_back(self) -> None:
        """Return a token that was taken for nothing."""
        self._tokens += 1

    def is_full(self, now_s: float) -> bool:
        """Return whether nothing was taken for so long that it makes no difference any more."""
        self._refill(now_s)
        return self._tokens >= self._burst

    def _refill(self, now_s: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
