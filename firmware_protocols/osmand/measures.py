"""Numbers of both forms, checked."""

import math
from typing import Any, Final

from firmware_protocols.errors import FieldError

_NUMBER_CHARS_MAX: Final = 32
_FULL_CIRCLE_DEG: Final = 360
_PERCENT_MAX: Final = 100
LATITUDE_MAX_DEG: Final = 90
LONGITUDE_MAX_DEG: Final = 180


def number(value: Any, name: str) -> float:
    """Return a finite number of a text or a JSON value.

    Raises:
        FieldError: It is none.
    """
    is_text = isinstance(value, str) and len(value) <= _NUMBER_CHARS_MAX and "_" not in value
    if is_text or (isinstance(value, int | float) and not isinstance(value, bool)):
        try:
            found = float(value)
        except (ValueError, OverflowError):
            found = math.nan
        if math.isfinite(found):
            return found
    raise FieldError(f"`{name}`: {str(value)[:40]!r} is not a number")


def coordinate(value: Any, name: str, limit_deg: int) -> float:
    """Return a coordinate of at most `limit_deg` either way.

    Raises:
        FieldError: It is none.
    """
    found = number(value, name)
    if abs(found) > limit_deg:
        raise FieldError(f"`{name}`: {found} is not within {limit_deg} degrees")
    return found


def heading(value: Any, name: str) -> float | None:
    """Return a course in 0 <= degrees < 360; None for the -1 of a phone that does not move."""
    found = number(value, name)
    return found % _FULL_CIRCLE_DEG if 0 <= found <= _FULL_CIRCLE_DEG else None


def unless_negative(value: Any, name: str) -> float | None:
    """Return a number; None below zero, which says "not known"."""
    found = number(value, name)
    return found if found >= 0 else None


def accuracy(value: Any, name: str) -> float | None:
    """Return a radius; None for zero and below, which say "not known"."""
    found = number(value, name)
    return found if found > 0 else None


def percent(value: Any, name: str) -> int | None:
    """Return a charge in whole percent; None outside 0 ... 100."""
    found = number(value, name)
    return round(found) if 0 <= found <= _PERCENT_MAX else None
