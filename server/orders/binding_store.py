"""SQL of wristbands on people; the database itself keeps every binding within orders."""

from datetime import datetime
from typing import Any

from server.db import Connection, fetch_one


async def device(connection: Connection, device_id: str) -> dict[str, Any] | None:
    """Return a device, locked, with what holds it now or later."""
    return await fetch_one(
        connection,
        "SELECT d.id, d.org_id AS org, d.kind FROM device d WHERE d.id = %s FOR UPDATE",
        (device_id,),
    )


async def bind(connection: Connection, device_id: str, subject_id: str, at: datetime) -> None:
    """Bind a device to a person from an instant until the person's orders end."""
    await connection.execute(
        "INSERT INTO binding (org_id, device_id, holder_kind, holder_id, valid_from)"
        " SELECT org_id, id, 'subject', %s, %s FROM device WHERE id = %s",
        (subject_id, at, device_id),
    )


async def worn(connection: Connection, device_id: str, at: datetime) -> dict[str, Any] | None:
    """Return whom a device is bound to at an instant."""
    return await fetch_one(
        connection,
        "SELECT id, device_id AS device, holder_kind, holder_id AS subject, valid_from, valid_to"
        " FROM binding WHERE device_id = %s AND valid_from <= %s"
        " AND coalesce(valid_to, 'infinity') > %s ORDER BY valid_from DESC LIMIT 1",
        (device_id, at, at),
    )


async def wears(connection: Connection, subject_id: str, at: datetime) -> str | None:
    """Return the wristband that a person has at an instant."""
    row = await fetch_one(
        connection,
        "SELECT b.device_id AS device FROM binding b JOIN device d ON d.id = b.device_id"
        " WHERE d.kind = 'wristband' AND b.holder_kind = 'subject' AND b.holder_id = %s"
        " AND b.valid_from <= %s AND coalesce(b.valid_to, 'infinity') > %s LIMIT 1",
        (subject_id, at, at),
    )
    return row["device"] if row else None


async def unbind(connection: Connection, binding_id: int, at: datetime) -> None:
    """End a binding that has not ended before."""
    await connection.execute(
        "UPDATE binding SET valid_to = greatest(%s, valid_from + interval '1 microsecond')"
        " WHERE id = %s AND coalesce(valid_to, 'infinity') > %s",
        (at, binding_id, at),
    )
