"""Sign in, who am I, sign out."""

import hashlib
import ipaddress
import secrets
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from server.auth import store
from server.auth.password import is_password
from server.auth.person import COOKIE, AnyDesk, Person, session_hash
from server.auth.schemas import SessionInfo, SignIn
from server.errors import LockedOutError, UnauthorizedError
from server.parts import Parts, parts_of

router = APIRouter(prefix="/api/v1/session", tags=["session"])

_WRONG: Final = "login or password is wrong"


@router.post("", response_model=SessionInfo)
async def sign_in(body: SignIn, request: Request, response: Response) -> dict[str, Any]:
    """Sign in: sets the session cookie and answers the CSRF token."""
    parts = parts_of(request)
    login_key = hashlib.sha256(body.login.encode()).digest()
    async with parts.database.people() as connection:
        wait_s = await store.count_attempt(connection, login_key)
        account = await store.account(connection, body.login)
    if wait_s:
        parts.metrics.sign_ins.labels("locked").inc()
        raise LockedOutError(wait_s=wait_s)
    # No connection is held while the password is checked: that takes 50 ms and may queue.
    is_right = await is_password(body.password, account["password_hash"] if account else None)
    if not is_right or account is None:
        parts.metrics.sign_ins.labels("wrong").inc()
        raise UnauthorizedError(_WRONG)
    person, secret = await _open(parts, account, login_key)
    parts.metrics.sign_ins.labels("passed").inc()
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(parts.settings.session_lifetime_h * 3600),
        httponly=True,
        samesite="strict",
        secure=not _is_loopback(request.url.hostname or ""),
        path="/",
    )
    return person.described()


@router.get("", response_model=SessionInfo)
async def who_am_i(desk: AnyDesk) -> dict[str, Any]:
    """Answer the session of the cookie."""
    return desk.person.described()


@router.delete("", status_code=204)
async def sign_out(desk: AnyDesk, response: Response) -> None:
    """End the session; its live streams end within seconds."""
    await store.close_session(desk.connection, desk.person.session_hash)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


async def _open(parts: Parts, account: dict[str, Any], login_key: bytes) -> tuple[Person, str]:
    secret = secrets.token_urlsafe(32)
    key = session_hash(secret)
    async with parts.database.people(account["org_path"]) as connection:
        await store.forgive(connection, login_key)
        await store.open_session(
            connection,
            key=key,
            account=account,
            csrf_token=secrets.token_urlsafe(32),
            hours=parts.settings.session_lifetime_h,
        )
        row = await store.session(connection, key)
    if row is None:
        raise UnauthorizedError(_WRONG)
    return Person(session_hash=key, **row), secret


def _is_loopback(host: str) -> bool:
    # A cookie marked Secure is not sent over plain HTTP, which is what loopback speaks.
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
