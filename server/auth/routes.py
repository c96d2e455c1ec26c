"""Sign in, who am I, sign out."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from server.auth import store
from server.auth.attempts import address_of, count, forgive, login_key
from server.auth.password import is_password
from server.auth.person import COOKIE, SessionDesk
from server.auth.schemas import SessionInfo, SignIn
from server.auth.sessions import give_cookie, open_session
from server.errors import UnauthorizedError
from server.parts import parts_of

router = APIRouter(prefix="/api/v1/session", tags=["session"])

_WRONG: Final = "login or password is wrong"


@router.post("", response_model=SessionInfo)
async def sign_in(body: SignIn, request: Request, response: Response) -> dict[str, Any]:
    """Sign in: sets the session cookie and answers the CSRF token.

    `next` says what the sign-in still wants: the code of a second factor, a password of one's own,
    or the enrolment of a factor. Until then no other call is open.
    """
    parts = parts_of(request)
    key, address = login_key(body.login), address_of(request)
    await count(parts, key, address)
    async with parts.database.entrance() as connection:
        account = await store.account(connection, body.login)
    # No connection is held while the password is checked: that takes 50 ms and may queue.
    is_right = await is_password(body.password, account["password_hash"] if account else None)
    if not is_right or account is None:
        parts.metrics.sign_ins.labels("wrong").inc()
        raise UnauthorizedError(_WRONG)
    person, secret = await open_session(parts, request, account)
    await forgive(parts, key, address)
    parts.metrics.sign_ins.labels("passed").inc()
    give_cookie(parts, request, response, secret)
    return person.described(parts.settings.second_factor)


@router.get("", response_model=SessionInfo)
async def who_am_i(desk: SessionDesk) -> dict[str, Any]:
    """Answer the session of the cookie."""
    return desk.person.described(desk.parts.settings.second_factor)


@router.delete("", status_code=204)
async def sign_out(desk: SessionDesk, response: Response) -> None:
    """End the session; its live streams end within seconds."""
    await store.close_session(desk.connection, desk.person.session_hash)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
