"""Who looked at one's own data, for the supervised person."""

from datetime import datetime
from typing import Any, Final

from server.auth.person import Desk
from server.cursor import page_of
from server.looks import own_store
from server.policies.store import policy_of

_NOT_TOLD: Final = ("missing", "measure", "oversight", "audit")
"""What the person must not be warned of, or what is another authority's to tell."""


async def looks(desk: Desk, *, before: tuple[datetime, int] | None, limit: int) -> dict[str, Any]:
    """Return looks at the own track and fields, newest first, as `OwnLooks` has them."""
    policy = await policy_of(desk.connection, desk.person.org_id, desk.now)
    if not policy.number("own_looks_shown"):
        return {"is_shown": False, "items": [], "next_cursor": None}
    rows = await own_store.page(
        desk.connection, desk.person.subject_id or "", _NOT_TOLD, before=before, limit=limit + 1
    )
    return {"is_shown": True} | page_of(rows, limit, "at", "id")
