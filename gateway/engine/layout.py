"""What a stored state depends on besides the rules."""

import hashlib
from typing import Final

from gateway.engine.history.block import ROW
from gateway.engine.streaks import STREAK

_LAYOUT: Final = 6
"""Of the parts of a dump that are no arrays."""


def layout() -> str:
    """Return what the bytes of a dump depend on: the columns of a report, and _LAYOUT.

    What rules remember is stored by field names: a build with other rules reads it.
    """
    parts = ROW, STREAK
    return hashlib.sha256(repr([_LAYOUT, *(part.descr for part in parts)]).encode()).hexdigest()
