"""Opaque page cursors: what the last row of a page was, so that the next page starts after it."""

import base64
import binascii
import json
from typing import Any

from server.errors import InvalidError


def encode_cursor(*key: str | int) -> str:
    """Return the cursor that stands for a row's sort key."""
    text = json.dumps(key, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """Return the sort key of a cursor.

    Raises:
        InvalidError: It is not one of ours.
    """
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise _not_ours() from error
    is_ours = isinstance(key, list) and [type(part) for part in key] == list(kinds)
    if not is_ours:
        raise _not_ours()
    return tuple(key)


def _not_ours() -> InvalidError:
    return InvalidError([("cursor", "is not a next_cursor of this list")])
