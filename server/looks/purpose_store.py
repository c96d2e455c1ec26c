"""SQL of what purposes belong to."""

from collections.abc import Mapping
from typing import Final, Literal

from server.db import Connection, fetch_one

RefKind = Literal["case", "alert", "task", "order", "missing", "leave", "check", "measure"]

_REFS: Final[Mapping[RefKind, str]] = {
    "case": "SELECT FROM subject WHERE id = %(ref)s AND id = %(subject)s",
    "alert": "SELECT FROM alert WHERE id = %(ref)s AND subject_id = %(subject)s",
    "task": "SELECT FROM dispatch_task t JOIN alert a ON a.id = t.alert_id"
    " WHERE t.id = %(ref)s AND a.subject_id = %(subject)s",
    "order": "SELECT FROM positioning_order WHERE id = %(ref)s AND subject_id = %(subject)s",
    "missing": "SELECT FROM missing_person WHERE id = %(ref)s AND subject_id = %(subject)s",
    "leave": "SELECT FROM leave_application WHERE id = %(ref)s AND subject_id = %(subject)s",
    "check": "SELECT FROM information_check WHERE id = %(ref)s AND subject_id = %(subject)s",
    "measure": "SELECT FROM measure WHERE id = %(ref)s AND subject_id = %(subject)s",
}


async def belongs(connection: Connection, kind: RefKind, ref: str, subject_id: str) -> bool:
    """Return whether something of the scope is a person's."""
    row = await fetch_one(connection, _REFS[kind], {"ref": ref, "subject": subject_id})
    return row is not None
