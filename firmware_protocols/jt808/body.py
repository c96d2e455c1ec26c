"""Reading and writing the fields of a down-link's body (JT/T 808-2019 clause 5, table 1)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from firmware_protocols.errors import CommandError, FieldError, LengthError
from firmware_protocols.jt808.bcd_time import TIME_BYTES, time_ms

BEIJING: Final = timedelta(hours=8)
"""Times on the wire are GMT+8 where the standard does not say otherwise (clause 5)."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CENTURY: Final = 2000
_MS: Final = timedelta(milliseconds=1)
_MAX: Final = {1: 0xFF, 2: 0xFFFF, 4: 0xFFFF_FFFF}
"""Greatest value of a BYTE, WORD and DWORD, by width."""


class BodyReader:
    """Takes fields from a body, first to last; every method raises LengthError at its end."""

    def __init__(self, body: bytes) -> None:
        """Start at the first byte."""
        self.body = body
        self.offset = 0

    @property
    def left(self) -> int:
        """Bytes that were not taken yet."""
        return len(self.body) - self.offset

    def number(self, width: int) -> int:
        """Take an unsigned big-endian integer of `width` bytes."""
        return int.from_bytes(self.take(width), "big")

    def numbers(self, width: int, count: int) -> tuple[int, ...]:
        """Take `count` integers of `width` bytes each."""
        raw = self.take(width * count)
        return tuple(
            int.from_bytes(raw[at : at + width], "big") for at in range(0, len(raw), width)
        )

    def take(self, size: int) -> bytes:
        """Take `size` bytes."""
        end = self.offset + size
        if end > len(self.body):
            raise LengthError(
                f"{size} bytes wanted, {self.left} are left of a body of {len(self.body)}",
                frame=self.body,
                offset=self.offset,
            )
        taken = self.body[self.offset : end]
        self.offset = end
        return taken

    def rest(self) -> bytes:
        """Take what is left."""
        return self.take(self.left)

    def text(self, size: int) -> str:
        """Take a GBK string of `size` bytes; FieldError when it is none."""
        start = self.offset
        raw = self.take(size)
        try:
            return raw.decode("gbk")
        except UnicodeDecodeError as error:
            raise FieldError(
                f"not GBK text: {error.reason}", frame=self.body, offset=start + error.start
            ) from None

    def time_ms(self, utc_offset: timedelta = BEIJING) -> int:
        """Take a BCD[6] time at an offset from UTC, as milliseconds since 1970 UTC."""
        start = self.offset
        return time_ms(self.take(TIME_BYTES), utc_offset // _MS, frame=self.body, offset=start)

    def calendar_ms(self) -> int:
        """Take a year as a WORD and month to second as BYTEs, UTC; ms since 1970 UTC."""
        start = self.offset
        year = self.number(2)
        month, day, hour, minute, second = self.numbers(1, 5)
        try:
            moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            raise FieldError(
                f"{year}-{month}-{day} {hour}:{minute}:{second} is no date and time",
                frame=self.body,
                offset=start,
            ) from None
        return (moment - _EPOCH) // _MS


def write_number(value: int, width: int, name: str) -> bytes:
    """Return an unsigned big-endian integer of `width` bytes; CommandError when it is too great."""
    if not 0 <= value <= _MAX[width]:
        raise CommandError(f"{name} {value} is outside 0 to {_MAX[width]}")
    return value.to_bytes(width, "big")


def write_numbers(values: Iterable[int], width: int, name: str) -> bytes:
    """Return integers of `width` bytes each."""
    return b"".join(write_number(value, width, name) for value in values)


def write_text(text: str, name: str) -> bytes:
    """Return text in GBK; CommandError names the character that GBK does not have."""
    try:
        return text.encode("gbk")
    except UnicodeEncodeError as error:
        raise CommandError(
            f"{name} has {text[error.start]!r}, which is not in GBK, at character {error.start}"
        ) from None


def write_time(moment_ms: int, name: str, utc_offset: timedelta = BEIJING) -> bytes:
    """Return BCD[6] YYMMDDhhmmss at an offset from UTC; CommandError outside 2000-2099."""
    try:
        local = _EPOCH + timedelta(milliseconds=moment_ms) + utc_offset
    except OverflowError:
        local = _EPOCH
    if not 0 <= local.year - _CENTURY < 100:  # noqa: PLR2004  # two digits of a year
        raise CommandError(f"{name} {moment_ms} is outside the years 2000 to 2099")
    return bytes.fromhex(f"{local:%y%m%d%H%M%S}")


def write_calendar(moment_ms: int, name: str) -> bytes:
    """Return a year as a WORD and month to second as BYTEs, UTC."""
    try:
        moment = _EPOCH + timedelta(milliseconds=moment_ms)
    except OverflowError:
        raise CommandError(f"{name} {moment_ms} is outside the years 1 to 9999") from None
    fields = (moment.month, moment.day, moment.hour, moment.minute, moment.second)
    return moment.year.to_bytes(2, "big") + bytes(fields)
