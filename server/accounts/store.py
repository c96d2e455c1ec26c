"""SQL of accounts. What no single person may do, functions of the database do with a proof."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = """login, org_id AS org, role, name, staff_no, disabled, awaits_grant, granted_by,
    granted_at"""
_RECOVERY: Final = """id, org_id AS org, login, what, reason, state, asked_by, asked_at, decided_by,
    decided_at"""
_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM app_user
  WHERE role <> 'subject' AND (%(after)s::text IS NULL OR login > %(after)s)
  ORDER BY login LIMIT %(limit)s"""  # noqa: S608 - columns from above
_ONE: Final = f"SELECT {_COLUMNS} FROM app_user WHERE login = %s AND role <> 'subject'"  # noqa: S608
_RECOVERIES: Final = f"""
  SELECT {_RECOVERY} FROM account_recovery
  WHERE (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s"""  # noqa: S608
_RECOVERY_ONE: Final = f"SELECT {_RECOVERY} FROM account_recovery WHERE id = %s"  # noqa: S608
_LOOKS: Final = """
  SELECT id, org_id AS org, by_login, call, thing, at FROM procurator_look
  WHERE (%(before)s::bigint IS NULL OR id < %(before)s)
    AND (%(own)s::text IS NULL OR by_login = %(own)s)
    AND (%(login)s::text IS NULL OR by_login = %(login)s)
    AND (%(thing)s::text IS NULL OR thing = %(thing)s)
    AND (%(begin)s::timestamptz IS NULL OR at >= %(begin)s)
    AND (%(end)s::timestamptz IS NULL OR at < %(end)s)
  ORDER BY id DESC LIMIT %(limit)s"""


class LookFilter(NamedTuple):
    """Which looks of procurators are asked for; None: whatever it is.

    Attributes:
        own: Who asks and may read of the own looks only.
        login: The procurator.
        thing: What was looked at, such as a person's id.
        begin: From then on.
        end: Before then.
    """

    own: str | None
    login: str | None
    thing: str | None
    begin: datetime | None
    end: datetime | None


async def page(connection: Connection, *, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Return at most `limit` accounts of the scope, by login."""
    return await fetch_all(connection, _PAGE, {"after": after, "limit": limit})


async def one(connection: Connection, login: str) -> dict[str, Any] | None:
    """Return an account of the scope."""
    return await fetch_one(connection, _ONE, (login,))


async def add(connection: Connection, row: dict[str, Any]) -> bool:
    """Write an account that waits for its grant; False: login or staff number is taken."""
    cursor = await connection.execute(
        "INSERT INTO app_user (login, org_id, role, name, staff_no)"
        " VALUES (%(login)s, %(org)s, %(role)s, %(name)s, %(staff_no)s) ON CONFLICT DO NOTHING",
        row,
    )
    return cursor.rowcount == 1


async def set_role(connection: Connection, login: str, role: str) -> None:
    """Change the role, which then waits for a grant."""
    await connection.execute("UPDATE app_user SET role = %s WHERE login = %s", (role, login))


async def set_disabled(connection: Connection, login: str, *, disabled: bool) -> None:
    """Disable an account, or let it wait for a grant again."""
    await connection.execute(
        "UPDATE app_user SET disabled = %s WHERE login = %s", (disabled, login)
    )


async def others_in_role(connection: Connection, login: str, role: str) -> int:
    """Return how many other effective accounts of the scope have a role; locks them."""
    rows = await fetch_all(
        connection,
        "SELECT login FROM app_user WHERE role = %s AND login <> %s AND NOT disabled"
        " AND NOT awaits_grant AND can_sign_in LIMIT 10 FOR UPDATE",
        (role, login),
    )
    return len(rows)


async def grant(
    connection: Connection, key: bytes, login: str, role: str, password_hash: str
) -> bool:
    """Make an account effective; False: it does not wait for this role, or is one's own."""
    query = "SELECT account_granted(%s, %s, %s, %s) AS answer"
    return bool(await _answer(connection, query, (key, login, role, password_hash)))


async def unlock(connection: Connection, key: bytes, login: str) -> bool:
    """Forget an account's wrong attempts; False: it is none of the scope, or one's own."""
    return bool(
        await _answer(connection, "SELECT account_unlocked(%s, %s) AS answer", (key, login))
    )


async def ask_recovery(
    connection: Connection, key: bytes, login: str, what: str, reason: str
) -> int | None:
    """Write a request; None: it is asked for already, or the account is one's own."""
    query = "SELECT recovery_asked(%s, %s, %s, %s) AS answer"
    number: int | None = await _answer(connection, query, (key, login, what, reason))
    return number


async def decide_recovery(
    connection: Connection, key: bytes, number: int, *, approves: bool, password_hash: str
) -> bool:
    """Decide on a request; False: not by this person, or not any more."""
    query = "SELECT recovery_decided(%s, %s, %s, %s) AS answer"
    return bool(await _answer(connection, query, (key, number, approves, password_hash)))


async def recovery(connection: Connection, number: int) -> dict[str, Any] | None:
    """Return a request of the scope."""
    return await fetch_one(connection, _RECOVERY_ONE, (number,))


async def recoveries(
    connection: Connection, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` requests of the scope, newest first."""
    return await fetch_all(connection, _RECOVERIES, {"before": before, "limit": limit})


async def looks(
    connection: Connection, which: LookFilter, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` looks of procurators of the scope, newest first."""
    values = which._asdict() | {"before": before, "limit": limit}
    return await fetch_all(connection, _LOOKS, values)


async def _answer(connection: Connection, query: str, parameters: tuple[Any, ...]) -> Any:
    row = await fetch_one(connection, query, parameters)
    return row["answer"] if row else None
