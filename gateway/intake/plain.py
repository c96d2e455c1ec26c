"""Reports that are nothing out of the ordinary, taken by columns.

Most are of one holder under one order, of the past, and in bounds. They stay columns from the wire
to the journal. What is not so is odd, and goes the way of single records, which is the oracle.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_protocols.codec import AckRange, Codec, Context
from firmware_protocols.columns import KINDS, PRESENT, Rows, absent_rows
from gateway.columns import Party, ReportColumns
from gateway.intake.addressed import Addressed
from gateway.intake.lawfulness import Lawfulness
from gateway.intake.row_columns import columns_from_rows
from gateway.intake.soundness import FULL_PCT, MAX_LAT_DEG, MAX_LON_DEG, NUMBER_BITS

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_US_PER_MS: Final = 1_000
_NO_CONTEXT: Final = Context()
_FIX: Final = KINDS.index("fix")
_ODD, _UNORDERED = -1, -2

party_of = lru_cache(maxsize=65_536)(Party)


@dataclass(frozen=True, slots=True)
class RowBatch:
    """The reports of the messages whose codec gives columns, n rows.

    Attributes:
        rows: In the order of the messages.
        message: Index of each row's message.
        nth: Place of each row in its message.
        taken: The messages that they are of, with all that they say.
    """

    rows: Rows
    message: Ints
    nth: Ints
    taken: frozenset[int]

    def rows_of(self, message: int) -> Rows:
        """Return the rows of one message."""
        begin, end = np.searchsorted(self.message, (message, message + 1)).tolist()
        found: Rows = self.rows[begin:end]
        return found


@dataclass(frozen=True, slots=True)
class Plain:
    """What of a row batch was taken by columns.

    Attributes:
        columns: The accepted reports.
        message: Index of each one's message.
        nth: Its place in the message.
        odd: The rows that must be looked at one by one, as indices.
        counts: Reports by refusal reason.
    """

    columns: ReportColumns
    message: Ints
    nth: Ints
    odd: Ints
    counts: Counter[str]


def read_rows(messages: Sequence[Addressed | None]) -> RowBatch:
    """Return the reports of messages through arrays, as far as their codecs can.

    Args:
        messages: None in place of a message that is refused.
    """
    by_codec: dict[str, tuple[Codec, list[int]]] = {}
    for index, one in enumerate(messages):
        if one is not None and one.message.fault is None and one.codec.columns is not None:
            by_codec.setdefault(one.codec.name, (one.codec, []))[1].append(index)
    rows, origins, taken = [absent_rows(0)], [np.zeros(0, np.int64)], set[int]()
    for codec, members in by_codec.values():
        held = [one.message for index in members if (one := messages[index]) is not None]
        contexts = [message.context or _NO_CONTEXT for message in held]
        if codec.columns is not None:
            batch = codec.columns([message.payload for message in held], contexts)
            place = np.array(members, np.int64)
            rows.append(batch.rows)
            origins.append(place[batch.payload])
            taken |= {*members} - {members[index] for index in batch.rest}
    if len(by_codec) == 1:
        found, message = rows[1], origins[1]
    else:
        message = np.concatenate(origins)
        order = np.argsort(message, kind="stable")
        found, message = np.concatenate(rows)[order], message[order]
    begins = np.searchsorted(message, message)
    return RowBatch(found, message, np.arange(len(message)) - begins, frozenset(taken))


def take_plain(
    batch: RowBatch,
    messages: Sequence[Addressed | None],
    lawfulness: Lawfulness,
    parties: dict[Party, int],
    *,
    tolerance_ms: int,
) -> Plain:
    """Take what of the rows is plain.

    Args:
        batch: What `read_rows` returned.
        messages: What it was given.
        lawfulness: Judges whose the rows are, and whether their places may be kept.
        parties: Party table; grows by the parties of the rows.
        tolerance_ms: A fix time further ahead of our clock is odd.
    """
    rows, counts = batch.rows, Counter[str]()
    standing, received_at_us = _standings(batch, messages, lawfulness, parties)
    odd = (standing == _ODD) | _is_unsound(rows)
    odd |= rows["fix_time_ms"] - received_at_us // _US_PER_MS > tolerance_ms
    is_unordered = standing == _UNORDERED
    odd |= is_unordered & (rows["alarms"] != 0)  # they alone are kept
    plain = ~odd
    invalid = int(np.count_nonzero(plain & ~rows["valid"] & (rows["kind"] == _FIX)))
    unordered = int(np.count_nonzero(plain & is_unordered))
    counts.update({"invalid_fix": invalid} if invalid else {})
    counts.update({"no_order": unordered} if unordered else {})
    plain &= ~is_unordered
    if not plain.all():
        rows, standing, received_at_us = rows[plain], standing[plain], received_at_us[plain]
    columns = columns_from_rows(rows, standing.astype(np.int32), received_at_us)
    return Plain(columns, batch.message[plain], batch.nth[plain], np.flatnonzero(odd), counts)


def _standings(
    batch: RowBatch,
    messages: Sequence[Addressed | None],
    lawfulness: Lawfulness,
    parties: dict[Party, int],
) -> tuple[Ints, Ints]:
    """Return for each row its party, _ODD or _UNORDERED; and when its message came, our clock."""
    if not len(batch.rows):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    begins = np.flatnonzero(batch.nth == 0)
    fix_time_ms = np.ascontiguousarray(batch.rows["fix_time_ms"])
    first_ms = np.minimum.reduceat(fix_time_ms, begins).tolist()
    last_ms = np.maximum.reduceat(fix_time_ms, begins).tolist()
    standing, received_at_us = [], []
    for index, begin_ms, end_ms in zip(
        batch.message[begins].tolist(), first_ms, last_ms, strict=True
    ):
        one = messages[index]
        if one is None:
            raise AssertionError("only addressed messages have rows")
        received_at_us.append(one.message.received_at_us)
        held = lawfulness.standing_over(one.topic.device, one.topic.kind, begin_ms, end_ms)
        if held is None:
            standing.append(_ODD)
        elif not held.keeps_places:
            standing.append(_UNORDERED)
        else:
            who = held.binding
            party = party_of(one.device.org, one.topic.device, who.holder_kind, who.holder)
            standing.append(parties.setdefault(party, len(parties)))
    sizes = np.diff(begins, append=len(batch.rows))
    return (
        np.repeat(np.array(standing, np.int64), sizes),
        np.repeat(np.array(received_at_us, np.int64), sizes),
    )


def _is_unsound(rows: Rows) -> Bools:
    """Return which rows `soundness.sound` would refuse or change, but for an invalid position."""
    said = rows["present"]
    battery = rows["battery_pct"]
    is_bad = ((rows["boot"] | rows["seq"]) >> NUMBER_BITS) != 0
    is_bad |= ((said & PRESENT["battery_pct"]) != 0) & ((battery < 0) | (battery > FULL_PCT))
    on_globe = (np.abs(rows["longitude_deg"]) <= MAX_LON_DEG) & (
        np.abs(rows["latitude_deg"]) <= MAX_LAT_DEG
    )
    is_bad |= ((said & PRESENT["position"]) != 0) & ~on_globe
    found: Bools = is_bad
    return found


def ranges_of(batch: RowBatch) -> list[tuple[int, AckRange]]:
    """Return runs of consecutive reports: index of the message, and what it is acknowledged by."""
    message, boot, seq = batch.message, batch.rows["boot"], batch.rows["seq"]
    edges = _edges(message, boot, seq)
    if len(edges) > 2 * len(batch.taken):  # newest first, perhaps
        order = np.lexsort((seq, boot, message))
        message, boot, seq = message[order], boot[order], seq[order]
        edges = _edges(message, boot, seq)
    begins = np.r_[0, edges][: len(seq)]
    ends = np.r_[edges, len(seq)][: len(seq)] - 1
    columns = (message[begins], boot[begins], seq[begins], seq[ends])
    return [(m, (b, f, e)) for m, b, f, e in zip(*(c.tolist() for c in columns), strict=True)]


def _edges(message: Ints, boot: Ints, seq: Ints) -> NDArray[np.intp]:
    follows = (np.diff(message) == 0) & (np.diff(boot) == 0) & (np.diff(seq) == 1)
    return np.flatnonzero(~follows) + 1
