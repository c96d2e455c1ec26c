"""Whether this server can do its work on its database."""

import time
from dataclasses import dataclass
from functools import cache
from typing import Final

import psycopg

from server.db import Database, fetch_all, fetch_one
from server.errors import UnavailableError
from server.migrate import migration_files

_NO_WRITES: Final = "the database takes no writes: is it a standby?"


@dataclass(frozen=True, slots=True)
class Readiness:
    """A database that works.

    Attributes:
        clock_skew_s: How far its clock is before ours, as exactly as it answers quickly.
        unknown_migrations: How many it has run that this version does not have: a newer version
            has been here, and this one goes on beside it while it is replaced.
    """

    clock_skew_s: float
    unknown_migrations: int


async def readiness(database: Database) -> Readiness:
    """Ask the database as each role, and let it write.

    Raises:
        UnavailableError: It does not answer, takes no writes (a standby, a full disk), or lacks
            migrations of this version; the text says which.
    """
    wanted = _wanted()
    try:
        async with database.people() as connection:
            done = {
                row["name"]
                for row in await fetch_all(connection, "SELECT migrations_done() AS name")
            }
            asked_at = time.time()
            row = await fetch_one(
                # A transaction of its own number is written at its end: a standby refuses it, a
                # disk without room fails it.
                connection,
                "SELECT pg_current_xact_id(), extract(epoch FROM clock_timestamp())::float8 AS at,"
                " current_setting('transaction_read_only')::bool AS is_closed",
            )
            answered_at = time.time()
        async with database.gateways() as connection:
            await connection.execute("SELECT FROM gateway_mark LIMIT 1")
        async with database.work() as connection:
            await connection.execute("SELECT FROM org LIMIT 1")
    except (psycopg.errors.UndefinedFunction, psycopg.errors.UndefinedTable) as error:
        raise UnavailableError("the database is not migrated: run the migrations") from error
    except psycopg.errors.ReadOnlySqlTransaction as error:
        raise UnavailableError(_NO_WRITES) from error
    except psycopg.errors.DiskFull as error:
        raise UnavailableError("the database's disk is full") from error
    except psycopg.Error as error:
        raise UnavailableError("the database does not answer") from error
    if row is None or row["is_closed"]:
        raise UnavailableError(_NO_WRITES)
    if lacking := sorted(wanted - done):
        raise UnavailableError(
            f"the database lacks {len(lacking)} migrations, the first is {lacking[0]}: run them"
        )
    skew_s = row["at"] - (asked_at + answered_at) / 2
    return Readiness(round(skew_s, 3), len(done - wanted))


@cache
def _wanted() -> frozenset[str]:
    return frozenset(migration_files())
