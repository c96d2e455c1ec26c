"""SQL of telling officers on their terminals."""

from server.db import Connection, fetch_one


async def device_of(connection: Connection, login: str) -> str | None:
    """Return the device that is bound to an officer now, the last one first."""
    row = await fetch_one(
        connection,
        "SELECT d.id FROM binding b JOIN device d ON d.id = b.device_id"
        " WHERE b.holder_kind = 'officer' AND b.holder_id = %s AND b.valid_from <= now()"
        " AND coalesce(b.valid_to, 'infinity') > now()"
        " AND d.kind IN ('terminal', 'recorder', 'phone')"
        " ORDER BY array_position(ARRAY['terminal', 'recorder', 'phone'], d.kind),"
        " b.valid_from DESC LIMIT 1",
        (login,),
    )
    return str(row["id"]) if row else None
