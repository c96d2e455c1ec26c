"""A database whose connection dies before its n-th statement, as with a process that is killed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import dict_row

from server.db import EVERYTHING, set_scope


class Killed(BaseException):
    """No error that anything handles: the process is gone."""


class Mortal:
    """What a worker needs of the database; after so many statements there is nobody any more."""

    def __init__(self, dsn: str, *, statements: int) -> None:
        self.dsn = dsn
        self.left = statements

    def spend(self) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1

    @asynccontextmanager
    async def work(self, scope: str = EVERYTHING) -> AsyncIterator[Any]:
        life = self

        class Cursor(AsyncCursor[dict[str, Any]]):
            async def execute(self, *given: Any, **named: Any) -> Any:
                life.spend()
                return await super().execute(*given, **named)

            async def executemany(self, *given: Any, **named: Any) -> Any:
                life.spend()
                return await super().executemany(*given, **named)

        connection = await AsyncConnection.connect(self.dsn, row_factory=dict_row)
        connection.cursor_factory = Cursor
        async with connection:
            await set_scope(connection, scope, role="guitu_app")
            yield connection
