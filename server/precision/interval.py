"""How sure a share is: the Wilson score interval. Pure."""

import math
from dataclasses import dataclass
from typing import Final

_Z: Final = 1.959963984540054
"""Of 95 %, both sides."""
_DECIMALS: Final = 4


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a count, and where the true one lies by 95 %.

    Attributes:
        share: From 0 to 1.
        low: The interval's lower end.
        high: Its upper end.
    """

    share: float
    low: float
    high: float


def share_of(part: int, whole: int) -> Share | None:
    """Return `part` of `whole` with its interval; None of nothing.

    The score interval without continuity correction: E. B. Wilson, Probable inference, the law of
    succession, and statistical inference, JASA 22 (1927) 209-212.

    Args:
        part: From 0 to `whole`.
        whole: Not negative.

    Raises:
        ValueError: `part` is none of `whole`.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share: 0 to {whole} are")
    if whole == 0:
        return None
    share = part / whole
    square = _Z * _Z
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    spread = share * (1 - share) / whole + square / (4 * whole * whole)
    half = _Z * math.sqrt(spread) / (1 + square / whole)
    # At the ends the formula gives 0 and 1 but for the last bit.
    low = 0.0 if part == 0 else middle - half
    high = 1.0 if part == whole else middle + half
    return Share(round(share, _DECIMALS), round(low, _DECIMALS), round(high, _DECIMALS))
