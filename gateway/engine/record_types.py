"""Types of stored records, and reading what a build with other rules has stored: by field names."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def described(dtype: np.dtype[Any]) -> list[Any]:
    """Return a record type as values that msgpack can carry: name, type and shape of each field."""
    found = []
    for name in dtype.names or ():
        field = dtype[name]
        of = described(field.base) if field.base.names else field.base.str
        found.append([name, of, list(field.shape)])
    return found


def dtype_of(fields: Sequence[Any]) -> np.dtype[Any]:
    """Return the record type that `described` told."""
    return np.dtype(
        [
            (name, of if isinstance(of, str) else dtype_of(of), tuple(shape))
            for name, of, shape in fields
        ]
    )


def carried_over(records: NDArray[Any], fresh: NDArray[Any]) -> NDArray[Any]:
    """Return records as another type has them, writable.

    Args:
        records: Shape (n,).
        fresh: A record of that type, shape (1,): what fields hold that `records` has not, or has of
            another type. Fields that it has not itself are left out.
    """
    if records.dtype == fresh.dtype:
        return records.copy()
    out = np.repeat(fresh, len(records))
    for name in fresh.dtype.names or ():
        if name not in (records.dtype.names or ()):
            continue
        new, old = fresh.dtype[name], records.dtype[name]
        if new == old:
            out[name] = records[name]
        elif new.names and old.names:
            out[name] = carried_over(records[name], fresh[name])
    return out
