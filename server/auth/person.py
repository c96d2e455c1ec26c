"""The signed-in person, and the one database transaction of the person's request."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Request

from server.auth import store
from server.db import Connection, set_scope
from server.errors import ForbiddenError, UnauthorizedError
from server.parts import Parts, parts_of

Role = Literal["admin", "supervisor", "officer", "auditor"]

EVERYONE: Final[tuple[Role, ...]] = ("admin", "supervisor", "officer", "auditor")
CASE_READERS: Final[tuple[Role, ...]] = ("supervisor", "officer", "auditor")
"""Who sees alerts, tracks and ledgers: everyone but the admin, who manages accounts."""
CASE_HANDLERS: Final[tuple[Role, ...]] = ("supervisor", "officer")
REGISTRARS: Final[tuple[Role, ...]] = ("admin", "supervisor")

COOKIE: Final = "guitu_session"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person.

    Attributes:
        org_path: The scope: rows of this organisation and of those below it.
        session_hash: SHA-256 of the session's secret.
    """

    user_id: int
    login: str
    name: str
    role: Role
    csrf_token: str
    org_id: str
    org_path: str
    org_level: str
    org_name_zh: str
    org_name_en: str
    session_hash: bytes

    def described(self) -> dict[str, Any]:
        """Return what the interface says of a session."""
        org = {"id": self.org_id, "level": self.org_level}
        org |= {"name_zh": self.org_name_zh, "name_en": self.org_name_en}
        return {
            "login": self.login,
            "name": self.name,
            "role": self.role,
            "org": org,
            "csrf_token": self.csrf_token,
        }


@dataclass(frozen=True, slots=True)
class Desk:
    """A person's request at work: who, and the transaction that sees the person's scope only."""

    person: Person
    connection: Connection
    parts: Parts


def session_hash(secret: str) -> bytes:
    """Return what the database keeps of a session's secret."""
    return hashlib.sha256(secret.encode()).digest()


async def signed_in(request: Request, connection: Connection) -> Person:
    """Return who asks, and open the person's scope on this transaction.

    Raises:
        UnauthorizedError: No session, or it has ended.
        ForbiddenError: An unsafe method without the session's CSRF token.
    """
    secret = request.cookies.get(COOKIE, "")
    key = session_hash(secret)
    row = await store.session(connection, key) if secret else None
    if row is None:
        raise UnauthorizedError("no session, or it has ended: sign in")
    person = Person(session_hash=key, **row)
    if request.method not in _SAFE:
        given = request.headers.get("X-CSRF-Token", "")
        if not hmac.compare_digest(given.encode(), person.csrf_token.encode()):
            raise ForbiddenError("header X-CSRF-Token must be the session's csrf_token")
    await set_scope(connection, person.org_path)
    return person


def desk_for(*roles: Role) -> Callable[[Request], AsyncIterator[Desk]]:
    """Return a dependency that admits these roles and holds the request's transaction.

    The transaction commits before the answer is sent.
    """

    async def desk(request: Request) -> AsyncIterator[Desk]:
        parts = parts_of(request)
        async with parts.database.people() as connection:
            person = await signed_in(request, connection)
            if person.role not in roles:
                raise ForbiddenError(f"role {person.role} may not do this, only {', '.join(roles)}")
            yield Desk(person, connection, parts)

    return desk


AnyDesk = Annotated[Desk, Depends(desk_for(*EVERYONE), scope="function")]
ReaderDesk = Annotated[Desk, Depends(desk_for(*CASE_READERS), scope="function")]
HandlerDesk = Annotated[Desk, Depends(desk_for(*CASE_HANDLERS), scope="function")]
RegistrarDesk = Annotated[Desk, Depends(desk_for(*REGISTRARS), scope="function")]
