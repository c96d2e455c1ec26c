"""How many messages of a channel may be under way in one process: the more, the better it answers.

Without it a burst for one sound receiver takes as long as its answers one after another; with as
many for everybody, a few receivers that hang would hold all there are.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from server.notifications.channel import Kind

FIRST: Final = 2
"""Of a webhook that nothing is known of."""
_MOST: Final = 16
_SHARE: Final = 4
"""No channel may take more than this part of what is free."""
_KNOWN: Final = 256
"""Of so many channels it is remembered how they answered."""


class Place:
    """A message that is under way over a channel."""

    def __init__(self, windows: "Windows", channel_id: str, kind: Kind) -> None:
        """Take up room."""
        self._windows = windows
        self._channel_id = channel_id
        self._kind = kind
        self._is_out = True

    def went(self, *, well: bool) -> None:
        """Note what became of the message; a webhook that took it may be sent the next one."""
        self._windows.learn(self._channel_id, self._kind, well=well)
        # What failed, and what is gathered, waits until it is written.
        if well and self._kind == "webhook":
            self.ends()

    def ends(self) -> None:
        """Note that it is written what became of the message, or will not be."""
        if self._is_out:
            self._is_out = False
            self._windows.leave(self._channel_id)


class Windows:
    """The channels of one process that something is under way over, or was not long ago."""

    def __init__(self, most: int) -> None:
        """Take how many messages may be under way over all channels together."""
        self._most = most
        self._out: Counter[str] = Counter()
        self._width: dict[str, int] = {}

    @property
    def free(self) -> int:
        """How many more messages may be taken up."""
        return self._most - self._out.total()

    @property
    def room(self) -> Mapping[str, int]:
        """How many more each channel may have that is not a new one."""
        share = max(1, self.free // _SHARE)
        return {
            channel: max(0, min(width - self._out[channel], share))
            for channel, width in self._width.items()
        }

    def begins(self, channel_id: str, kind: Kind) -> Place:
        """Note that a message goes out."""
        self._out[channel_id] += 1
        # Elsewhere the next one gathers meanwhile what belongs together.
        first = FIRST if kind == "webhook" else 1
        # At the end, as what was used last; what was used longest ago is forgotten first.
        self._width[channel_id] = self._width.pop(channel_id, first)
        if len(self._width) > _KNOWN:
            idle = [known for known in self._width if not self._out[known]]
            for known in idle[:1]:
                del self._width[known]
        return Place(self, channel_id, kind)

    def learn(self, channel_id: str, kind: Kind, *, well: bool) -> None:
        """Note how a channel answered."""
        width = self._width.get(channel_id, 1)
        if not well:
            self._width[channel_id] = 1
        elif kind == "webhook":
            self._width[channel_id] = min(width * 2, _MOST)

    def leave(self, channel_id: str) -> None:
        """Note that a channel has room for one more."""
        self._out[channel_id] -= 1
        if not self._out[channel_id]:
            del self._out[channel_id]
