"""Alerts of one reading of the feed, made into events once for all streams of a scope."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from server.live.frames import frame

_TOGETHER: Final = 64
"""Events of one write: a call for each would be most of the server's time in a storm, and a
thousand in one would let the last of many streams wait for all that is sent to the first."""


class AlertBatch:
    """Alerts in the order of their feed positions.

    Attributes:
        first_id: Feed position of the first.
        count: How many they are.
    """

    def __init__(self, alerts: Sequence[tuple[int, bytes]]) -> None:
        """Take feed positions, rising, with the alerts as JSON; at least one."""
        self.first_id = alerts[0][0]
        self.count = len(alerts)
        self._alerts = alerts
        self._made: tuple[int | None, list[bytes]] | None = None

    def events(self, complete_to: int | None) -> list[bytes]:
        """Return the events in pieces, each of a few dozen whole ones.

        Args:
            complete_to: The feed position that no `id:` may pass, because what follows it is still
                owed to the stream; None: nothing is.
        """
        # All streams but those that have just come are owed the same.
        if self._made is None or self._made[0] != complete_to:
            self._made = (complete_to, list(self._pieces(complete_to)))
        return self._made[1]

    def _pieces(self, complete_to: int | None) -> Iterator[bytes]:
        rest = iter(self._alerts)
        while some := list(islice(rest, _TOGETHER)):
            yield b"".join(
                frame("alert", data, feed_id if complete_to is None else min(feed_id, complete_to))
                for feed_id, data in some
            )
