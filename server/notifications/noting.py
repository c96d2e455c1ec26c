"""Writes what became of messages: all that ended while others were written, in one transaction."""

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import psycopg

from server.db import Connection, Database
from server.metrics import Metrics
from server.notifications import worker_store
from server.notifications.claiming import Taken
from server.notifications.errors import RefusedSendError, SendError
from server.notifications.timing import Patience

_GATHER_S: Final = 0.03
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ended:
    taken: Taken
    error: SendError | None
    noted: "asyncio.Future[None]" = field(compare=False)


class Noting:
    """One process's results."""

    def __init__(self, database: Database, patience: Patience, metrics: Metrics) -> None:
        """Take the parts; nothing runs yet."""
        self._database = database
        self._patience = patience
        self._metrics = metrics
        self._waiting: list[_Ended] = []
        self._writer: asyncio.Task[None] | None = None

    async def note(self, taken: Taken, error: SendError | None) -> None:
        """Return when it is written that a message went through, or how it failed.

        Raises:
            psycopg.Error: It is not; the message goes out again when its lease has ended.
        """
        noted = asyncio.get_running_loop().create_future()
        self._waiting.append(_Ended(taken, error, noted))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        writer = self._writer
        await asyncio.wait((noted, writer), return_when=asyncio.FIRST_COMPLETED)
        # Whatever ended the writer ends who waits for it too; the lease ends by itself.
        await (noted if noted.done() else writer)

    async def _write(self) -> None:
        while self._waiting:
            # A transaction for each would cost a burst as much as sending it.
            await asyncio.sleep(_GATHER_S)
            batch, self._waiting = self._waiting, []
            if await self._written(batch) is not None and len(batch) > 1:
                # One that cannot be written keeps no other from it.
                for one in batch:
                    await self._written([one])

    async def _written(self, batch: Sequence[_Ended]) -> psycopg.Error | None:
        try:
            async with self._database.work() as connection:
                counts = await self._batch(connection, batch)
        except psycopg.Error as error:
            if len(batch) == 1:
                _settle(batch, error)
            return error
        for one in batch:
            self._tell(one, counts.get(one.taken.lease, 0))
        _settle(batch, None)
        return None

    async def _batch(self, connection: Connection, batch: Sequence[_Ended]) -> dict[str, int]:
        """Write results; return how many deliveries each lease was of."""
        through = [one.taken for one in batch if one.error is None]
        counts = await worker_store.deliver(connection, [taken.lease for taken in through])
        # In one order, so that no two processes wait for each other.
        answered = {taken.channel.id for taken in through}
        for one in sorted(batch, key=lambda one: one.taken.channel.id):
            if one.error is not None:
                counts[one.taken.lease] = await self._fail(connection, one.taken, one.error)
                if isinstance(one.error, RefusedSendError):
                    # A receiver that says no is there.
                    answered.add(one.taken.channel.id)
        await worker_store.count_success(connection, sorted(answered))
        return counts

    async def _fail(self, connection: Connection, taken: Taken, error: SendError) -> int:
        patience, channel_id, detail = self._patience, taken.channel.id, str(error)
        ids = await worker_store.leased(connection, taken.lease)
        if self._is_over(taken, error):
            await worker_store.give_up(connection, ids, detail)
        else:
            pause_s = patience.pause_s(taken.attempts, random.uniform)
            await worker_store.put_back(connection, ids, pause_s=pause_s, detail=detail)
        if not isinstance(error, RefusedSendError):
            failures = await worker_store.count_failure(connection, channel_id)
            if (rest_s := patience.rest_after_s(failures)) is not None:
                await worker_store.rest(connection, channel_id, rest_s)
        return len(ids)

    def _is_over(self, taken: Taken, error: SendError) -> bool:
        is_refused = isinstance(error, RefusedSendError)
        return is_refused or taken.attempts >= self._patience.most_attempts

    def _tell(self, one: _Ended, count: int) -> None:
        taken, error = one.taken, one.error
        if error is None:
            self._metrics.notifications.labels(taken.channel.kind, "delivered").inc(count)
            return
        is_over = self._is_over(taken, error)
        result = "dead" if is_over else "failed"
        self._metrics.notifications.labels(taken.channel.kind, result).inc(count)
        self._metrics.notifications_dead.inc(count if is_over else 0)
        _log.warning(
            "notification_%s channel=%s attempts=%d detail=%s",
            result,
            taken.channel.id,
            taken.attempts,
            error,
        )


def _settle(batch: Sequence[_Ended], error: Exception | None) -> None:
    for one in batch:
        if one.noted.done():
            continue
        if error is None:
            one.noted.set_result(None)
        else:
            one.noted.set_exception(error)
