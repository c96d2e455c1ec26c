"""Fields that hold names, numbers of many digits and text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from firmware_protocols.errors import FieldError
from firmware_protocols.gt06.fields import Cursor, Values, to_raw


@dataclass(frozen=True)
class Hex:
    """Bytes that name something: an id, a MAC address; all zeros mean that there is none."""

    name: str
    size: int

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        data = cursor.take(self.size)
        if any(data):
            values[self.name] = data.hex()

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        return sized_hex(self.name, values.get(self.name, "00" * self.size), self.size)


@dataclass(frozen=True)
class SizedHex:
    """Bytes behind a byte that says how many."""

    name: str

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        data = cursor.take(cursor.number(1))
        if data:
            values[self.name] = data.hex()

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        text = values.get(self.name, "")
        data = sized_hex(self.name, text, len(text) // 2)
        return to_raw(self.name, len(data), 1) + data


@dataclass(frozen=True)
class Digits:
    """A number of many digits, two in a byte; all zeros mean that there is none.

    Attributes:
        name: Its name.
        size: Bytes.
        filler: What fills the place that is left: "0" before, "f" behind (19 digits of an ICCID).
    """

    name: str
    size: int
    filler: Literal["0", "f"] = "0"

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        data = cursor.take(self.size)
        if any(data):
            text = data.hex()
            values[self.name] = (
                text.removeprefix("0") if self.filler == "0" else text.removesuffix("f")
            )

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        text, size = values.get(self.name, ""), 2 * self.size
        if not text:
            return bytes(self.size)
        filled = text.rjust(size, "0") if self.filler == "0" else text.ljust(size, "f")
        return sized_hex(self.name, filled, self.size)


def sized_hex(name: str, text: str, size: int) -> bytes:
    """Return the bytes of a hex string; FieldError when it is none or of another size."""
    try:
        data = bytes.fromhex(text)
    except ValueError as error:
        raise FieldError(f"{name}: {text!r} is not hex") from error
    if len(data) != size:
        raise FieldError(f"{name}: {len(data)} bytes, the field has {size}")
    return data


@dataclass(frozen=True)
class Text:
    """Text of a fixed size, filled up with zeros, or of the size that a byte before it says.

    Bytes above 7F stand for the Latin-1 characters of the same number, so that none is lost.
    """

    name: str
    size: int = 0

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        size = self.size or cursor.number(1)
        text = cursor.take(size).decode("latin-1")
        text = text.rstrip("\0") if self.size else text
        if text:
            values[self.name] = text

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        data = latin1(self.name, values.get(self.name, ""))
        if not self.size:
            return to_raw(self.name, len(data), 1) + data
        if len(data) > self.size:
            raise FieldError(f"{self.name}: {len(data)} characters, the field has {self.size}")
        return data.ljust(self.size, b"\0")


def latin1(name: str, text: str) -> bytes:
    """Return the bytes of a text that Latin-1 holds; FieldError for others."""
    try:
        return str(text).encode("latin-1")
    except UnicodeEncodeError as error:
        raise FieldError(f"{name}: {text!r} has characters beyond Latin-1") from error


@dataclass(frozen=True)
class Rest:
    """Text up to the last `spare` bytes of the body."""

    name: str
    spare: int = 0

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        size = cursor.left - self.spare
        if size > 0:
            values[self.name] = cursor.take(size).decode("latin-1")

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        return latin1(self.name, values.get(self.name, ""))
