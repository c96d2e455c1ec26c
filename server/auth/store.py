"""SQL of sign-in. Before a scope is known, only functions that look up one row by a secret."""

from typing import Any

from server.db import Connection, fetch_one


async def session(connection: Connection, key: bytes) -> dict[str, Any] | None:
    """Return the person of a live session, by the SHA-256 of its secret."""
    return await fetch_one(connection, "SELECT * FROM session_lookup(%s)", (key,))


async def gateway(connection: Connection, key: bytes) -> dict[str, Any] | None:
    """Return the gateway of a token, by the token's SHA-256."""
    return await fetch_one(connection, "SELECT * FROM gateway_lookup(%s)", (key,))


async def count_attempt(connection: Connection, login_key: bytes) -> int:
    """Count a sign-in attempt; return the seconds to wait, 0 when it may go on."""
    row = await fetch_one(connection, "SELECT sign_in_attempted(%s) AS wait_s", (login_key,))
    wait_s: int = row["wait_s"] if row else 0
    return wait_s


async def forgive(connection: Connection, login_key: bytes) -> None:
    """Forget a login's wrong attempts after a right one."""
    await connection.execute("SELECT sign_in_passed(%s)", (login_key,))


async def account(connection: Connection, login: str) -> dict[str, Any] | None:
    """Return user_id, org_id, org_path and password_hash of an account that is not disabled."""
    return await fetch_one(connection, "SELECT * FROM sign_in_lookup(%s)", (login,))


async def open_session(
    connection: Connection, *, key: bytes, account: dict[str, Any], csrf_token: str, hours: float
) -> None:
    """Open a session; drops those of the scope that have ended."""
    await connection.execute("DELETE FROM session WHERE expires_at < now()")
    await connection.execute(
        "INSERT INTO session (token_hash, user_id, org_id, csrf_token, expires_at)"
        " VALUES (%s, %s, %s, %s, now() + make_interval(secs => %s))",
        (key, account["user_id"], account["org_id"], csrf_token, hours * 3600),
    )


async def close_session(connection: Connection, key: bytes) -> None:
    """End a session."""
    await connection.execute("DELETE FROM session WHERE token_hash = %s", (key,))


async def log_access(
    connection: Connection,
    *,
    org_id: str,
    by_login: str,
    act: str,
    subject_id: str | None = None,
    purpose: str | None = None,
) -> None:
    """Note who looked at what, and why they said so."""
    await connection.execute(
        "INSERT INTO access_log (org_id, by_login, act, subject_id, purpose)"
        " VALUES (%s, %s, %s, %s, %s)",
        (org_id, by_login, act, subject_id, purpose),
    )
