"""Signing in at the site's OpenID provider: there and back."""

import hmac
import json
import logging
import secrets
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from server.auth import store
from server.auth.attempts import address_of, count, forgive, login_key
from server.auth.sessions import give_cookie, open_session
from server.errors import NotFoundError, UnavailableError
from server.loopback import is_loopback
from server.oidc.errors import ProviderError
from server.oidc.provider import Client, authorization_url, discover, login_of
from server.parts import Parts, parts_of
from server.sealing import Sealer, UnsealError

router = APIRouter(prefix="/api/v1/session/oidc", tags=["session"])
_log = logging.getLogger(__name__)

_COOKIE: Final = "guitu_oidc"
_PATH: Final = "/api/v1/session/oidc"
_WAY_S: Final = 600
_PURPOSE: Final = "way to the identity provider"
_REFUSED: Final = "/sign-in?oidc=refused"
_SEE_OTHER: Final = 303
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    _SEE_OTHER: {"description": "where the browser goes"}
}
_Text = Annotated[str | None, Query(max_length=2000)]


@router.get("", status_code=_SEE_OTHER, response_class=RedirectResponse, responses=_ANSWERS)
async def begin(request: Request) -> Response:
    """Go to the site's identity provider; it sends the browser back."""
    parts, client = parts_of(request), _client(request)
    sealer = _sealer(parts)
    try:
        metadata = await discover(client)
    except ProviderError as error:
        _log.warning("oidc_away reason=%s", error)
        raise UnavailableError("the identity provider does not answer as it should") from error
    way = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    until_s = int(parts.clock().timestamp()) + _WAY_S
    sealed = sealer.seal(json.dumps(way | {"until_s": until_s}).encode(), purpose=_PURPOSE)
    answer = RedirectResponse(authorization_url(client, metadata, **way), status_code=_SEE_OTHER)
    # Lax: the provider's page sends the browser back with it, no form of another site does.
    answer.set_cookie(
        _COOKIE,
        sealed.hex(),
        max_age=_WAY_S,
        httponly=True,
        samesite="lax",
        secure=not is_loopback(request.url.hostname or ""),
        path=_PATH,
    )
    return answer


@router.get(
    "/callback", status_code=_SEE_OTHER, response_class=RedirectResponse, responses=_ANSWERS
)
async def come_back(request: Request, state: _Text = None, code: _Text = None) -> Response:
    """Take the provider's answer: signs in an account that exists, and never makes one."""
    parts, client = parts_of(request), _client(request)
    try:
        answer = await _signed_in(parts, client, request, state or "", code or "")
    except ProviderError as error:
        _log.warning("oidc_refused reason=%s", error)
        parts.metrics.sign_ins.labels("wrong").inc()
        answer = RedirectResponse(_REFUSED, status_code=_SEE_OTHER)
    answer.delete_cookie(_COOKIE, path=_PATH, httponly=True, samesite="lax")
    return answer


async def _signed_in(
    parts: Parts, client: Client, request: Request, state: str, code: str
) -> Response:
    way = _way(parts, request)
    if not code or not hmac.compare_digest(state.encode(), way["state"].encode()):
        raise ProviderError("the answer is not to this browser's question")
    metadata = await discover(client)
    now_s = int(parts.clock().timestamp())
    proof = {"code": code, "nonce": way["nonce"], "verifier": way["verifier"]}
    login = await login_of(client, metadata, now_s=now_s, **proof)
    await count(parts, login_key(login), address_of(request))
    async with parts.database.entrance() as connection:
        account = await store.account(connection, login)
    if account is None or account["role"] == "subject":
        raise ProviderError("the provider's person has no account here")
    _, secret = await open_session(parts, request, account)
    await forgive(parts, login_key(login), address_of(request))
    parts.metrics.sign_ins.labels("passed").inc()
    answer = RedirectResponse("/", status_code=_SEE_OTHER)
    give_cookie(parts, request, answer, secret)
    return answer


def _way(parts: Parts, request: Request) -> dict[str, Any]:
    try:
        sealed = bytes.fromhex(request.cookies.get(_COOKIE, ""))
        way: dict[str, Any] = json.loads(_sealer(parts).unseal(sealed, purpose=_PURPOSE))
    except (UnsealError, ValueError) as error:
        raise ProviderError("this browser asked for nothing") from error
    if way["until_s"] < parts.clock().timestamp():
        raise ProviderError("the answer came after ten minutes")
    return way


def _client(request: Request) -> Client:
    client: Client | None = request.app.state.oidc
    if client is None:
        raise NotFoundError("this site has no identity provider: set GUITU_SERVER_OIDC_ISSUER")
    return client


def _sealer(parts: Parts) -> Sealer:
    if parts.sealer is None:
        raise UnavailableError(
            "this site has no key that seals the way there and back:"
            " set GUITU_SERVER_SECOND_FACTOR_KEY_FILE"
        )
    return parts.sealer
