"""SQL of the bounds of looks, and of the alarms on unusual looking."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_one

_LOOKS: Final = """
  SELECT * FROM looks_of(%(login)s, %(hour_from)s, %(rolling_from)s, %(day_from)s, %(night_from)s,
    %(near_levels)s)"""


async def looks_of(connection: Connection, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return at how many people a login looked; its next look waits until this one is over."""
    return await fetch_one(connection, _LOOKS, asked) or {}


async def exports_of(
    connection: Connection, login: str, since: datetime
) -> tuple[int, datetime | None]:
    """Return how many exports a login took, and when the first; its next one waits."""
    row = await fetch_one(connection, "SELECT * FROM exports_of(%s, %s)", (login, since))
    return (row["exports"], row["first_at"]) if row else (0, None)


async def raise_alarm(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write an alarm; one of the same kind, person and day stands."""
    await connection.execute(
        "INSERT INTO look_alarm (org_id, by_login, kind, day, persons, bound) VALUES (%(org)s,"
        " %(login)s, %(kind)s, %(day)s, %(persons)s, %(bound)s) ON CONFLICT DO NOTHING",
        row,
    )
