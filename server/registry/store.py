"""SQL of the registry: every statement changes only rows that differ and returns their orgs."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, LiteralString

from server.db import Connection, fetch_all, fetch_one
from server.registry.schemas import RegistryFile

Changed = list[str]
"""The organisation of each row that was written; one entry per row."""

UPSERT_ORG: Final = """
  INSERT INTO org AS o (id, parent_id, path, level, name_zh, name_en, boundary)
  VALUES (%(org)s, %(parent)s, %(path)s, %(level)s, %(name_zh)s, %(name_en)s, %(boundary)s)
  ON CONFLICT (id) DO UPDATE SET level = excluded.level, name_zh = excluded.name_zh,
    name_en = excluded.name_en, boundary = excluded.boundary
  WHERE (o.level, o.name_zh, o.name_en, o.boundary) IS DISTINCT FROM
    (excluded.level, excluded.name_zh, excluded.name_en, excluded.boundary)
  RETURNING id AS org_id"""

# An org is never changed (moves.py) and compared all the same: only a row that is to be written is
# checked by row-level security, which refuses an id that another scope has taken.
UPSERT_OFFICER: Final = """
  INSERT INTO app_user AS u (login, org_id, role, name)
  VALUES (%(login)s, %(org)s, %(role)s, %(name)s)
  ON CONFLICT (login) DO UPDATE SET role = excluded.role, name = excluded.name
  WHERE (u.org_id, u.role, u.name) IS DISTINCT FROM (excluded.org_id, excluded.role, excluded.name)
  RETURNING org_id"""

UPSERT_SUBJECT: Final = """
  INSERT INTO subject AS s (id, org_id, name, category, is_minor, term_from, term_to)
  VALUES (%(subject)s, %(org)s, %(name)s, %(category)s, %(is_minor)s, %(term_from)s, %(term_to)s)
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, category = excluded.category,
    is_minor = excluded.is_minor, term_from = excluded.term_from, term_to = excluded.term_to
  WHERE (s.org_id, s.name, s.category, s.is_minor, s.term_from, s.term_to) IS DISTINCT FROM
    (excluded.org_id, excluded.name, excluded.category, excluded.is_minor, excluded.term_from,
     excluded.term_to)
  RETURNING org_id"""

UPSERT_DEVICE: Final = """
  INSERT INTO device AS d (id, org_id, kind, expected_interval_s, protocol, terminal_number, model,
    terminal_serial, utc_offset_min, device_class)
  VALUES (%(device)s, %(org)s, %(kind)s, %(expected_interval_s)s, %(t_protocol)s, %(t_number)s,
    %(t_model)s, %(t_serial)s, %(t_utc_offset_min)s, %(device_class)s)
  ON CONFLICT (id) DO UPDATE SET kind = excluded.kind,
    expected_interval_s = excluded.expected_interval_s, protocol = excluded.protocol,
    terminal_number = excluded.terminal_number, model = excluded.model,
    terminal_serial = excluded.terminal_serial, utc_offset_min = excluded.utc_offset_min,
    device_class = excluded.device_class
  WHERE (d.org_id, d.kind, d.expected_interval_s, d.protocol, d.terminal_number, d.model,
      d.terminal_serial, d.utc_offset_min, d.device_class) IS DISTINCT FROM
    (excluded.org_id, excluded.kind, excluded.expected_interval_s, excluded.protocol,
     excluded.terminal_number, excluded.model, excluded.terminal_serial, excluded.utc_offset_min,
     excluded.device_class)
  RETURNING org_id"""

UPSERT_PROTECTED: Final = """
  INSERT INTO protected_person (id, org_id, name, name_sealed)
  VALUES (%(protected)s, %(org)s, %(name)s, %(name_sealed)s)
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_sealed = excluded.name_sealed
  RETURNING org_id"""

UPSERT_SCHEDULE: Final = """
  INSERT INTO schedule AS s (id, org_id, body) VALUES (%(schedule)s, %(org)s, %(body)s)
  ON CONFLICT (id) DO UPDATE SET body = excluded.body
  WHERE (s.org_id, s.body) IS DISTINCT FROM (excluded.org_id, excluded.body)
  RETURNING org_id"""

# The organisation of a binding or an order is its device's or subject's at the time of writing.
UPSERT_BINDING: Final = """
  INSERT INTO binding AS b (org_id, device_id, holder_kind, holder_id, valid_from, valid_to)
  SELECT d.org_id, d.id, %(holder_kind)s, %(holder)s, %(valid_from)s, %(valid_to)s
  FROM device d WHERE d.id = %(device)s
  ON CONFLICT (device_id, valid_from) DO UPDATE SET valid_to = excluded.valid_to
  WHERE b.valid_to IS DISTINCT FROM excluded.valid_to
  RETURNING org_id"""

INSERT_ORDER: Final = """
  INSERT INTO positioning_order
    (id, org_id, subject_id, ground, approved_by, approved_at, valid_from, valid_to)
  SELECT %(order)s, s.org_id, s.id, %(ground)s, %(approved_by)s, %(approved_at)s, %(valid_from)s,
    %(valid_to)s
  FROM subject s WHERE s.id = %(subject)s
  ON CONFLICT (id) DO NOTHING
  RETURNING org_id"""


async def lock(connection: Connection) -> None:
    """Let one import at a time through: directory versions then commit in their order."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('guitu registry'))")


