"""Keys of stored reports of wearers who repeat old ones: their blocks are read once, not each time.

It is a cache of what the log holds; no answer depends on what is in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

from gateway.engine.history.block import NOWHERE
from gateway.engine.stretch import Table

Key = tuple[int, int, int]
"""Fix time, boot and seq of a report."""

KEYS_MAX: Final = 200_000
"""Of all wearers together: the horizon of some 45 that report once a minute."""

Blocks = Callable[[int, int, int], tuple[int, list[NDArray[Any]]]]
"""Returns (newest block, records of blocks) of a wearer (first) back to a fix time (second), or
until a block that is known (third)."""


@dataclass
class _Read:
    """What has been read of a wearer: everything from `from_ms` up to and with block `head`."""

    head: int
    from_ms: int
    keys: set[Key]


class SeenKeys:
    """Keys by wearer, of those who were asked for last."""

    def __init__(self, blocks: Blocks) -> None:
        """Read by `blocks`."""
        self._blocks = blocks
        self._read: dict[int, _Read] = {}
        self._begin = NOWHERE

    def of(self, wearer: int, from_ms: int, begin: int) -> set[Key]:
        """Return the keys in a wearer's blocks from `from_ms` on, some older ones too.

        Args:
            wearer: Whose.
            from_ms: Fix time.
            begin: First offset that the log still keeps; what lies before it is forgotten.
        """
        if begin != self._begin:
            self._read, self._begin = {}, begin
        known = self._read.pop(wearer, None)
        if known is None or from_ms < known.from_ms:
            known = _Read(NOWHERE, from_ms, set())
        known.head, parts = self._blocks(wearer, known.from_ms, known.head)
        for part in parts:
            known.keys |= keys_of(part)
        self._read[wearer] = known
        size = sum(len(one.keys) for one in self._read.values())
        while size > KEYS_MAX and len(self._read) > 1:
            size -= len(self._read.pop(next(iter(self._read))).keys)
        return known.keys


def keys_of(rows: Table | NDArray[Any]) -> set[Key]:
    """Return the keys of reports."""
    return set(zip(*(rows[name].tolist() for name in ("fix_time_ms", "boot", "seq")), strict=True))
