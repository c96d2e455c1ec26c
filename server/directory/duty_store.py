"""SQL of who is on duty with which terminal; run as guitu_ingest in a gateway's scope."""

from datetime import datetime
from typing import Any

from server.db import Connection, fetch_all
from server.rota.on_duty import Absence, Shift


async def today(connection: Connection) -> datetime:
    """Return the last midnight, UTC, by the database's clock."""
    rows = await fetch_all(connection, "SELECT date_trunc('day', now(), 'UTC') AS midnight")
    midnight: datetime = rows[0]["midnight"]
    return midnight


async def shifts(connection: Connection, begin: datetime, end: datetime) -> list[Shift]:
    """Return the shifts that touch a time, the earliest first."""
    rows = await fetch_all(
        connection,
        "SELECT id, org_id, login, post, begins_at, ends_at FROM directory_shifts(%s, %s)"
        " ORDER BY begins_at, id",
        (begin, end),
    )
    return [Shift(**row) for row in rows]


async def absences(connection: Connection, begin: datetime, end: datetime) -> list[Absence]:
    """Return the absences in a time of those who stand, or would stand in, in its shifts."""
    rows = await fetch_all(
        connection,
        "SELECT login, begins_at, ends_at, substitute FROM directory_absences(%s, %s)"
        " ORDER BY begins_at, login",
        (begin, end),
    )
    return [Absence(**row) for row in rows]


async def terminals(connection: Connection) -> list[dict[str, Any]]:
    """Return the terminals on MQTT that people carry, with when.

    What speaks TCP has no word for "seen" and is left out.
    """
    return await fetch_all(
        connection,
        "SELECT b.holder_id AS login, b.device_id AS device, b.valid_from, b.valid_to"
        " FROM binding b JOIN device d ON d.id = b.device_id"
        " WHERE b.holder_kind = 'officer' AND d.kind = 'terminal' AND d.protocol IS NULL"
        " AND coalesce(b.valid_to, 'infinity') > now() ORDER BY b.device_id, b.valid_from",
    )


async def above(connection: Connection) -> list[dict[str, Any]]:
    """Return which organisation of the scope is the next one above another of it."""
    return await fetch_all(
        connection,
        "SELECT o.id AS org, o.parent_id AS above FROM org o JOIN org p ON p.id = o.parent_id"
        " ORDER BY o.id",
    )
