"""How fast a device and an organisation may bring messages over MQTT (invariant 11).

A message over the rate waits here, unacknowledged, while its place in the broker's window can be
spared; the broker has it until then. What is beyond that is shed: acknowledged, counted and
journaled as such. What is urgent never waits.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from gateway.config import GatewaySettings
from gateway.intake.bucket import TokenBucket
from gateway.intake.received import Fault, Received

HELD_OF_DEVICE_MAX: Final = 256
"""Of one device; at the default rate the last of them waits for 13 s."""

HELD_MAX: Final = 4_096
"""Of all devices: half of the broker's window of 8,192, so that others' messages still come."""

_HELD_BYTES_MAX: Final = 16 << 20
_RELEASE_S: Final = 0.05
_DEVICES_MAX: Final = 100_000
_ROWS_PER_S: Final = 1.0
_ROWS_BURST: Final = 20
_ORG, _DEVICE = 2, 4
_LEVELS: Final = 7


@dataclass(slots=True)
class _Sender:
    bucket: TokenBucket
    org: TokenBucket
    waiting: deque[Received] = field(default_factory=deque)


class RateGate:
    """Stands between the bulk session and the collector.

    Attributes:
        held: Messages that wait.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        deliver: Callable[[Received], None],
        is_urgent: Callable[[Received], bool],
        on_delay: Callable[[], None],
        now_s: Callable[[], float],
    ) -> None:
        """Take the rates.

        Args:
            settings: The gateway's settings.
            deliver: Takes every message in the end.
            is_urgent: Looks into a message that is over the rate.
            on_delay: Told of every message that has to wait.
            now_s: A monotonic clock.
        """
        self.held = 0
        self._settings = settings
        self._deliver = deliver
        self._is_urgent = is_urgent
        self._on_delay = on_delay
        self._now_s = now_s
        self._held_bytes = 0
        self._senders: dict[tuple[str, str], _Sender] = {}
        self._waiting: dict[tuple[str, str], _Sender] = {}
        self._orgs: dict[str, TokenBucket] = {}
        self._rows = TokenBucket(per_s=_ROWS_PER_S, burst=_ROWS_BURST, now_s=now_s())

    def take(self, message: Received) -> None:
        """Let a message through, hold it back, or shed it."""
        if message.urgent:
            self._deliver(message)
            return
        now_s = self._now_s()
        key = _key(message.topic)
        sender = self._senders.get(key) or self._new_sender(key, now_s)
        if not sender.waiting and _may(sender, now_s):
            self._deliver(message)
        elif self._is_urgent(message):
            message.urgent = True
            self._deliver(message)
        elif self._has_room(sender, message):
            self._hold(key, sender, message)
        else:
            self._shed(message, now_s)

    def _hold(self, key: tuple[str, str], sender: _Sender, message: Received) -> None:
        if not self.held:
            asyncio.get_running_loop().call_later(_RELEASE_S, self._release)
        sender.waiting.append(message)
        self._waiting[key] = sender
        self.held += 1
        self._held_bytes += len(message.payload)
        self._on_delay()

    def _has_room(self, sender: _Sender, message: Received) -> bool:
        return (
            len(sender.waiting) < HELD_OF_DEVICE_MAX
            and self.held < HELD_MAX
            and self._held_bytes + len(message.payload) <= _HELD_BYTES_MAX
        )

    def _shed(self, message: Received, now_s: float) -> None:
        message.fault = Fault(
            "rate",
            f"more than {self._settings.device_per_s:g} messages/s of the device or "
            f"{self._settings.org_per_s:g} of its organisation",
            keep_bytes=False,
            has_row=self._rows.try_take(now_s),
        )
        self._deliver(message)

    def _release(self) -> None:
        now_s = self._now_s()
        for key, sender in list(self._waiting.items()):
            while sender.waiting and _may(sender, now_s):
                message = sender.waiting.popleft()
                self.held -= 1
                self._held_bytes -= len(message.payload)
                self._deliver(message)
            if not sender.waiting:
                del self._waiting[key]
        if self.held:
            asyncio.get_running_loop().call_later(_RELEASE_S, self._release)

    def _new_sender(self, key: tuple[str, str], now_s: float) -> _Sender:
        if len(self._senders) >= _DEVICES_MAX:
            self._forget_idle(now_s)
        settings, org = self._settings, key[0]
        if org not in self._orgs:
            self._orgs[org] = TokenBucket(
                per_s=settings.org_per_s, burst=settings.org_burst, now_s=now_s
            )
        bucket = TokenBucket(per_s=settings.device_per_s, burst=settings.device_burst, now_s=now_s)
        sender = self._senders[key] = _Sender(bucket, self._orgs[org])
        return sender

    def _forget_idle(self, now_s: float) -> None:
        # A full bucket says nothing; who waits is kept. Whoever names more devices than that at
        # once has registered them.
        idle = [
            key
            for key, sender in self._senders.items()
            if not sender.waiting and sender.bucket.is_full(now_s)
        ]
        for key in idle:
            del self._senders[key]
        used = {key[0] for key in self._senders}
        for org in [o for o, b in self._orgs.items() if o not in used and b.is_full(now_s)]:
            del self._orgs[org]


@lru_cache(maxsize=65_536)
def _key(topic: str) -> tuple[str, str]:
    levels = topic.split("/")
    if len(levels) == _LEVELS:
        return levels[_ORG], levels[_DEVICE]
    return "", levels[1] if len(levels) > 1 else topic  # OwnTracks' layout has no organisation


def _may(sender: _Sender, now_s: float) -> bool:
    if not sender.bucket.try_take(now_s):
        return False
    if sender.org.try_take(now_s):
        return True
    # Who waits for the organisation shall not drain the device meanwhile.
    sender.bucket.give_back()
    return False
