"""SQL of the person's own account."""

from datetime import datetime
from typing import Any

from server.db import Connection, fetch_all, fetch_one


async def login_of(connection: Connection, subject_id: str) -> str | None:
    """Return the login of a person's account."""
    row = await fetch_one(
        connection, "SELECT login FROM app_user WHERE subject_id = %s", (subject_id,)
    )
    return row["login"] if row else None


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Write an account that cannot sign in yet."""
    await connection.execute(
        "INSERT INTO app_user (login, org_id, role, name, subject_id)"
        " VALUES (%(login)s, %(org)s, 'subject', %(name)s, %(subject)s)",
        row,
    )


async def name_of(connection: Connection, subject_id: str) -> str:
    """Return a person's name."""
    row = await fetch_one(connection, "SELECT name FROM subject WHERE id = %s", (subject_id,))
    return str(row["name"]) if row else subject_id


async def set_password(
    connection: Connection, login: str, password_hash: str | None, *, is_once: bool
) -> None:
    """Set a password; None: the account cannot sign in any more."""
    await connection.execute(
        "UPDATE app_user SET password_hash = %s, password_is_once = %s WHERE login = %s",
        (password_hash, is_once, login),
    )


async def end_sessions(connection: Connection, login: str, *, but: bytes = b"") -> None:
    """End the sessions of an account, but the one that asks."""
    await connection.execute(
        "SELECT end_sessions(%s, %s)",
        (login, but),
    )


async def forbidden_areas(connection: Connection, at: datetime) -> list[dict[str, Any]]:
    """Return the forbidden areas that bind whose own account it is, then or later; at most 200."""
    return await fetch_all(
        connection, "SELECT id, valid_from, valid_to FROM own_forbidden_areas(%s)", (at,)
    )


async def no_contact(connection: Connection, at: datetime) -> list[dict[str, Any]]:
    """Return the no-contact entries of whose own account it is, then or later; at most 200."""
    return await fetch_all(
        connection, "SELECT id, distance_m, valid_from, valid_to FROM own_no_contact(%s)", (at,)
    )
