"""BCD[6] times of reports, fast: YYMMDDhhmmss at the terminal's offset from UTC (clause 5).

A gateway decodes one for every position; a table for the digits and a cache for the days take a
tenth of what `datetime` takes.
"""

from datetime import date
from functools import lru_cache
from typing import Final

from firmware_protocols.errors import FieldError

TIME_BYTES: Final = 6

NO_TIME: Final = bytes(TIME_BYTES)
"""What a terminal without a clock yet writes."""

_WRONG: Final = 1_000
BCD_VALUES: Final = tuple(
    10 * (byte >> 4) + (byte & 15) if byte >> 4 < 10 and byte & 15 < 10 else _WRONG  # noqa: PLR2004
    for byte in range(256)
)
"""Value of a byte of two BCD digits; over 99 where it is none."""

_CENTURY: Final = 2_000
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_DAY_MS: Final = 86_400_000
_HOUR_MS: Final = 3_600_000
_MINUTE_MS: Final = 60_000
_HOURS: Final = 24
_SIXTY: Final = 60


def time_ms(bcd: bytes, utc_offset_ms: int, *, frame: bytes = b"", offset: int = 0) -> int:
    """Return the time that six BCD bytes tell, milliseconds since 1970 UTC.

    Args:
        bcd: The bytes.
        utc_offset_ms: Offset of the terminal's clock from UTC, milliseconds.
        frame: What they stand in, for the error.
        offset: And where.

    Raises:
        FieldError: They are no time.
    """
    day_ms = _day_ms(bcd[:3])
    hour, minute, second = BCD_VALUES[bcd[3]], BCD_VALUES[bcd[4]], BCD_VALUES[bcd[5]]
    if day_ms is None or hour >= _HOURS or minute >= _SIXTY or second >= _SIXTY:
        raise FieldError(f"{bcd.hex()} is not a time YYMMDDhhmmss", frame=frame, offset=offset)
    return day_ms + hour * _HOUR_MS + minute * _MINUTE_MS + second * 1_000 - utc_offset_ms


@lru_cache(maxsize=4_096)
def _day_ms(bcd: bytes) -> int | None:
    year, month, day = (BCD_VALUES[byte] for byte in bcd)
    try:
        days = date(_CENTURY + year, month, day).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
    return days * _DAY_MS if year < _WRONG else None


def bcd_time(time_ms: int, utc_offset_ms: int) -> bytes:
    """Return milliseconds since 1970 UTC as six BCD bytes at an offset; whole seconds travel.

    Raises:
        ValueError: The year is not 2000 to 2099.
    """
    days, rest_ms = divmod(time_ms + utc_offset_ms, _DAY_MS)
    try:
        day = date.fromordinal(days + _EPOCH_DAY)
    except (ValueError, OverflowError):
        day = date.min
    if day.year // 100 != _CENTURY // 100:
        raise ValueError(f"{time_ms} ms since 1970 is outside the years 2000 to 2099")
    seconds = rest_ms // 1_000
    clock = f"{seconds // 3_600:02}{seconds // 60 % 60:02}{seconds % 60:02}"
    return bytes.fromhex(f"{day:%y%m%d}{clock}")
