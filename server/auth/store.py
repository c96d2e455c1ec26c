"""SQL of sign-in. Accounts and new sessions: on `Database.entrance`, where nobody is known yet."""

from datetime import datetime
from typing import Any

from server.db import Connection, fetch_one


async def session(connection: Connection, key: bytes) -> dict[str, Any] | None:
    """Open the scope of a live session and return its person, by the SHA-256 of its secret."""
    return await fetch_one(
        connection,
        "SELECT s.* FROM session_lookup(%s) s, open_session_scope(%s) opened WHERE opened",
        (key, key),
    )


async def gateway(connection: Connection, key: bytes) -> dict[str, Any] | None:
    """Open the scope of a gateway and return it, by the SHA-256 of its token."""
    return await fetch_one(
        connection,
        "SELECT g.* FROM gateway_lookup(%s) g, open_gateway_scope(%s) opened WHERE opened",
        (key, key),
    )


async def session_seen(connection: Connection, key: bytes) -> None:
    """Note that a session is used."""
    await connection.execute("SELECT session_seen(%s)", (key,))


async def count_attempt(connection: Connection, login_key: bytes) -> int:
    """Count a sign-in attempt; return the seconds to wait, 0 when it may go on."""
    return await _number(connection, "SELECT sign_in_attempted(%s) AS number", (login_key,))


async def count_address(connection: Connection, address_key: bytes) -> int:
    """Count an attempt from a network address; return the seconds to wait, 0: it may go on."""
    return await _number(connection, "SELECT address_attempted(%s) AS number", (address_key,))


async def forgive(connection: Connection, login_key: bytes) -> None:
    """Forget a login's wrong attempts after a right one."""
    await connection.execute("SELECT sign_in_passed(%s)", (login_key,))


async def uncount_address(connection: Connection, address_key: bytes) -> None:
    """Take the right attempt from an address's count."""
    await connection.execute("SELECT address_passed(%s)", (address_key,))


async def account(connection: Connection, login: str) -> dict[str, Any] | None:
    """Return user_id, org_id, org_path and password_hash of an account that is not disabled."""
    return await fetch_one(connection, "SELECT * FROM sign_in_lookup(%s)", (login,))


async def open_session(connection: Connection, row: dict[str, Any]) -> None:
    """Open a session of key, user_id, org_id, csrf_token, life_s, idle_s, address and agent.

    Drops those of the scope that have ended.
    """
    await connection.execute(
        "DELETE FROM session WHERE expires_at < now()"
        " OR seen_at < now() - make_interval(secs => idle_s)"
    )
    await connection.execute(
        "INSERT INTO session (token_hash, user_id, org_id, csrf_token, expires_at, idle_s, address,"
        " agent) VALUES (%(key)s, %(user_id)s, %(org_id)s, %(csrf_token)s,"
        " now() + make_interval(secs => %(life_s)s), %(idle_s)s, %(address)s, %(agent)s)",
        row,
    )


async def close_session(connection: Connection, key: bytes) -> None:
    """End a session."""
    await connection.execute("SELECT end_session(%s)", (key,))


async def log_access(
    connection: Connection,
    *,
    org_id: str,
    by_login: str,
    act: str,
    subject_id: str | None = None,
    purpose: str | None = None,
    why: tuple[str, str, str] | None = None,
    span: tuple[datetime, datetime] | None = None,
) -> None:
    """Note who looked at what, and why they said so.

    Args:
        connection: In the scope of who looks.
        org_id: Whose log it is.
        by_login: Who looks.
        act: What is looked at.
        subject_id: Of whom.
        purpose: In the caller's words.
        why: The purpose's code, and the kind and id of what it belongs to.
        span: From when to when positions were read.
    """
    await connection.execute(
        "INSERT INTO access_log (org_id, by_login, act, subject_id, purpose, purpose_code,"
        " ref_kind, ref_id, span_from, span_to) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (org_id, by_login, act, subject_id, purpose, *(why or (None,) * 3), *(span or (None,) * 2)),
    )


async def note_procurator(
    connection: Connection, login: str, org_id: str, call: str, thing: str | None
) -> None:
    """Note what a procurator looks at."""
    await connection.execute(
        "INSERT INTO procurator_look (org_id, by_login, call, thing)"
        " VALUES (%s, %s, %s, left(%s, 200))",
        (org_id, login, call, thing),
    )


async def note_look(
    connection: Connection, subject_id: str, *, login: str, org_id: str, what: str, at: datetime
) -> None:
    """Note that a closed file was read: in the access log and as an act."""
    await connection.execute(
        "SELECT note_look(%s, %s, %s, %s, %s)", (subject_id, login, org_id, what, at)
    )


async def _number(connection: Connection, query: str, parameters: tuple[Any, ...]) -> int:
    row = await fetch_one(connection, query, parameters)
    number: int = row["number"] if row else 0
    return number
