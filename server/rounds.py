"""Work done in rounds: what is due is settled in batches until nothing is left, then a pause."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from server.db import Connection, open_all_files
from server.law.clocks import Rules
from server.parts import Parts
from server.supervised import attempted

Row = Mapping[str, Any]

_log = logging.getLogger(__name__)

_BATCHES_MAX: Final = 500
"""In a round; what is left waits for the next one."""
_RESTING_MAX: Final = 10_000
_FIRST_BACKOFF: Final = timedelta(seconds=10)
LONGEST_BACKOFF: Final = timedelta(minutes=10)


def backoff(failures: int) -> timedelta:
    """Return how long a row is left alone that failed so often: 10 s, doubled up to 10 minutes."""
    return min(_FIRST_BACKOFF * float(2 ** min(failures - 1, 10)), LONGEST_BACKOFF)


@dataclass(frozen=True, slots=True)
class Round:
    """A batch's transaction, in the scope of everything and with every file open.

    Attributes:
        now: Its instant, aware.
        most: So many rows at most are found.
        resting: Ids of rows that failed and are passed over.
        rules: Figures and days of each organisation, kept for as long as the transaction.
    """

    connection: Connection
    now: datetime
    most: int = 200
    resting: Sequence[str] = ()
    rules: Rules = field(default_factory=dict)


async def _nothing(_work: Round, _rows: Sequence[Row]) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Rows that fall due, and what is done with each.

    Attributes:
        name: In logs and metrics.
        find: Returns what is due, each with its `id`; passes over what another server has in hand,
            what rests, and what is settled already.
        settle: Settles one, in a savepoint of its own: what fails is undone and stops no other.
        finish: Called with those that were settled, last in the transaction.
        postpone: Keeps in the database until when a row that failed is left alone; None: every
            server keeps it to itself.
        most: Rows of a batch, which is one transaction.
    """

    name: str
    find: Callable[[Round], Awaitable[Sequence[Row]]]
    settle: Callable[[Round, Row], Awaitable[None]]
    finish: Callable[[Round, Sequence[Row]], Awaitable[None]] = _nothing
    postpone: Callable[[Round, Row, datetime], Awaitable[None]] | None = None
    most: int = 200


class Resting:
    """Rows that failed: each is left alone for a while, longer every time."""

    def __init__(self, most: int = _RESTING_MAX) -> None:
        """Begin with none, to keep so many at most."""
        self._most = most
        self._failed: dict[str, tuple[int, datetime]] = {}

    def ids(self, now: datetime) -> list[str]:
        """Return whom to pass over; what nobody has found again for long is forgotten."""
        forgotten = now - 6 * LONGEST_BACKOFF
        kept = {row_id: one for row_id, one in self._failed.items() if one[1] > forgotten}
        self._failed = kept
        return [row_id for row_id, (_, again_at) in kept.items() if again_at > now]

    def fails(self, row_id: str, now: datetime) -> datetime:
        """Note a failure; return until when the row rests. Where there are too many, one goes."""
        failures = self._failed.pop(row_id, (0, now))[0] + 1
        if len(self._failed) >= self._most:
            del self._failed[next(iter(self._failed))]
        again_at = now + backoff(failures)
        self._failed[row_id] = (failures, again_at)
        return again_at

    def works(self, row_id: str) -> None:
        """Forget the failures of a row that is settled."""
        self._failed.pop(row_id, None)


class Rounds:
    """One round after another; several servers at once pass over each other's rows.

    What fails with one row is undone, logged, counted and tried again later; the others go on,
    however many rows fail before them.
    """

    def __init__(self, parts: Parts, *dues: Due, every_s: float) -> None:
        """Take the parts, what is looked for, in this order, and the pause between rounds."""
        self._parts = parts
        self._dues = [(due, Resting()) for due in dues]
        self._every_s = every_s

    async def run(self) -> None:
        """Work for ever; an error ends it and the caller starts it again."""
        while True:
            await self.round()
            await asyncio.sleep(self._every_s)

    async def round(self) -> int:
        """Settle all that is due; return how many rows that were."""
        return sum([await self._all(due, resting) for due, resting in self._dues])

    async def _all(self, due: Due, resting: Resting) -> int:
        settled = 0
        for _ in range(_BATCHES_MAX):
            found, count = await self._batch(due, resting)
            settled += count
            if found < due.most:
                break
        if settled:
            _log.info("round work=%s rows=%d", due.name, settled)
        return settled

    async def _batch(self, due: Due, resting: Resting) -> tuple[int, int]:
        """Settle a batch; return how many rows were found and how many are settled."""
        now = self._parts.clock()
        async with self._parts.database.work() as connection:
            await open_all_files(connection)
            work = Round(connection, now, due.most, resting.ids(now))
            rows = await due.find(work)
            settled = []
            for row in rows:
                error = await attempted(connection, partial(due.settle, work, row))
                if error is None:
                    resting.works(str(row["id"]))
                    settled.append(row)
                else:
                    await self._failed(due, resting, work, row, error)
            await due.finish(work, settled)
        return len(rows), len(settled)

    async def _failed(
        self, due: Due, resting: Resting, work: Round, row: Row, error: Exception
    ) -> None:
        if due.postpone is None:
            again_at = resting.fails(str(row["id"]), work.now)
        else:
            again_at = work.now + LONGEST_BACKOFF
            await due.postpone(work, row, again_at)
        self._parts.metrics.rows_failed.labels(due.name).inc()
        again_in_s = (again_at - work.now).total_seconds()
        _log.error(
            "row_failed work=%s id=%s again_in_s=%d error=%s",
            *(due.name, row["id"], again_in_s, type(error).__name__),
            exc_info=error,
        )
