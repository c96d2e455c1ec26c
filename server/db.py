"""Three pools, one for each role, and one transaction per request with its scope open.

People are served as guitu_app, gateways as guitu_ingest. A transaction of theirs sees no row until
a proof has opened its scope: a session's or a gateway's, which `server.auth.store` presents. The
server's own work is guitu_worker's, whose login is the proof; it acts as one of the other two.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

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

    def __init__(
        self, *, app_dsn: str, ingest_dsn: str, worker_dsn: str, size: int, timeout_s: float
    ) -> None:
        """Take the connection strings; nothing is opened yet."""
        self.worker_dsn = worker_dsn
        self._people = _pool(app_dsn, "guitu-people", size, timeout_s)
        self._gateways = _pool(ingest_dsn, "guitu-gateways", size, timeout_s)
        self._worker = _pool(worker_dsn, "guitu-worker", size, timeout_s)

    async def open(self) -> None:
        """Open the pools; a database that is away does not stop the start."""
        for pool in (self._people, self._gateways, self._worker):
            await pool.open(wait=False)

    async def close(self) -> None:
        """Close the pools."""
        for pool in (self._people, self._gateways, self._worker):
            await pool.close()

    @asynccontextmanager
    async def people(self) -> AsyncIterator[Connection]:
        """Open a transaction as guitu_app; committed at the end, rolled back on an error."""
        async with self._people.connection() as connection:
            yield connection

    @asynccontextmanager
    async def gateways(self) -> AsyncIterator[Connection]:
        """Open a transaction as guitu_ingest; committed at the end, rolled back on an error."""
        async with self._gateways.connection() as connection:
            yield connection

    @asynccontextmanager
    async def work(self, scope: str = EVERYTHING) -> AsyncIterator[Connection]:
        """Open a transaction of the server's own, with guitu_app's rights, in a scope."""
        async with self._worker.connection() as connection:
            await set_scope(connection, scope, role="guitu_app")
            yield connection

    @asynccontextmanager
    async def upkeep(self, scope: str = EVERYTHING) -> AsyncIterator[Connection]:
        """Open a transaction of the server's own, with guitu_ingest's rights, in a scope."""
        async with self._worker.connection() as connection:
            await set_scope(connection, scope, role="guitu_ingest")
            yield connection

    @asynccontextmanager
    async def entrance(self, scope: str = "") -> AsyncIterator[Connection]:
        """Open a transaction for who has no session yet: accounts are looked up, sessions made."""
        async with self._worker.connection() as connection:
            await set_scope(connection, scope)
            yield connection


async def set_scope(connection: Connection, scope: str, *, role: str | None = None) -> None:
    """Set the organisation path whose rows this transaction may see; empty means none.

    On a connection of guitu_worker or the owner only: on any other the path opens nothing.

    Args:
        connection: Of guitu_worker or the owner.
        scope: The path.
        role: Whose rights the transaction has; None: those of the login.
    """
    await connection.execute(
        "SELECT set_config('role', coalesce(%s, current_setting('role')), true),"
        " set_config('guitu.scope', %s, true)",
        (role, scope),
    )


async def open_files(connection: Connection, login: str, at: datetime) -> frozenset[str]:
    """Open the closed files that a login may see at an instant; return their subjects."""
    row = await fetch_one(
        connection,
        "SELECT opened, set_config('guitu.opened', array_to_string(opened, ','), true)"
        " FROM files_open_to(%s, %s) opened",
        (login, at),
    )
    return frozenset(row["opened"] if row else ())


async def open_file(connection: Connection, subject_id: str) -> None:
    """Open one more closed file to this transaction; its answer must not show the file."""
    await connection.execute(
        "SELECT set_config('guitu.opened', concat_ws(',',"
        " nullif(current_setting('guitu.opened', true), ''), %s::text), true)",
        (subject_id,),
    )


async def open_all_files(connection: Connection) -> None:
    """Open every closed file to this transaction: for work whose answer shows none of them."""
    await connection.execute("SELECT set_config('guitu.opened', '*', true)")


async def close_files(connection: Connection) -> None:
    """Close every closed file to this transaction, whatever was open: for what leaves here."""
    await connection.execute("SELECT set_config('guitu.opened', '', true)")


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
