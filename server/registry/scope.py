"""What the database refuses for lying outside the caller's scope, as a fault of the file."""

from collections.abc import Awaitable

import psycopg

from server.errors import InvalidError
from server.registry.store import Changed


async def in_scope(section: str, writing: Awaitable[Changed]) -> Changed:
    """Return what was written.

    Raises:
        InvalidError: A row of the section is another scope's.
    """
    # Row-level security refuses to touch a row of an organisation outside the scope, and a
    # caller who cannot see that row cannot know that its id is taken.
    try:
        return await writing
    except psycopg.errors.InsufficientPrivilege as error:
        text = "an id is taken by an organisation outside your scope"
        raise InvalidError([(f"/{section}", text)]) from error
