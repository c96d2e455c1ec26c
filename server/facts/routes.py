"""GET /api/v1/facts/{id}: a fact and what proves it."""

from typing import Any

from fastapi import APIRouter

from server.auth.looking import bound_looks
from server.auth.person import ReaderDesk
from server.auth.store import log_access
from server.errors import NotFoundError
from server.facts import store
from server.facts.schemas import FactRecord

router = APIRouter(prefix="/api/v1/facts", tags=["facts"])


@router.get("/{fact_id}", response_model=FactRecord)
async def read_fact(desk: ReaderDesk, fact_id: str) -> dict[str, Any]:
    """Read a fact with its signed record; it holds places, so who read it is noted."""
    found = await store.fact(desk.connection, fact_id)
    if found is None:
        raise NotFoundError("no such fact in your scope")
    if found["content"] is not None:
        await log_access(
            desk.connection,
            org_id=desk.person.org_id,
            by_login=desk.person.login,
            act="fact",
            subject_id=found["subject"],
            purpose=f"fact {fact_id}",
        )
        await bound_looks(desk)
    return found
