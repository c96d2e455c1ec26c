"""Outcomes as an Arrow table: a column for each field of an outcome, whatever fields it has."""

from collections.abc import Sequence
from typing import Any, Final, cast

import msgspec
import pyarrow as pa
from msgspec import inspect

from gateway.engine.outcome import Outcome

_MS: Final = "_ms"
_TIME: Final = pa.timestamp("ms", tz="UTC")


def _arrow_type(name: str, kind: inspect.Type) -> tuple[pa.DataType, bool]:
    members = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    some = [member for member in members if not isinstance(member, inspect.NoneType)]
    nullable = len(some) < len(members)
    match some:
        case [inspect.IntType()]:
            return (_TIME if name.endswith(_MS) else pa.int64()), nullable
        case [inspect.BoolType()]:
            return pa.bool_(), nullable
        case [inspect.StrType() | inspect.LiteralType()]:
            return pa.utf8(), nullable
    return pa.utf8(), nullable  # composed: as JSON


def _columns() -> dict[str, "pa.Field[Any]"]:
    described = cast("inspect.StructType", inspect.type_info(Outcome))
    found = {}
    for one in described.fields:
        kind, nullable = _arrow_type(one.name, one.type)
        name = one.name.removesuffix(_MS) + "_time" if kind == _TIME else one.name
        found[one.name] = pa.field(name, kind, nullable=nullable)
    return found


_COLUMNS: Final = _columns()
_SEQ: Final[list["pa.Field[Any]"]] = [pa.field("entry_seq", pa.int64(), nullable=False)]
OUTCOMES: Final = pa.schema([*_SEQ, *_COLUMNS.values()])
"""Times are timestamps; what is composed, such as the evidence, is JSON text."""


def outcome_batch(found: Sequence[tuple[int, Outcome]]) -> pa.RecordBatch:
    """Return (entry seq, outcome) as a batch."""
    arrays: list[pa.Array[Any]] = [pa.array([seq for seq, _ in found], pa.int64())]
    for name, field in _COLUMNS.items():
        values = [_plain(getattr(outcome, name)) for _, outcome in found]
        arrays.append(pa.array(values, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=OUTCOMES)


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | int | bool):
        return value
    return msgspec.json.encode(value).decode()
