"""Sessions: opened by a password, renewed by a code, told apart by what signed in."""

import re
import secrets
from typing import Any, Final

from fastapi import Request, Response

from server.auth import store
from server.auth.attempts import address_of
from server.auth.person import COOKIE, Person, session_hash
from server.auth.steps import is_privileged
from server.errors import UnauthorizedError
from server.loopback import is_loopback
from server.parts import Parts

_UNFINISHED_S: Final = 600
"""A sign-in that still wants a code or a factor may take so long."""
_NAMED: Final = re.compile(r"^[A-Za-z][\w.+-]{0,30}")
_BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("MicroMessenger/", "WeChat"),
    ("QQBrowser/", "QQBrowser"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def agent_class(user_agent: str) -> str:
    """Return browser and system of a User-Agent header, as in `Chrome · Windows`; never the whole.

    A program's name stands for itself; empty: nothing is known.
    """
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser or system:
        return " · ".join(part for part in (browser, system) if part)
    named = _NAMED.match(user_agent)
    return named.group() if named else ""


async def open_session(
    parts: Parts, request: Request, account: dict[str, Any]
) -> tuple[Person, str]:
    """Open a session of an account of `store.account`; return its person and secret.

    Raises:
        UnauthorizedError: The account was ended meanwhile.
    """
    secret = secrets.token_urlsafe(32)
    key = session_hash(secret)
    settings = parts.settings
    is_whole = not account["has_factor"] and (
        settings.second_factor == "optional"
        or not is_privileged(account["role"], account["org_level"])
    )
    async with parts.database.entrance(account["org_path"]) as connection:
        row = {
            "key": key,
            "user_id": account["user_id"],
            "org_id": account["org_id"],
            "csrf_token": secrets.token_urlsafe(32),
            "life_s": life_s(parts) if is_whole else min(life_s(parts), _UNFINISHED_S),
            "idle_s": max(1, round(settings.session_idle_min * 60)),
            "address": address_of(request)[:45],
            "agent": agent_class(request.headers.get("User-Agent", "")),
        }
        await store.open_session(connection, row)
        found = await store.session(connection, key)
    if found is None:
        raise UnauthorizedError("login or password is wrong")
    return Person(session_hash=key, **found), secret


def life_s(parts: Parts) -> float:
    """Return how long a session lasts at most."""
    return parts.settings.session_lifetime_h * 3600


def give_cookie(parts: Parts, request: Request, response: Response, secret: str) -> None:
    """Set the session's cookie."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(life_s(parts)),
        httponly=True,
        samesite="strict",
        # A cookie marked Secure is not sent over plain HTTP.
        secure=not is_loopback(request.url.hostname or ""),
        path="/",
    )
