"""The next request of a stream, made of what the journal has beyond what the server took."""

from dataclasses import dataclass
from typing import Final, Literal

from gateway.attempt import Attempt
from gateway.errors import UplinkRefusedError
from gateway.journal.announced import Announced, decode_announced
from gateway.journal.entry import CHECKIN, LOCAL, MEDIA, decode_attempts
from gateway.journal.store import Journal
from gateway.journal.telling import Telling, decode_tellings
from gateway.uplink.encode import OUTCOMES_TYPE, TELEMETRY_TYPE, encode_outcomes, encode_telemetry

Stream = Literal["outcomes", "telemetry"]

ENTRIES_MAX: Final = 2_000
_MARK_EVERY: Final = 500
"""Entries with nothing to send before the stream's mark is moved past them."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a stream goes on: entry `first`, of which `sent` outcomes are there already."""

    first: int
    sent: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """A request.

    Attributes:
        path: Of the request, with its query.
        key: Idempotency key.
        content_type: Of the body.
        body: What is sent.
        through: The mark that the server answers when it has taken it.
        then: Where the stream goes on.
        is_full: A bound closed it: more is waiting.
        oldest_at_us: When the oldest of it was written; None when it holds nothing.
        newest_seq: Newest entry of the journal.
    """

    path: str
    key: str
    content_type: str
    body: bytes
    through: int
    then: Cursor
    is_full: bool
    oldest_at_us: int | None
    newest_seq: int


class BatchMaker:
    """Reads a journal for one stream."""

    def __init__(self, stream: Stream, *, gateway: str, journal: Journal) -> None:
        """Take whose stream it is and where it reads."""
        self._stream = stream
        self._gateway = gateway
        self._journal = journal

    def next(self, cursor: Cursor, most: int) -> Batch | None:
        """Return the batch at `cursor`, at most so many rows or outcomes; None: nothing to send.

        A telemetry entry is never cut: the first is taken whatever its size.

        Raises:
            UplinkRefusedError: The journal begins after `cursor`.
        """
        sizes = self._journal.sizes(cursor.first - 1, ENTRIES_MAX)
        if not sizes:
            return None
        if sizes[0][0] != cursor.first:
            raise UplinkRefusedError(
                f"the server has {self._stream} up to entry {cursor.first - 1}, this journal begins"
                f" at {sizes[0][0]}: the server went back to an older state. Restore what lies "
                "between from the gateway's backup, or register the gateway under a new name"
            )
        if self._stream == "telemetry":
            return self._telemetry(cursor, sizes, most)
        return self._outcomes(cursor, last=sizes[-1][0], most=most)

    def _telemetry(self, cursor: Cursor, sizes: list[tuple[int, int]], most: int) -> Batch | None:
        chosen = _within(sizes, most)
        is_full = len(chosen) < len(sizes) or len(sizes) == ENTRIES_MAX
        if not any(rows for _, rows in chosen) and len(chosen) < _MARK_EVERY:
            return None
        entries = self._journal.read(cursor.first - 1, len(chosen))
        oldest_at_us = next((entry.at_us for entry in entries if entry.rows), None)
        body = encode_telemetry(entries)
        return self._batch(cursor, chosen[-1][0], body, oldest_at_us=oldest_at_us, is_full=is_full)

    def _outcomes(self, cursor: Cursor, *, last: int, most: int) -> Batch | None:
        found = self._journal.outcomes_from(cursor.first, cursor.sent, last, most + 1)
        is_full = len(found) > most
        if is_full:
            last = found[most][0] - 1
            if last < cursor.first:
                last, found = cursor.first, found[:most]
                return self._part(cursor, encode_outcomes(found, self._gateway), len(found))
            found = [(seq, outcome) for seq, outcome in found if seq <= last]
        told = self._tellings(cursor.first, last)
        held = self._announced(cursor.first, last)
        judged = self._judged(cursor.first, last)
        firsts = (*found[:1], *told[:1], *held[:1], *judged[:1])
        if not (firsts or cursor.sent) and last - cursor.first + 1 < _MARK_EVERY:
            return None
        oldest = min((seq for seq, _ in firsts), default=None)
        oldest_at_us = None if oldest is None else self._journal.written_at_us(oldest)
        body = encode_outcomes(found, self._gateway, told, held, judged)
        return self._batch(cursor, last, body, oldest_at_us=oldest_at_us, is_full=is_full)

    def _tellings(self, first: int, last: int) -> list[tuple[int, Telling]]:
        entries = self._journal.read_kind(LOCAL, first, last)
        return [(entry.seq, one) for entry in entries for one in decode_tellings(entry.body)]

    def _announced(self, first: int, last: int) -> list[tuple[int, Announced]]:
        entries = self._journal.read_kind(MEDIA, first, last)
        return [(entry.seq, one) for entry in entries for one in decode_announced(entry.body)]

    def _judged(self, first: int, last: int) -> list[tuple[int, Attempt]]:
        entries = self._journal.read_kind(CHECKIN, first, last)
        return [(entry.seq, one) for entry in entries for one in decode_attempts(entry.body)]

    def _part(self, cursor: Cursor, body: bytes, count: int) -> Batch:
        entry, sent = cursor.first, cursor.sent
        return Batch(
            path=f"/api/v1/gateway/outcomes/part?entry={entry}",
            key=f"{self._gateway}/outcomes/{entry}+{sent}",
            content_type=OUTCOMES_TYPE,
            body=body,
            through=entry - 1,
            then=Cursor(entry, sent + count),
            is_full=True,
            oldest_at_us=self._journal.written_at_us(entry),
            newest_seq=self._journal.newest_seq(),
        )

    def _batch(
        self,
        cursor: Cursor,
        last: int,
        body: bytes,
        *,
        oldest_at_us: int | None,
        is_full: bool,
    ) -> Batch:
        first, stream = cursor.first, self._stream
        return Batch(
            path=f"/api/v1/gateway/{stream}?first={first}&last={last}",
            key=f"{self._gateway}/{stream}/{first}-{last}",
            content_type=TELEMETRY_TYPE if stream == "telemetry" else OUTCOMES_TYPE,
            body=body,
            through=last,
            then=Cursor(last + 1),
            is_full=is_full,
            oldest_at_us=oldest_at_us,
            newest_seq=self._journal.newest_seq(),
        )


def _within(sizes: list[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    total = 0
    for index, (_, rows) in enumerate(sizes):
        total += rows
        if total > most and index:
            return sizes[:index]
    return sizes
