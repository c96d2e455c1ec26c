"""Who is signed in, by calls: pages of every role without a sign-in form each time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.browser.place import PASSWORD

OWN_PASSWORD = "correct horse battery own 7"


@contextmanager
def signed_in(base_url: str, login: str, password: str = PASSWORD) -> Iterator[httpx.Client]:
    """Open a client that is signed in and carries the token that changes ask for."""
    with httpx.Client(base_url=base_url, timeout=20) as client:
        answer = client.post("/api/v1/session", json={"login": login, "password": password})
        client.headers["X-CSRF-Token"] = answer.raise_for_status().json()["csrf_token"]
        yield client


def own_account(officer: httpx.Client, subject: str) -> tuple[str, str]:
    """Give a person an account and a password of the person's own; return both."""
    given = officer.put(f"/api/v1/subjects/{subject}/account").raise_for_status().json()
    login, once = given["login"], given["one_time_password"]
    with signed_in(str(officer.base_url), login, once) as own:
        body = {"old": once, "new": OWN_PASSWORD}
        own.post("/api/v1/me/password", json=body).raise_for_status()
    return login, OWN_PASSWORD


def cookies_of(client: httpx.Client) -> list[dict[str, Any]]:
    """Return a client's session as a browser takes it."""
    return [
        {
            "name": name,
            "value": value,
            "url": str(client.base_url),
            "httpOnly": True,
            "sameSite": "Strict",
        }
        for name, value in client.cookies.items()
    ]
