"""Gaps of devices that are back: told when what they held has had its time to come."""

from collections.abc import Sequence
from typing import Any

import msgspec

from gateway.engine.episode import Episode, Stretched
from geofence.arrays import IntArray


class Gap(msgspec.Struct, array_like=True):
    """A gap in fix time that a report has ended, and when that was noticed, journal time."""

    begin_ms: int
    end_ms: int
    noticed_at_ms: int


class Returns:
    """The waiting gaps, by number of the wearer."""

    def __init__(self) -> None:
        """Start without any."""
        self._gaps: dict[int, list[Gap]] = {}

    @property
    def numbers(self) -> list[int]:
        """Who has gaps that wait."""
        return list(self._gaps)

    def note(self, number: int, begin_ms: int, end_ms: int, at_ms: int) -> None:
        """Let a gap wait that was noticed at journal time `at_ms`."""
        self._gaps.setdefault(number, []).append(Gap(begin_ms, end_ms, at_ms))

    def settled(self, numbers: Sequence[int], patience_ms: IntArray, at_ms: int) -> list[int]:
        """Return whose newest gap was noticed so long ago that nothing more will come.

        Args:
            numbers: Wearers whose gaps wait.
            patience_ms: How long to wait, by wearer, shape (g,).
            at_ms: Journal time.
        """
        return [
            number
            for number, wait_ms in zip(numbers, patience_ms.tolist(), strict=True)
            if at_ms - self._gaps[number][-1].noticed_at_ms >= wait_ms
        ]

    def take(self, number: int) -> list[Gap]:
        """Return the gaps of a wearer, and forget them."""
        return self._gaps.pop(number)

    def forget(self, number: int, after_ms: int) -> None:
        """Forget a wearer's gaps that end after `after_ms`: they are judged again."""
        kept = [gap for gap in self._gaps.pop(number, []) if gap.end_ms <= after_ms]
        if kept:
            self._gaps[number] = kept

    def dump(self) -> list[Any]:
        """Return everything, as values that msgpack can carry."""
        return list(self._gaps.items())

    def load(self, stored: Sequence[Any]) -> None:
        """Replace everything by what `dump` returned."""
        self._gaps = {number: msgspec.convert(gaps, list[Gap]) for number, gaps in stored}


def is_told(gap: Stretched, standing: Sequence[Episode]) -> bool:
    """Return whether a gap is one of the silences that stand, or a part of one."""
    return any(
        episode.begin_ms <= gap.confirmed_ms
        and (episode.end_ms is None or gap.begin_ms <= episode.end_ms)
        for episode in standing
    )
