"""SQL of the subject calls; run as guitu_app in a person's scope."""

from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_SUBJECT: Final = """
  SELECT s.id, s.name, s.category, s.is_minor, s.org_id AS org, s.term_from, s.term_to,
    EXISTS (SELECT FROM positioning_order o WHERE o.subject_id = s.id AND o.valid_from <= now()
      AND now() < least(o.valid_to, o.lifted_at))
    AND EXISTS (SELECT FROM binding b WHERE b.holder_kind = 'subject' AND b.holder_id = s.id
      AND b.valid_from <= now() AND coalesce(b.valid_to, 'infinity') > now()) AS is_wearing
  FROM subject s"""

_PAGE: Final = f"""
  SELECT * FROM ({_SUBJECT}) s
  WHERE (%(like)s::text IS NULL OR s.name LIKE %(like)s OR s.id LIKE %(like)s)
    AND (%(after_id)s::text IS NULL
      OR (NOT s.is_wearing, s.id) > (%(after_rank)s::boolean, %(after_id)s::text))
  ORDER BY NOT s.is_wearing, s.id LIMIT %(limit)s"""  # noqa: S608 - a constant of this file


async def page(
    connection: Connection, *, text: str | None, after: tuple[bool, str] | None, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` subjects, wearers first, after a (not wearing, id)."""
    after_rank, after_id = after or (None, None)
    values = {"after_rank": after_rank, "after_id": after_id, "limit": limit}
    return await fetch_all(connection, _PAGE, values | {"like": text and _contains(text)})


async def subject(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """Return a subject's file."""
    return await fetch_one(connection, _SUBJECT + " WHERE s.id = %s", (subject_id,))


async def order_in_force(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """Return the order in force now, the one that ends last."""
    return await fetch_one(
        connection,
        "SELECT id, ground, valid_from, least(valid_to, lifted_at) AS valid_to"
        " FROM positioning_order WHERE subject_id = %s AND valid_from <= now()"
        " AND now() < least(valid_to, lifted_at) ORDER BY 4 DESC LIMIT 1",
        (subject_id,),
    )


async def devices(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return the devices that the subject has now."""
    return await fetch_all(
        connection,
        "SELECT d.id AS device, d.kind FROM binding b JOIN device d ON d.id = b.device_id"
        " WHERE b.holder_kind = 'subject' AND b.holder_id = %s AND b.valid_from <= now()"
        " AND coalesce(b.valid_to, 'infinity') > now() ORDER BY d.id",
        (subject_id,),
    )


async def fences(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return the fences that bind the subject now."""
    return await fetch_all(
        connection,
        "SELECT f.id AS fence, f.version, f.name, f.use FROM fence_assignment a"
        " JOIN fence f ON f.id = a.fence_id AND f.version = a.version"
        " WHERE a.subject_id = %s AND f.valid_from <= now()"
        " AND coalesce(f.valid_to, 'infinity') > now() ORDER BY f.id",
        (subject_id,),
    )


async def track(
    connection: Connection, subject_id: str, begin: datetime, end: datetime, *, most: int
) -> list[dict[str, Any]]:
    """Return at most `most` fixes of [begin, end) in fix-time order."""
    return await fetch_all(
        connection,
        "SELECT (extract(epoch FROM fix_time) * 1000)::bigint AS fix_time_ms,"
        " round(lon_e7 / 10.0)::int AS lon, round(lat_e7 / 10.0)::int AS lat,"
        " (accuracy_mm / 1000.0)::float8 AS accuracy_m, (speed_mmps / 1000.0)::float8 AS speed_mps,"
        " device_id AS device, backlog FROM track(%s, %s, %s, %s)",
        (subject_id, begin, end, most),
    )


def _contains(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
