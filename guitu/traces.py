"""What a log says of an exception: where it came from and of which type, not what it holds.

The text of a foreign exception repeats its input: a database's names the row, a parser's the body.
"""

import traceback
from collections.abc import Iterator
from typing import Final

_MOST_CAUSES: Final = 5
# Their own contract is that no text of theirs holds personal data (errors.py of each).
_OWN: Final = ("guitu.", "server.", "gateway.", "device_sims.")


def trace_of(error: BaseException) -> str:
    """Return frames and types of an exception and its causes, the last cause last."""
    return "caused by\n".join(_one(one) for one in _chain(error))


def said_of(error: BaseException) -> str:
    """Return an exception's type, and of its text what cannot be about a person."""
    kind = type(error)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    if kind.__module__.startswith(_OWN):
        return f"{name}: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}"
    # PostgreSQL's own word for what happened (psycopg); DETAIL and the text hold values.
    state = getattr(error, "sqlstate", None)
    return f"{name}: SQLSTATE {state}" if isinstance(state, str) else name


def _one(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__)) + said_of(error) + "\n"


def _chain(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if found is None:
            return
        yield found
        hidden = None if found.__suppress_context__ else found.__context__
        found = found.__cause__ or hidden
