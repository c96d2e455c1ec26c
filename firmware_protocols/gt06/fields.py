"""Fields of a message body: each reads itself from bytes into named values and writes them back.

Values are SI where the record has a field for them and carry their unit in their name elsewhere.
A value that is absent when writing is written as zero.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from firmware_protocols.errors import FieldError, LengthError

Values = dict[str, Any]

_MODE_TEMPERATURE: Final = 4

UNKNOWN: Final = "unknown"
"""Name of the value that keeps, as hex by name, bytes whose meaning is not known."""


class Cursor:
    """A place in a body.

    Attributes:
        utc_offset_min: Offset of the device's clock from UTC.
        left: Bytes that are not read yet.
    """

    def __init__(self, body: bytes, utc_offset_min: int = 0) -> None:
        """Start at the beginning of `body`."""
        self._body = body
        self._at = 0
        self.utc_offset_min = utc_offset_min

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self._body) - self._at

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes; LengthError when there are fewer."""
        if size > self.left:
            raise LengthError(
                f"the body ends {size - self.left} bytes early", frame=self._body, offset=self._at
            )
        self._at += size
        return self._body[self._at - size : self._at]

    def peek(self, size: int) -> bytes:
        """Return the next bytes, at most `size`, and stay."""
        return self._body[self._at : self._at + size]

    def number(self, size: int) -> int:
        """Return the next unsigned big-endian number."""
        return int.from_bytes(self.take(size), "big")


class Field(Protocol):
    """A part of a body."""

    def read(self, cursor: Cursor, values: Values) -> None:
        """Put what stands at the cursor into `values`; raises DecodeError."""

    def write(self, values: Mapping[str, Any], utc_offset_min: int) -> bytes:
        """Return the bytes of the values; raises FieldError."""


def to_raw(name: str, raw: int, size: int, *, signed: bool = False) -> bytes:
    """Return a number's bytes; FieldError names the value that does not fit."""
    try:
        return int(raw).to_bytes(size, "big", signed=signed)
    except OverflowError as error:
        raise FieldError(f"{name}: {raw} does not fit {size} bytes") from error


def keep_unknown(values: Values, name: str, data: bytes) -> None:
    """Put bytes of unknown meaning into `values`."""
    values.setdefault(UNKNOWN, {})[name] = data.hex()


def kept_bytes(values: Mapping[str, Any], name: str) -> bytes:
    """Return bytes kept by `keep_unknown`, or none; FieldError when they are not hex."""
    kept = values.get(UNKNOWN, {}).get(name, "")
    try:
        return bytes.fromhex(kept)
    except (TypeError, ValueError) as error:
        raise FieldError(f"unknown {name}: {kept!r} is not hex") from error


def unknown_bytes(values: Mapping[str, Any], name: str, size: int) -> bytes:
    """Return bytes kept by `keep_unknown`, or zeros; FieldError when they are of another size."""
    kept = kept_bytes(values, name) or bytes(size)
    if len(kept) != size:
        raise FieldError(f"unknown {name}: {len(kept)} bytes, the field has {size}")
    return kept


@dataclass(frozen=True)
class Number:
    """An integer, or a fixed-point number where `divisor` is not 1."""

    name: str
    size: int
    divisor: int = 1
    signed: bool = False

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        raw = int.from_bytes(cursor.take(self.size), "big", signed=self.signed)
        values[self.name] = raw if self.divisor == 1 else raw / self.divisor

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        raw: int = round(values.get(self.name, 0) * self.divisor)
        return to_raw(self.name, raw, self.size, signed=self.signed)


@dataclass(frozen=True)
class Magnitude:
    """A 16-bit fixed-point number with a sign bit on top."""

    name: str
    divisor: int
    top_means: Literal["negative", "positive"] = "negative"

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        raw = cursor.number(2)
        is_negative = bool(raw >> 15) == (self.top_means == "negative")
        size = raw & 0x7FFF
        values[self.name] = (-size if is_negative else size) / self.divisor

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        raw: int = round(values.get(self.name, 0) * self.divisor)
        if abs(raw) > 0x7FFF:  # noqa: PLR2004  # 15 bits
            raise FieldError(f"{self.name}: {raw} does not fit 15 bits and a sign")
        top = (raw < 0) == (self.top_means == "negative") and raw != 0
        return (abs(raw) | top << 15).to_bytes(2, "big")


@dataclass(frozen=True)
class Flag:
    """A byte that is not zero when something holds."""

    name: str

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        values[self.name] = cursor.number(1) > 0

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        return bytes((bool(values.get(self.name)),))


@dataclass(frozen=True)
class Bits:
    """Bit fields of one number: (name, lowest bit, width); width 1 is a truth value."""

    size: int
    parts: tuple[tuple[str, int, int], ...]

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        raw = cursor.number(self.size)
        for name, low, width in self.parts:
            part = raw >> low & ((1 << width) - 1)
            values[name] = bool(part) if width == 1 else part

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        raw = 0
        for name, low, width in self.parts:
            part = int(values.get(name, 0))
            if not 0 <= part < 1 << width:
                raise FieldError(f"{name}: {part} does not fit {width} bits")
            raw |= part << low
        return to_raw("bits", raw, self.size)


@dataclass(frozen=True)
class Reserved:
    """Bytes whose meaning is not known; kept when they are not zero."""

    name: str
    size: int

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        data = cursor.take(self.size)
        if any(data):
            keep_unknown(values, self.name, data)

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        return unknown_bytes(values, self.name, self.size)


@dataclass(frozen=True)
class Optional:
    """Fields that stand there only when `stands` says so of the bytes left.

    Attributes:
        stands: From the number of bytes left, whether they are there.
        names: Values whose presence makes them be written.
        fields: The fields.
    """

    stands: Callable[[int], bool]
    names: tuple[str, ...]
    fields: tuple[Field, ...]

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        if self.stands(cursor.left):
            for field in self.fields:
                field.read(cursor, values)

    def write(self, values: Mapping[str, Any], utc_offset_min: int) -> bytes:
        """See Field."""
        if not any(name in values for name in self.names):
            return b""
        return b"".join(field.write(values, utc_offset_min) for field in self.fields)


def when_left(*counts: int) -> Callable[[int], bool]:
    """Return a predicate: exactly one of these numbers of bytes is left."""
    return frozenset(counts).__contains__


def at_least(count: int) -> Callable[[int], bool]:
    """Return a predicate: so many bytes are left."""
    return count.__le__


@dataclass(frozen=True)
class ModeValue:
    """What the working mode says it is: in mode 4 a temperature in tenths of a degree."""

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        raw = int.from_bytes(cursor.take(2), "big", signed=True)
        if values.get("mode") == _MODE_TEMPERATURE:
            values["temperature_c"] = raw / 10
        else:
            values["mode_value_raw"] = raw

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        if "temperature_c" in values:
            return to_raw("temperature_c", round(values["temperature_c"] * 10), 2, signed=True)
        return to_raw("mode_value_raw", values.get("mode_value_raw", 0), 2, signed=True)
