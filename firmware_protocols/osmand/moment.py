"""Times as the clients write them."""

import re
from datetime import UTC, datetime
from typing import Final

from firmware_protocols.errors import FieldError

_WHOLE: Final = re.compile(r"[0-9]{1,15}")
_SECONDS_BELOW: Final = 10**11
"""A smaller number counts seconds (to the year 5138), a larger one milliseconds (from 1973)."""

# A "+" before the offset that nobody escaped has become a blank.
_LOST_PLUS: Final = re.compile(r"(?<=\d) (?=\d\d:?\d\d\Z)")


def read_moment(text: str) -> int:
    """Return a time in milliseconds since 1970 UTC.

    Args:
        text: Seconds, milliseconds, ISO 8601, or `yyyy-mm-dd hh:mm:ss`; UTC unless it says else.

    Raises:
        FieldError: It is none of these.
    """
    if _WHOLE.fullmatch(text):
        number = int(text)
        return number * 1_000 if number < _SECONDS_BELOW else number
    try:
        moment = datetime.fromisoformat(_LOST_PLUS.sub("+", text) if "T" in text else text)
    except ValueError as error:
        raise FieldError(
            f"time {text[:40]!r} is not seconds, milliseconds, ISO 8601 or yyyy-mm-dd hh:mm:ss"
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return round(moment.timestamp() * 1_000)
    except OverflowError as error:
        raise FieldError(f"time {text[:40]!r} is out of range") from error
