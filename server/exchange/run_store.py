"""SQL of imports under way; each statement in a transaction of its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from server.auth.person import Desk, transaction_of
from server.db import Connection, fetch_all, fetch_one

_BEGIN: Final = """
  INSERT INTO import_run AS r (key, org_id, login, kind, is_dry_run, sha256, state, started_at,
    moved_at)
  VALUES (%(key)s, %(org)s, %(login)s, %(kind)s, %(is_dry_run)s, %(sha256)s, 'reading', %(now)s,
    now())
  ON CONFLICT (login, key) DO UPDATE SET kind = excluded.kind, is_dry_run = excluded.is_dry_run,
    sha256 = excluded.sha256, state = 'reading', rows = 0, done = 0, faults = 0,
    started_at = excluded.started_at, moved_at = now()"""

# A server that died in an import left it where it was; nothing of the file was taken then.
_COLUMNS: Final = """
  key, login, kind, is_dry_run, encode(sha256, 'hex') AS sha256, rows, done, faults, started_at,
  moved_at, CASE WHEN state IN ('reading', 'checking', 'writing')
    AND moved_at < now() - interval '5 minutes' THEN 'interrupted' ELSE state END AS state"""

_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM import_run
  WHERE %(before)s::timestamptz IS NULL
    OR (started_at, login, key) < (%(before)s, %(login)s, %(key)s)
  ORDER BY started_at DESC, login DESC, key DESC LIMIT %(limit)s"""  # noqa: S608 - own constants


@dataclass(frozen=True, slots=True)
class Run:
    """An import under way, as its caller and others may watch it."""

    desk: Desk
    key: str

    async def begin(self, kind: str, *, is_dry_run: bool, sha256: bytes) -> None:
        """Note that it is being read."""
        person = self.desk.person
        values = {
            "key": self.key,
            "org": person.org_id,
            "login": person.login,
            "kind": kind,
            "is_dry_run": is_dry_run,
            "sha256": sha256,
            "now": self.desk.now,
        }
        async with transaction_of(person, self.desk.parts.database) as connection:
            await connection.execute(_BEGIN, values)

    async def move(self, state: str, *, rows: int, done: int = 0, faults: int = 0) -> None:
        """Note how far it is, or how it ended."""
        person = self.desk.person
        async with transaction_of(person, self.desk.parts.database) as connection:
            await connection.execute(
                "UPDATE import_run SET state = %s, rows = %s, done = %s, faults = %s,"
                " moved_at = now() WHERE login = %s AND key = %s",
                (state, rows, done, faults, person.login, self.key),
            )


async def run(connection: Connection, login: str, key: str) -> dict[str, Any] | None:
    """Return one import of a login."""
    return await fetch_one(
        connection,
        f"SELECT {_COLUMNS} FROM import_run WHERE login = %s AND key = %s",  # noqa: S608 - own
        (login, key),
    )


async def page(
    connection: Connection, *, before: tuple[datetime, str, str] | None, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` imports of the scope, the newest first."""
    at, login, key = before or (None, None, None)
    values = {"before": at, "login": login, "key": key, "limit": limit}
    return await fetch_all(connection, _PAGE, values)


async def may_wait(connection: Connection) -> None:
    """Let a transaction be idle for minutes: its file is being read."""
    await connection.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")
