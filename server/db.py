"""Two pools, one for each role, and one transaction per request with its scope set.

People are served as guitu_app, gateways as guitu_ingest. A transaction sees no row until its
scope is set: row-level security compares each row's organisation with it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[DictRow]
_Pool = AsyncConnectionPool[Connection]

EVERYTHING: Final = "/"
"""The scope of the server's own eyes: every organisation's path starts with it."""

# A pool that has lost its database tries for so long and then leaves it to the next request,
# which starts anew without the backoff that would outlast the outage.
_RECONNECT_S: Final = 2.0
_OPTIONS: Final = (
    "-c timezone=UTC -c statement_timeout=30s -c lock_timeout=10s"
    " -c idle_in_transaction_session_timeout=60s"
)
# A database whose machine vanished is noticed in 15 s, not in TCP's own two hours.
_ALIVE: Final = {
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
}


def client_dsn(dsn: str, *, name: str) -> str:
    """Return a connection string with this server's session settings."""
    return make_conninfo(dsn, application_name=name, options=_OPTIONS, connect_timeout=5, **_ALIVE)


class Database:
    """The server's connections."""

    def __init__(self, *, app_dsn: str, ingest_dsn: str, size: int, timeout_s: float) -> None:
        """Take the connection strings; nothing is opened yet."""
        self.app_dsn = app_dsn
        self._people = _pool(app_dsn, "guitu-people", size, timeout_s)
        self._gateways = _pool(ingest_dsn, "guitu-gateways", size, timeout_s)

    async def open(self) -> None:
        """Open both pools; a database that is away does not stop the start."""
        await self._people.open(wait=False)
        await self._gateways.open(wait=False)

    async def close(self) -> None:
        """Close both pools."""
        await self._people.close()
        await self._gateways.close()

    @asynccontextmanager
    async def people(self, scope: str = "") -> AsyncIterator[Connection]:
        """Open a transaction as guitu_app; committed at the end, rolled back on an error."""
        async with self._people.connection() as connection:
            await set_scope(connection, scope)
            yield connection

    @asynccontextmanager
    async def gateways(self, scope: str = "") -> AsyncIterator[Connection]:
        """Open a transaction as guitu_ingest; committed at the end, rolled back on an error."""
        async with self._gateways.connection() as connection:
            await set_scope(connection, scope)
            yield connection

    async def is_ready(self) -> bool:
        """Return whether both roles get in and the schema is there."""
        try:
            async with self.people() as connection:
                await connection.execute("SELECT FROM org LIMIT 1")
            async with self.gateways() as connection:
                await connection.execute("SELECT FROM gateway_mark LIMIT 1")
        except psycopg.Error:
            return False
        return True


async def set_scope(connection: Connection, scope: str) -> None:
    """Set the organisation path whose rows this transaction may see; empty means none."""
    await connection.execute("SELECT set_config('guitu.scope', %s, true)", (scope,))


async def fetch_one(
    connection: Connection, query: Any, parameters: Any = None
) -> dict[str, Any] | None:
    """Return the first row or None."""
    cursor = await connection.execute(query, parameters)
    return await cursor.fetchone()


async def fetch_all(
    connection: Connection, query: Any, parameters: Any = None
) -> list[dict[str, Any]]:
    """Return all rows; the query bounds how many."""
    cursor = await connection.execute(query, parameters)
    return await cursor.fetchall()


def _pool(dsn: str, name: str, size: int, timeout_s: float) -> _Pool:
    return AsyncConnectionPool(
        client_dsn(dsn, name=name),
        connection_class=AsyncConnection[DictRow],
        kwargs={"row_factory": dict_row},
        min_size=1,
        max_size=size,
        timeout=timeout_s,
        open=False,
        name=name,
        # Handing out a connection that died in an outage would fail a request that need not fail.
        check=AsyncConnectionPool.check_connection,
        reconnect_timeout=_RECONNECT_S,
    )
