"""SQL that notes for which hours of which devices rows came; they are counted by upkeep."""

from typing import Final

import numpy as np
import pyarrow as pa

from server.db import Connection

HOUR_MS: Final = 3_600_000

_NOTE: Final = """
  SELECT note_position_hours(array_agg(w.device), array_agg(to_timestamp(w.hour_s)))
  FROM unnest(%s::text[], %s::bigint[]) AS w (device, hour_s)"""

Hours = tuple[list[str], list[int]]
"""Devices, and the beginnings of hours, seconds since 1970 UTC; the same number of both."""


def hours_of(table: pa.Table) -> Hours:
    """Return the hours of a telemetry table's rows, each once."""
    coded = pa.chunked_array(table["device"]).combine_chunks().dictionary_encode()
    code = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    hour = table["fix_time_ms"].to_numpy() // HOUR_MS
    first = int(hour.min(initial=0))
    span = int(hour.max(initial=0)) - first + 1
    key = np.unique(code * span + (hour - first))
    names = coded.dictionary.to_pylist()
    return (
        [names[index] for index in (key // span).tolist()],
        ((key % span + first) * (HOUR_MS // 1_000)).tolist(),
    )


async def note_hours(connection: Connection, hours: Hours) -> None:
    """Have hours counted once they are over."""
    await connection.execute(_NOTE.encode(), hours)
