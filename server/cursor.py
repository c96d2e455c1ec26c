"""Lists in pages: what a list is asked with, and the opaque cursor where its next page begins.

A cursor is the sort key of the last row of a page, so that rows which come or go meanwhile shift
nothing.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import Query

from server.errors import InvalidError

Cursor = Annotated[str | None, Query(max_length=300)]
NameCursor = Annotated[str | None, Query(max_length=1000)]
"""Of a list in the order of names: a name's sort key is the longest there is."""
Limit = Annotated[int, Query(ge=1, le=200)]
OfSubject = Annotated[str | None, Query(max_length=40)]
"""Narrows a list to one person."""


def _aware(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("no offset")
    return instant


_READ: Final[dict[type, Callable[[str], Any]]] = {
    datetime: _aware,
    date: date.fromisoformat,
    bytes: bytes.fromhex,
}
"""How a part is read back that JSON holds as a text."""


def encode_cursor(*key: str | float | bytes | date | datetime) -> str:
    """Return the cursor that stands for a row's sort key."""
    text = json.dumps(key, default=_written, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """Return the sort key of a cursor, None of none.

    Args:
        cursor: As it was asked; an empty one is none.
        kinds: The type of each part of the key; instants are aware.

    Raises:
        InvalidError: It is not one of this list's.
    """
    if not cursor:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(key, list) or [type(part) for part in key] != [
            str if kind in _READ else kind for kind in kinds
        ]:
            raise _not_ours()
        return tuple(
            _READ[kind](part) if kind in _READ else part
            for kind, part in zip(kinds, key, strict=True)
        )
    except (binascii.Error, ValueError) as error:
        raise _not_ours() from error


def decode_instant_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """Return the (instant, id) of a cursor, None of none.

    Raises:
        InvalidError: It is not one of this list's.
    """
    return decode_cursor(cursor, datetime, str)


def decode_id_cursor(cursor: str | None) -> int | None:
    """Return the id of a cursor, None of none.

    Raises:
        InvalidError: It is not one of this list's.
    """
    key = decode_cursor(cursor, int)
    return key[0] if key else None


def page_of(rows: Sequence[dict[str, Any]], limit: int, *key: str) -> dict[str, Any]:
    """Return a page of rows of which one more than `limit` was asked for.

    Args:
        rows: In the order of the list.
        limit: Most rows of the page.
        key: The members that the rows are sorted by; together they tell rows apart.
    """
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = encode_cursor(*(last[name] for name in key)) if last else None
    return {"items": rows[:limit], "next_cursor": next_cursor}


def _written(part: bytes | date | datetime) -> str:
    return part.hex() if isinstance(part, bytes) else part.isoformat()


def _not_ours() -> InvalidError:
    return InvalidError([("cursor", "is not a next_cursor of this list")])
