"""Choosing between two columns by a condition that mostly holds everywhere or nowhere."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geofence.arrays import BoolArray


def chosen(where: BoolArray, these: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
    """Return np.where(where, these, others); most often it is one of the two, as it is.

    The result may be one of the arguments: it must not be written to.
    """
    count = np.count_nonzero(where)
    if these.dtype == others.dtype:
        if not count:
            return others
        if count == len(where):
            return these
    return np.where(where, these, others)
