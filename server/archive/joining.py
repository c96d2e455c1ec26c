"""Parts back to a segment: to the byte when all are there, as far as it goes when not."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from server.archive.parts import BATCH, BatchFrame, Cells, Frame, Part, PartyNames, cut
from server.archive.segment import Entry, EntryOutcome, Segment
from server.archive.splitting import Split
from server.errors import InvalidError

_NOBODY: Final = ("", "", "", "")


@dataclass(frozen=True, slots=True)
class Joined:
    """What could be put together again.

    Attributes:
        entries: Entries whose bodies are left. A batch may lack reports; it then has those that are
            left, and parties without names in place of the lost ones.
        whole: Numbers of the entries that are to the byte what they were.
        lost: Numbers of the entries of which no body is left.
        outcomes: The outcomes that are left.
    """

    entries: list[Entry]
    whole: frozenset[int]
    lost: frozenset[int]
    outcomes: list[EntryOutcome]


def join(frame: Frame, parts: Iterable[Part]) -> Joined:
    """Return what the given parts make of a segment."""
    total = sum(rows for _, kind, _, rows in frame.entries if kind == BATCH)
    cells = np.zeros((total, sum(width for _, width in frame.columns)), np.uint8)
    is_there = np.zeros(total, np.bool_)
    named: dict[int, dict[int, PartyNames]] = {}
    bodies = dict(frame.bodies)
    outcomes = []
    for part in parts:
        rows = np.frombuffer(part.rows, "<u4")
        cells[rows] = np.frombuffer(part.cells, np.uint8).reshape(len(rows), cells.shape[1])
        is_there[rows] = True
        for entry, index, party in part.parties:
            named.setdefault(entry, {})[index] = party
        bodies.update(part.bodies)
        outcomes += [EntryOutcome(*outcome) for outcome in part.outcomes]
    whole = set(bodies)
    counts = {seq: rows for seq, _, _, rows in frame.entries}
    begin = 0
    for batch in frame.batches:
        mine = slice(begin, begin + counts[batch.entry])
        begin = mine.stop
        names = named.get(batch.entry, {})
        bodies[batch.entry] = _body(frame, batch, names, cells[mine][is_there[mine]])
        if is_there[mine].all() and len(names) == batch.parties:
            whole.add(batch.entry)
    entries = [Entry(*head, bodies[head[0]]) for head in frame.entries if head[0] in bodies]
    return Joined(
        entries,
        frozenset(whole),
        frozenset(counts.keys() - bodies.keys()),
        sorted(outcomes, key=_place),
    )


def refuse_unequal(segment: Segment, found: Split) -> None:
    """Raise InvalidError unless the parts give the segment back, byte for byte."""
    joined = join(found.frame, found.parts.values())
    for entry, other in zip(segment.entries, joined.entries, strict=True):
        if entry != other:
            raise InvalidError([("/body", f"entry {entry.seq} cannot be kept byte for byte")])
    if sorted(segment.outcomes, key=_place) != joined.outcomes:
        raise InvalidError([("/body", "the outcomes cannot be kept byte for byte")])


def _place(outcome: EntryOutcome) -> tuple[int, int]:
    return outcome.seq, outcome.nth


def _body(frame: Frame, batch: BatchFrame, names: dict[int, PartyNames], cells: Cells) -> bytes:
    parties = [names.get(index, _NOBODY) for index in range(batch.parties)]
    columns = {name: column.tobytes() for name, column in cut(frame.columns, cells)}
    return msgspec.msgpack.encode((parties, columns, batch.refused))
