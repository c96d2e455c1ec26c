"""SQL of second factors: functions that want the session's own hash, nothing else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from server.db import Connection, fetch_one


async def of_session(connection: Connection, key: bytes) -> dict[str, Any] | None:
    """Return sealed, last_step and codes_left of the factor of whose session it is."""
    return await fetch_one(connection, "SELECT * FROM factor_of_session(%s)", (key,))


async def use_step(connection: Connection, key: bytes, step: int) -> bool:
    """Use a time step; return False when it, or a later one, was used before."""
    return await _is_true(connection, "SELECT factor_step_used(%s, %s) AS answer", (key, step))


async def use_code(connection: Connection, key: bytes, code_hash: bytes) -> bool:
    """Use a recovery code up; return False when there is none such."""
    query = "SELECT recovery_code_used(%s, %s) AS answer"
    return await _is_true(connection, query, (key, code_hash))


async def enrol(
    connection: Connection, key: bytes, sealed: bytes, step: int, codes: Sequence[bytes]
) -> bool:
    """Write a factor and end the other sessions; False when one is there and was not passed."""
    query = "SELECT factor_enrolled(%s, %s, %s, %s) AS answer"
    return await _is_true(connection, query, (key, sealed, step, list(codes)))


async def pass_session(
    connection: Connection, key: bytes, new_key: bytes, life_s: float
) -> datetime | None:
    """Let a session go on under a new secret, having passed the factor; return its end."""
    row = await fetch_one(
        connection,
        "SELECT session_factor_passed(%s, %s, make_interval(secs => %s)) AS expires_at",
        (key, new_key, life_s),
    )
    return row["expires_at"] if row else None


async def _is_true(connection: Connection, query: str, parameters: tuple[Any, ...]) -> bool:
    row = await fetch_one(connection, query, parameters)
    return bool(row and row["answer"])