async def defer_terminals(connection: Connection) -> None:
    """Let a terminal number pass from one device to another within this transaction."""
    await connection.execute("SET CONSTRAINTS device_terminal_once DEFERRED")


async def check_terminals(connection: Connection) -> None:
    """Raise psycopg's UniqueViolation when two devices have one protocol and number."""
    await connection.execute("SET CONSTRAINTS device_terminal_once IMMEDIATE")


async def org_rows(connection: Connection) -> dict[str, dict[str, Any]]:
    """Return path and parent of every organisation in scope, by id."""
    rows = await fetch_all(connection, "SELECT id, parent_id, path FROM org")
    return {row["id"]: row for row in rows}


async def write(
    connection: Connection, statement: LiteralString, rows: Iterable[dict[str, Any]]
) -> Changed:
    """Run a statement for each row; return the organisations of those that changed something."""
    given = list(rows)
    changed: Changed = []
    if not given:
        return changed
    async with connection.cursor() as cursor:
        await cursor.executemany(statement, given, returning=True)
        async for result in cursor.results():
            changed.extend([row["org_id"] async for row in result])
    return changed


async def set_first_password(connection: Connection, login: str, password_hash: str) -> None:
    """Give a password to an account that has none; others keep theirs."""
    await connection.execute(
        "UPDATE app_user SET password_hash = %s WHERE login = %s AND NOT can_sign_in",
        (password_hash, login),
    )


async def logins_with_password(connection: Connection, logins: Sequence[str]) -> set[str]:
    """Return those of the logins that can sign in already."""
    rows = await fetch_all(
        connection,
        "SELECT login FROM app_user WHERE login = ANY (%s) AND can_sign_in",
        (list(logins),),
    )
    return {row["login"] for row in rows}


async def orders(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the orders that stand, by id."""
    rows = await fetch_all(
        connection, "SELECT * FROM positioning_order WHERE id = ANY (%s)", (list(ids),)
    )
    return {row["id"]: row for row in rows}


async def holders(connection: Connection, file: RegistryFile) -> dict[tuple[str, Any], str]:
    """Return who holds each (device, valid_from) of the file already, as `kind id`."""
    rows = await fetch_all(
        connection,
        "SELECT device_id, valid_from, holder_kind || ' ' || holder_id AS holder FROM binding"
        " WHERE device_id = ANY (%s)",
        ([binding.device for binding in file.bindings],),
    )
    return {(row["device_id"], row["valid_from"]): row["holder"] for row in rows}


_UNORDERED: Final = """
  SELECT b.device_id, b.valid_from, b.holder_id, c.until FROM binding b
  JOIN device d ON d.id = b.device_id AND d.kind = 'wristband',
    LATERAL (SELECT covered_here_until(b.holder_id, b.valid_from)) c (until)
  WHERE b.holder_kind = 'subject' AND b.device_id = ANY (%s)
    AND (c.until IS NULL OR b.valid_to > c.until)"""


async def unordered_bindings(
    connection: Connection, devices: Sequence[str]
) -> dict[tuple[str, Any], str]:
    """Return what is wrong with each (device, valid_from) that no positioning order covers."""
    rows = await fetch_all(connection, _UNORDERED, (list(devices),))
    return {
        (row["device_id"], row["valid_from"]): (
            f"a wristband is worn under a positioning order only (Art. 29): {row['holder_id']} has"
            + (f" orders to {row['until']}" if row["until"] else f" none at {row['valid_from']}")
        )
        for row in rows
    }


async def overlapping_devices(connection: Connection, devices: Sequence[str]) -> set[str]:
    """Return the devices that two holders would have at once."""
    rows = await fetch_all(
        connection,
        "SELECT DISTINCT a.device_id FROM binding a JOIN binding b"
        " ON a.device_id = b.device_id AND a.id < b.id"
        " AND tstzrange(a.valid_from, a.valid_to) && tstzrange(b.valid_from, b.valid_to)"
        " WHERE a.device_id = ANY (%s)",
        (list(devices),),
    )
    return {row["device_id"] for row in rows}


async def next_directory_version(
    connection: Connection, org_ids: Iterable[str], by_login: str
) -> int:
    """Give each of these organisations a new directory version; return the newest of the scope."""
    row = await fetch_one(
        connection,
        "SELECT number_directory(%s, %s) AS version",
        (sorted(set(org_ids)), by_login),
    )
    version: int = row["version"] if row else 0
    return version
