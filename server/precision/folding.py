"""Adds what moves of alerts appended into the tallies, so that counting stays cheap."""

import asyncio
from typing import Final

from server.db import Database
from server.precision import store

_MOST_AT_ONCE: Final = 5000


class Folding:
    """One round after another; of several servers one folds at a time."""

    def __init__(self, database: Database, *, every_s: float) -> None:
        """Take the database."""
        self._database = database
        self._every_s = every_s

    async def run(self) -> None:
        """Work for ever; an error ends it and the caller starts it again."""
        while True:
            await self.round()
            await asyncio.sleep(self._every_s)

    async def round(self) -> int:
        """Fold all there is; return how many changes that were."""
        folded = 0
        while count := await self._some():
            folded += count
            if count < _MOST_AT_ONCE:
                break
        return folded

    async def _some(self) -> int:
        async with self._database.work() as connection:
            return await store.fold(connection, _MOST_AT_ONCE)
