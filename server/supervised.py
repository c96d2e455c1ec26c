"""Tries a piece of work apart, so that what it breaks is undone and the rest goes on."""

from collections.abc import Awaitable, Callable
from typing import Final

from psycopg import OperationalError

from server.db import Connection

# What waits for the commit to be checked would undo the others' work with it.
_CHECK_NOW: Final = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"


async def attempted(
    connection: Connection, work: Callable[[], Awaitable[None]]
) -> Exception | None:
    """Do work in a savepoint of its own; return what ended it, None when it is done.

    Raises:
        psycopg.OperationalError: The connection is lost: nothing can be told apart any more.
    """
    try:
        async with connection.transaction():
            await work()
            await connection.execute(_CHECK_NOW)
    except OperationalError as error:
        if connection.closed or connection.broken:
            raise
        return error
    except Exception as error:  # noqa: BLE001 - whatever it is, the next one is not to suffer
        return error
    return None
