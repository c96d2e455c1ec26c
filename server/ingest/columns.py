"""The columns of a telemetry body (docs/wire/uplink-v1.md): their names and types."""

from typing import Any, Final

import pyarrow as pa

from server.arrow_stream import refuse_inflated
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
REQUIRED: Final = tuple(_REQUIRED)
"""Columns that hold no null."""

COLUMNS: Final[dict[str, pa.DataType]] = {**_REQUIRED, **_NULLABLE, **_MAY_BE_ABSENT}


_ROW_BYTES: Final = 1_024
"""Inflated, more than a row of bounded names has."""


def parse_telemetry(body: bytes, *, most: int) -> pa.Table:
    """Return the columns of an Arrow IPC stream.

    Raises:
        InvalidError: It is not such a stream, or a column is not the page's; the text says which.
        TooLargeError: More than `most` rows, or more bytes than so many have.
    """
    refuse_inflated(body, most=most * _ROW_BYTES)
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
    return table


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
