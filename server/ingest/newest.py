"""The newest report and the newest place of each device of a batch."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def newest_reports(table: pa.Table) -> pa.Table:
    """Return the newest row of each device, by the device's claims and not by arrival."""
    order = np.lexsort(
        (_plain(table, "seq"), _plain(table, "boot"), _plain(table, "fix_time_ms"), _codes(table))
    )
    devices = _codes(table)[order]
    is_last = np.ones(len(order), bool)
    is_last[:-1] = devices[1:] != devices[:-1]
    return table.take(order[is_last])


def newest_places(table: pa.Table) -> pa.Table:
    """Return the newest row of each device that has a place."""
    return newest_reports(table.filter(pc.is_valid(table["lon_e7"])))


def _codes(table: pa.Table) -> NDArray[Any]:
    coded: Any = table["device"].combine_chunks()
    codes: NDArray[Any] = coded.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    return codes


def _plain(table: pa.Table, name: str) -> NDArray[np.int64]:
    values: NDArray[np.int64] = table[name].to_numpy()
    return values
