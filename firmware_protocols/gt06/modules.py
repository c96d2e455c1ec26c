"""Modules: numbered, sized parts that a body ends with (0x36, 0x37-0x39, 0x70, 0xF1, 0xF2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from firmware_protocols.gt06.fields import (
    UNKNOWN,
    Cursor,
    Field,
    Values,
    keep_unknown,
    kept_bytes,
    to_raw,
)

_ID_BYTES: Final = 2
_PREFIX: Final = "module_"


@dataclass(frozen=True)
class Module:
    """One kind of module.

    Attributes:
        names: Values whose presence makes it be written.
        fields: Its fields; what follows them is kept as unknown bytes.
        rows: Name of the list that takes the values of each, for a kind that may come repeatedly.
    """

    names: tuple[str, ...]
    fields: tuple[Field, ...]
    rows: str = ""


@dataclass(frozen=True)
class Modules:
    """Modules up to the end of the body.

    Attributes:
        table: Kinds by id; one that is not listed is kept as unknown bytes.
        length_bytes: Size of the length.
        wide_ids: Ids whose length has two bytes all the same (0xF2).
    """

    table: Mapping[int, Module]
    length_bytes: int = 1
    wide_ids: frozenset[int] = frozenset()

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        while cursor.left > _ID_BYTES:
            number = cursor.number(_ID_BYTES)
            part = Cursor(cursor.take(self._read_length(cursor, number)), cursor.utc_offset_min)
            module = self.table.get(number)
            if module is not None:
                target: Values = {} if module.rows else values
                for field in module.fields:
                    field.read(part, target)
                if module.rows:
                    values.setdefault(module.rows, []).append(target)
            if part.left or module is None:
                _keep(values, f"{_PREFIX}{number:04x}", part.take(part.left))
        if cursor.left:
            keep_unknown(values, "modules_tail", cursor.take(cursor.left))

    def write(self, values: Mapping[str, Any], utc_offset_min: int) -> bytes:
        """See Field."""
        unknown = values.get(UNKNOWN, {})
        out = b""
        for number, module in self.table.items():
            kept = kept_bytes(values, f"{_PREFIX}{number:04x}")
            rows = values.get(module.rows, []) if module.rows else [values]
            for row in rows:
                if any(name in row for name in module.names):
                    fields = (field.write(row, utc_offset_min) for field in module.fields)
                    out += self._wrap(number, b"".join(fields) + kept)
        for name in unknown:
            number = int(name.removeprefix(_PREFIX)[:4], 16) if name.startswith(_PREFIX) else -1
            if number >= 0 and number not in self.table:
                out += self._wrap(number, kept_bytes(values, name))
        return out + kept_bytes(values, "modules_tail")

    def _length_bytes(self, number: int) -> int:
        return 2 if number in self.wide_ids else self.length_bytes

    def _read_length(self, cursor: Cursor, number: int) -> int:
        return cursor.number(self._length_bytes(number))

    def _wrap(self, number: int, body: bytes) -> bytes:
        length = to_raw("module", len(body), self._length_bytes(number))
        return number.to_bytes(_ID_BYTES, "big") + length + body


def _keep(values: Values, name: str, data: bytes) -> None:
    """Keep a module; one of the same number again gets a further name."""
    kept, again = values.get(UNKNOWN, {}), 2
    free = name
    while free in kept:
        free, again = f"{name}_{again}", again + 1
    keep_unknown(values, free, data)
