"""The second factor of the own account, and the own sessions."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from server.auth import second_factor, session_store
from server.auth.person import SessionDesk, StaffDesk
from server.auth.schemas import (
    Code,
    Ended,
    Enrolled,
    Enrolment,
    FactorOffer,
    OwnSessions,
    SessionInfo,
)
from server.auth.sessions import give_cookie
from server.auth.steps import CODE_PATH, FACTOR_PATH
from server.errors import NotFoundError

router = APIRouter(tags=["session"])
_Number = Annotated[int, Path(ge=1, lt=2**63)]


@router.post(CODE_PATH, response_model=SessionInfo)
async def pass_factor(
    desk: SessionDesk, body: Code, request: Request, response: Response
) -> dict[str, Any]:
    """Give the code of the second factor, or a recovery code: the session's cookie changes."""
    renewed = await second_factor.passed(desk, body.code)
    give_cookie(desk.parts, request, response, renewed.secret)
    return renewed.person.described(desk.parts.settings.second_factor)


@router.post(FACTOR_PATH, response_model=FactorOffer)
async def offer_factor(desk: StaffDesk) -> dict[str, Any]:
    """Ask for a second factor: a secret for an authenticator app, as text and as a QR code."""
    return second_factor.offer(desk)


@router.put(FACTOR_PATH, response_model=Enrolled)
async def enrol_factor(
    desk: StaffDesk, body: Enrolment, request: Request, response: Response
) -> dict[str, Any]:
    """Enrol the factor with a first code of it; its recovery codes are shown this once.

    Every other session of the account ends, and this session's cookie changes.
    """
    codes, renewed = await second_factor.enrol(desk, body.ticket, body.code)
    give_cookie(desk.parts, request, response, renewed.secret)
    session = renewed.person.described(desk.parts.settings.second_factor)
    return {"recovery_codes": codes, "session": session}


@router.get("/api/v1/sessions", response_model=OwnSessions)
async def list_sessions(desk: SessionDesk) -> dict[str, Any]:
    """List the live sessions of the own account, newest first."""
    return {"items": await session_store.beside(desk.connection, desk.person.session_hash)}


@router.delete("/api/v1/sessions", response_model=Ended)
async def end_other_sessions(desk: SessionDesk) -> dict[str, Any]:
    """End every other session of the own account."""
    ended = await session_store.end_beside(desk.connection, desk.person.session_hash, None)
    return {"ended": ended}


@router.delete("/api/v1/sessions/{session_id}", status_code=204)
async def end_one_session(desk: SessionDesk, session_id: _Number) -> None:
    """End one session of the own account."""
    key = desk.person.session_hash
    if not await session_store.end_beside(desk.connection, key, session_id):
        raise NotFoundError(f"session {session_id} is none of this account's")
