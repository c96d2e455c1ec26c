"""SQL of the summary at the end of the term."""

from typing import Any, Final

from server.db import Connection, fetch_one

_FILE: Final = """
  SELECT s.org_id, s.is_minor, s.is_sealed, s.term_to, f.stage
  FROM subject s LEFT JOIN case_file f ON f.subject_id = s.id WHERE s.id = %s"""


async def file_of(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """Return whose a person's file is and how far it is; None: nobody's of the scope."""
    return await fetch_one(connection, _FILE, (subject_id,))
