"""Random numbers by name: the same name gives the same number, in any order, after any restart.

A key is hashed from the seed and labels; the number at an index is SplitMix64 of key and index
(Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
"""

import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, TypeVar

_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_TO_UNIT: Final = 2.0**-53

T = TypeVar("T")


class Dice:
    """A source of numbers for one thing, named by seed and labels."""

    __slots__ = ("_key",)

    def __init__(self, seed: int, *labels: str | int) -> None:
        """Name the source."""
        name = "\0".join(str(label) for label in (seed, *labels))
        self._key = int.from_bytes(blake2b(name.encode(), digest_size=8).digest())

    def bits(self, index: int) -> int:
        """Return 64 random bits."""
        z = (self._key + (index + 1) * _GOLDEN) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def uniform(self, index: int, low: float = 0.0, high: float = 1.0) -> float:
        """Return a number from [low, high)."""
        return low + (high - low) * (self.bits(index) >> 11) * _TO_UNIT

    def normal(self, index: int) -> float:
        """Return a number from the standard normal distribution (Box and Muller)."""
        first = (self.bits(2 * index) >> 11) * _TO_UNIT
        second = (self.bits(2 * index + 1) >> 11) * _TO_UNIT
        return math.sqrt(-2.0 * math.log(1.0 - first)) * math.cos(2.0 * math.pi * second)

    def integer(self, index: int, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + self.bits(index) % (high - low + 1)

    def choice(self, index: int, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[self.bits(index) % len(options)]

    def chance(self, index: int, probability: float) -> bool:
        """Return True with the given probability."""
        return self.uniform(index) < probability
