"""SQL of fences: their versions, and whom a permission exempts from one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one
from server.registry.fence_version import FenceVersion
from server.registry.schemas import FenceEntry
from server.registry.store import Changed, write

# A version ends where the next begins, and so does every other that would hold then or later: a
# permission cuts a fence into several. One that has not begun never holds.
_CLOSE_FENCE: Final = """
  UPDATE fence SET valid_to = greatest(now(), %(valid_from)s, valid_from + interval '1 microsecond')
  WHERE id = %(fence)s AND version < %(version)s
    AND coalesce(valid_to, 'infinity') > greatest(now(), %(valid_from)s)"""

_INSERT_FENCE: Final = """
  INSERT INTO fence (id, version, org_id, name, use, datum, source_datum, geometry, radius_m,
    width_m, schedule_id, valid_from)
  VALUES (%(fence)s, %(version)s, %(org)s, %(name)s, %(use)s, 'WGS84', %(datum)s, %(geometry)s,
    %(radius_m)s, %(width_m)s, %(schedule)s,
    CASE WHEN %(version)s = 1 THEN %(valid_from)s
      ELSE greatest(now(), %(valid_from)s, (SELECT max(b.valid_to) FROM fence b
        WHERE b.id = %(fence)s AND b.valid_from <= greatest(now(), %(valid_from)s))) END)
  RETURNING org_id"""

_ASSIGN: Final = """
  INSERT INTO fence_assignment (org_id, fence_id, version, subject_id)
  VALUES (%(org)s, %(fence)s, %(version)s, %(subject)s)"""

_VERSIONS: Final = """
  SELECT f.version, f.valid_from, f.valid_to, ARRAY(SELECT a.subject_id FROM fence_assignment a
    WHERE a.fence_id = f.id AND a.version = f.version) AS subjects
  FROM fence f WHERE f.id = %(fence)s AND f.use = 'exclusion'
    AND coalesce(f.valid_to, 'infinity') > greatest(%(begin)s, f.valid_from + interval '1 ms')
  ORDER BY f.valid_from, f.version FOR UPDATE"""

# A version that has not begun never holds; another one says what holds then.
_CLOSE: Final = """
  UPDATE fence SET valid_to = greatest(%(begin)s, valid_from + interval '1 microsecond')
  WHERE id = %(fence)s AND version = ANY (%(versions)s)"""

_PIECE: Final = """
  INSERT INTO fence (id, version, org_id, name, use, datum, source_datum, geometry, radius_m,
    width_m, schedule_id, valid_from, valid_to)
  SELECT f.id, (SELECT max(m.version) + 1 FROM fence m WHERE m.id = f.id), f.org_id, f.name, f.use,
    f.datum, f.source_datum, f.geometry, f.radius_m, f.width_m, f.schedule_id, %(from)s, %(to)s
  FROM fence f WHERE f.id = %(fence)s AND f.version = %(like)s RETURNING version, org_id"""


async def newest_fences(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the newest version of each fence with its sorted subjects, by id."""
    rows = await fetch_all(
        connection,
        "SELECT DISTINCT ON (f.id) f.*, ARRAY(SELECT a.subject_id FROM fence_assignment a"
        " WHERE a.fence_id = f.id AND a.version = f.version ORDER BY 1) AS subjects"
        " FROM fence f WHERE f.id = ANY (%s) ORDER BY f.id, f.version DESC",
        (list(ids),),
    )
    return {row["id"]: row for row in rows}


async def write_fences(
    connection: Connection, versions: Sequence[tuple[FenceEntry, int]]
) -> Changed:
    """Write these versions, closing the ones before them now; return their organisations."""
    rows = [
        fence.model_dump() | {"geometry": Jsonb(fence.geometry), "version": version}
        for fence, version in versions
    ]
    newer = [row for row in rows if row["version"] > 1]
    if newer:
        async with connection.cursor() as cursor:
            await cursor.executemany(_CLOSE_FENCE, newer)
    changed = await write(connection, _INSERT_FENCE, rows)
    assignments = [
        {"org": row["org"], "fence": row["fence"], "version": row["version"], "subject": subject}
        for row in rows
        for subject in sorted(set(row["subjects"]))
    ]
    if assignments:
        async with connection.cursor() as cursor:
            await cursor.executemany(_ASSIGN, assignments)
    return changed


async def place_permissions(
    connection: Connection, fence_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the permissions of forbidden areas that are approved and not over, oldest first."""
    return await fetch_all(
        connection, "SELECT * FROM standing_place_permissions(%s)", (list(fence_ids),)
    )


async def fence_versions(
    connection: Connection, fence_id: str, begin: datetime
) -> list[FenceVersion]:
    """Return the versions of a forbidden area that hold at an instant or later, locked."""
    rows = await fetch_all(connection, _VERSIONS, {"fence": fence_id, "begin": begin})
    return [
        FenceVersion(row["version"], row["valid_from"], row["valid_to"], frozenset(row["subjects"]))
        for row in rows
    ]


async def replace_versions(
    connection: Connection,
    fence_id: str,
    begin: datetime,
    old: Sequence[FenceVersion],
    new: Sequence[FenceVersion],
) -> set[str]:
    """Write other versions of a fence from an instant on; return its organisation."""
    closing = {"fence": fence_id, "begin": begin, "versions": [one.version for one in old]}
    await connection.execute(_CLOSE, closing)
    orgs = set()
    for piece in new:
        values = {"fence": fence_id, "like": piece.version}
        values |= {"from": piece.valid_from, "to": piece.valid_to}
        row = await fetch_one(connection, _PIECE, values)
        if row is None:
            continue
        orgs.add(row["org_id"])
        await connection.execute(
            "INSERT INTO fence_assignment (org_id, fence_id, version, subject_id)"
            " SELECT %s, %s, %s, unnest(%s::text[])",
            (row["org_id"], fence_id, row["version"], sorted(piece.subjects)),
        )
    return orgs
