"""SQL of where a person stands."""

from typing import Any

from server.db import Connection, fetch_one


async def lock_file(connection: Connection, subject_id: str) -> None:
    """Hold a file until the transaction ends."""
    await connection.execute(
        "SELECT FROM case_file WHERE subject_id = %s FOR UPDATE", (subject_id,)
    )


async def standing_row(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """Return the members of a Standing, None when the transaction does not see the file."""
    return await fetch_one(
        connection,
        "SELECT s.id AS subject_id, s.org_id, county_of(s.org_id) AS county_id, s.category,"
        " f.stage, s.is_minor, s.is_sealed, s.term_from, s.term_to, f.version"
        " FROM subject s JOIN case_file f ON f.subject_id = s.id WHERE s.id = %s",
        (subject_id,),
    )
