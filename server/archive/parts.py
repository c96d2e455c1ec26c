"""What a segment is made of once it is split: a frame that is nobody's, and parts of owners.

The reports of all entries are one matrix of bytes, a row for each report; what its columns mean is
the gateway's business, except whose a row is, when, and whether it says a place.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

BATCH = "batch"
"""Kind of the entries that hold reports."""

NAME = msgspec.Meta(pattern=r"^[^\0]*$", max_length=200)
"""A name in a body: the database takes no NUL in a text."""

Cells = NDArray[np.uint8]
_Name = Annotated[str, NAME]
PartyNames = tuple[_Name, _Name, Literal["subject", "officer", "protected"], _Name]
"""org, device, holder kind, holder. Frames and directories have keys of kinds of their own, which
no report may claim."""


class Batch(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """Body of a batch entry: the party table, the columns as bytes, refusals by reason."""

    parties: list[PartyNames]
    columns: dict[str, bytes]
    refused: dict[str, int]


class BatchFrame(msgspec.Struct, array_like=True):
    """What of a batch entry is nobody's: how many parties its table has, refusals by reason."""

    entry: int
    parties: int
    refused: dict[str, int]


class Frame(msgspec.Struct, array_like=True):
    """What of a segment is nobody's.

    Attributes:
        entries: (number, kind, at_us, reports) of every entry.
        columns: Name and width in bytes of each column of its batches.
        batches: The batch entries.
        bodies: (entry, body) of the entries that say nothing about a person.
    """

    entries: list[tuple[int, str, int, int]]
    columns: list[tuple[str, int]]
    batches: list[BatchFrame]
    bodies: list[tuple[int, bytes]]


class Part(msgspec.Struct, array_like=True):
    """What of a segment is one owner's.

    Attributes:
        rows: Indices of its reports among all of the segment, little-endian uint32.
        cells: The reports' bytes, all columns side by side.
        parties: (entry, index in its table, names) of its reports.
        outcomes: (entry, number in it, body).
        bodies: (entry, body).
    """

    rows: bytes = b""
    cells: bytes = b""
    parties: list[tuple[int, int, PartyNames]] = []
    outcomes: list[tuple[int, int, bytes]] = []
    bodies: list[tuple[int, bytes]] = []


def cut(columns: Sequence[tuple[str, int]], cells: Cells) -> Iterator[tuple[str, Cells]]:
    """Yield each column's name and its bytes of every row, shape (n, width)."""
    begin = 0
    for name, width in columns:
        yield name, cells[:, begin : begin + width]
        begin += width
