"""How far a stream has been taken, and what that means for a batch."""

from typing import Literal

from server.auth.gateway import Gateway
from server.db import Connection, fetch_all, fetch_one
from server.errors import GapError, InvalidError

Stream = Literal["outcomes", "telemetry"]


async def marks(connection: Connection, gateway_id: str) -> dict[str, int]:
    """Return through which journal entry each stream was taken, 0 when new."""
    rows = await fetch_all(
        connection,
        "SELECT stream, through_seq FROM gateway_mark WHERE gateway_id = %s",
        (gateway_id,),
    )
    return {"outcomes": 0, "telemetry": 0} | {row["stream"]: row["through_seq"] for row in rows}


async def hold_mark(connection: Connection, gateway: Gateway, stream: Stream) -> int:
    """Lock a stream's mark until the transaction ends, and return it."""
    await connection.execute(
        "INSERT INTO gateway_mark (gateway_id, org_id, stream, through_seq) VALUES (%s, %s, %s, 0)"
        " ON CONFLICT DO NOTHING",
        (gateway.gateway_id, gateway.org_id, stream),
    )
    row = await fetch_one(
        connection,
        "SELECT through_seq FROM gateway_mark WHERE gateway_id = %s AND stream = %s FOR UPDATE",
        (gateway.gateway_id, stream),
    )
    through: int = row["through_seq"] if row else 0
    return through


async def set_mark(connection: Connection, gateway: Gateway, stream: Stream, last: int) -> None:
    """Move a held mark."""
    await connection.execute(
        "UPDATE gateway_mark SET through_seq = %s, taken_at = now()"
        " WHERE gateway_id = %s AND stream = %s",
        (last, gateway.gateway_id, stream),
    )


def refuse_gap(*, through: int, first: int) -> None:
    """Raise GapError when entries between the mark and a batch are missing."""
    if first > through + 1:
        raise GapError(through=through, first=first)


def refuse_wrong_key(
    key: str | None, gateway_id: str, stream: Stream, first: int, last: int
) -> None:
    """Raise InvalidError when the range or the Idempotency-Key is not of this batch."""
    if last < first:
        raise InvalidError([("last", f"is {last}, before first {first}")])
    wanted = f"{gateway_id}/{stream}/{first}-{last}"
    if key is not None and key != wanted:
        raise InvalidError([("Idempotency-Key", f"is not {wanted}")])
