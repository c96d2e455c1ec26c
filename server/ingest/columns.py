"""Telemetry as Arrow columns: checked against docs/wire/uplink-v1.md without a row-wise look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from server.errors import InvalidError, TooLargeError

_REQUIRED: Final[dict[str, pa.DataType]] = {
    "entry_seq": pa.int64(),
    "org": pa.utf8(),
    "device": pa.utf8(),
    "holder_kind": pa.utf8(),
    "holder": pa.utf8(),
    "fix_time_ms": pa.int64(),
    "received_at_us": pa.int64(),
    "boot": pa.int64(),
    "seq": pa.int64(),
    "alarms": pa.int64(),
    "backlog": pa.bool_(),
}
_NULLABLE: Final[dict[str, pa.DataType]] = {
    "lon_e7": pa.int32(),
    "lat_e7": pa.int32(),
    "source_datum": pa.utf8(),
    "accuracy_mm": pa.int32(),
    "altitude_mm": pa.int32(),
    "speed_mmps": pa.int32(),
    "heading_cdeg": pa.int32(),
    "satellites": pa.int16(),
    "battery_pct": pa.int16(),
}
# A gateway from before these columns still has entries to send; it means null by their absence.
_MAY_BE_ABSENT: Final[dict[str, Any]] = {
    "skin_contact": pa.bool_(),
    "heart_rate_bpm": pa.int16(),
    "skin_temperature_cc": pa.int32(),
    "steps": pa.int32(),
}
COLUMNS: Final[dict[str, pa.DataType]] = {**_REQUIRED, **_NULLABLE, **_MAY_BE_ABSENT}

# 2020-01-01 and 2100-01-01 UTC: what the database has partitions for.
_FIRST_MS: Final = 1_577_836_800_000
_LAST_MS: Final = 4_102_444_800_000
_RANGES: Final = {
    "fix_time_ms": (_FIRST_MS, _LAST_MS - 1),
    "received_at_us": (_FIRST_MS * 1000, _LAST_MS * 1000 - 1),
    "lon_e7": (-1_800_000_000, 1_800_000_000),
    "lat_e7": (-900_000_000, 900_000_000),
    "battery_pct": (0, 100),
    "heart_rate_bpm": (0, 32_767),
    "skin_temperature_cc": (-27_315, 100_000),
    "steps": (0, 2**31 - 1),
}
_CHOICES: Final = {
    "holder_kind": ("subject", "officer"),
    "source_datum": ("WGS84", "GCJ02", "BD09"),
}


@dataclass(frozen=True, slots=True)
class Telemetry:
    """A batch of reports in columns."""

    table: pa.Table

    def distinct(self, column: str) -> list[str]:
        """Return the different values of a text column."""
        return sorted(str(value) for value in pc.unique(self.table[column]).to_pylist())

    def holders(self, kind: str) -> list[str]:
        """Return the different holders of a kind."""
        of_kind = self.table.filter(pc.equal(self.table["holder_kind"], pa.scalar(kind)))
        return Telemetry(of_kind).distinct("holder")

    def first_row(self, column: str, value: str) -> int:
        """Return the first row that has this value."""
        return int(pc.index(self.table[column], pa.scalar(value)).as_py())

    def days(self) -> list[str]:
        """Return the UTC days of the fix times, as ISO dates."""
        days = pc.unique(pc.divide(self.table["fix_time_ms"], pa.scalar(86_400_000)))
        return [str(day) for day in days.cast(pa.int32()).cast(pa.date32()).to_pylist()]

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows as tuples of these columns."""
        return zip(*(self.table[name].to_pylist() for name in columns), strict=True)


def parse_telemetry(body: bytes, *, most: int) -> Telemetry:
    """Return the columns of an Arrow IPC stream.

    Raises:
        InvalidError: It is not such a stream, or a column does not hold to the page; the text
            says which, and the first row.
        TooLargeError: More than `most` rows.
    """
    batches = []
    count = 0
    try:
        with pa.ipc.open_stream(body) as reader:
            _refuse_schema(reader.schema)
            for batch in reader:
                count += batch.num_rows
                if count > most:
                    raise TooLargeError(f"more than {most} rows in one request: send fewer")
                batches.append(batch)
            table = _completed(pa.Table.from_batches(batches, schema=reader.schema))
        table = table.select(list(COLUMNS)).combine_chunks()
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        raise InvalidError([("", f"is not an Arrow IPC stream: {error}")]) from error
    _refuse_values(table)
    return Telemetry(table)


def _refuse_schema(schema: pa.Schema) -> None:
    faults = []
    for name, wanted in COLUMNS.items():
        index = schema.get_field_index(name)
        if index < 0 and name in _MAY_BE_ABSENT and name not in schema.names:
            continue
        if index < 0:
            faults.append((f"/{name}", f"is missing (once, {wanted})"))
        elif schema.field(index).type != wanted:
            faults.append((f"/{name}", f"is {schema.field(index).type}, not {wanted}"))
    if faults:
        raise InvalidError(faults)


def _completed(table: pa.Table) -> pa.Table:
    for name, kind in _MAY_BE_ABSENT.items():
        if name not in table.schema.names:
            table = table.append_column(name, pa.nulls(table.num_rows, kind))
    return table


def _refuse_values(table: pa.Table) -> None:
    faults: list[tuple[str, str]] = []
    for name in _REQUIRED:
        if table[name].null_count:
            row = int(pc.index(pc.is_null(table[name]), pa.scalar(value=True)).as_py())
            faults.append((f"/{row}/{name}", "is null"))
    for name, (least, most) in _RANGES.items():
        column = table[name]
        outside = pc.or_(pc.less(column, pa.scalar(least)), pc.greater(column, pa.scalar(most)))
        faults += _first_fault(name, outside, f"is outside {least} to {most}")
    for name, allowed in _CHOICES.items():
        column = table[name]
        known = pc.is_in(column, value_set=pa.array(allowed))
        wrong = pc.and_(pc.is_valid(column), pc.invert(known))
        faults += _first_fault(name, wrong, f"is not one of {', '.join(allowed)}")
    half = pc.not_equal(pc.is_null(table["lon_e7"]), pc.is_null(table["lat_e7"]))
    faults += _first_fault("lat_e7", half, "and lon_e7 are null together or not at all")
    if faults:
        raise InvalidError(faults)


def _first_fault(name: str, wrong: Any, text: str) -> list[tuple[str, str]]:
    row = int(pc.index(wrong, pa.scalar(value=True)).as_py())
    return [(f"/{row}/{name}", text)] if row >= 0 else []
