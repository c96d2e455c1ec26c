"""Where the evidence chains stand, for auditors."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from server.audit import state_store as store
from server.auth.person import Desk, desk_for
from server.cursor import Cursor, Limit, decode_cursor, page_of

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])

_AuditorDesk = Annotated[Desk, Depends(desk_for("auditor"), scope="function")]
_MOST_WAITING: Final = 10_000
"""Counted no further: so many say that no sealer works."""


class ChainState(BaseModel):
    """The chain of an organisation; nulls: nothing yet. `hash` is of the last block."""

    org: str
    blocks: int
    leaves: int
    algorithm: str | None
    sealed_at: datetime | None
    hash: str | None
    signed_block: int | None
    anchored_block: int | None
    waiting: int
    waiting_since: datetime | None


class ChainStates(BaseModel):
    """Chains of the scope, by organisation."""

    items: list[ChainState]
    next_cursor: str | None


@router.get("/chains", response_model=ChainStates)
async def list_chains(
    desk: _AuditorDesk, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List how far each chain is sealed, signed and anchored, and what waits (10,000 at most)."""
    after = decode_cursor(cursor, str)
    rows = await store.page(
        desk.connection,
        after=None if after is None else after[0],
        limit=limit + 1,
        most_waiting=_MOST_WAITING,
    )
    shown = [
        row
        | {
            "blocks": row["blocks"] or 0,
            "leaves": row["leaves"] or 0,
            "hash": None if row["hash"] is None else row["hash"].hex(),
        }
        for row in rows
    ]
    return page_of(shown, limit, "org")
