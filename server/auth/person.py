"""The signed-in person, and the one database transaction of the person's request."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Request

from server.auth import store
from server.auth.steps import (
    CALLS,
    CHANGE_PATH,
    SESSION_PATH,
    Policy,
    Step,
    is_privileged,
    next_step,
)
from server.db import Connection, Database, close_files, open_file, open_files
from server.errors import ForbiddenError, UnauthorizedError
from server.law.clocks import Rules
from server.parts import Parts, parts_of

Role = Literal[
    "admin", "security", "auditor", "supervisor", "head", "officer", "procurator", "subject"
]

STAFF: Final[tuple[Role, ...]] = (
    *("admin", "security", "auditor", "supervisor", "head", "officer", "procurator"),
)
"""Who works here, in every role; a supervised person's own account (`subject`) is not among them.
"""
EVERYONE: Final[tuple[Role, ...]] = (
    *("admin", "supervisor", "head", "officer", "auditor", "procurator"),
)
"""Who runs and reads the work; the security administrator has accounts and nothing else."""
CASE_READERS: Final[tuple[Role, ...]] = (
    *("supervisor", "head", "officer", "auditor", "procurator"),
)
"""Who sees alerts, tracks and ledgers: everyone but the admin, who manages accounts."""
CASE_HANDLERS: Final[tuple[Role, ...]] = ("supervisor", "officer")
REGISTRARS: Final[tuple[Role, ...]] = ("admin", "supervisor")
DECIDERS: Final[tuple[Role, ...]] = ("supervisor", "head", "officer")
"""Who acts on case files; by which power, `server.auth.powers` says."""

COOKIE: Final = "guitu_session"
_NO_SESSION: Final = "no session, or it has ended: sign in"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_UNNOTED: Final = (
    *("/api/v1/session", "/api/v1/status", "/api/v1/map", "/api/v1/live"),
    *("/api/v1/notifications", "/api/v1/procurator-looks", "/api/v1/codes"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person.

    Attributes:
        org_path: The scope: rows of this organisation and of those below it.
        subject_id: The supervised person whose own account it is; None for who works here.
        password_is_once: The password is the one that was shown once: it is to be changed first.
        has_factor: A second factor is enrolled.
        factor_passed: The session has passed it.
        expires_at: The session's end, whatever is done.
        idle_s: The session ends earlier when it is not used for so long.
        is_unseen: The session's last use is older than what is noted of it may be.
        session_hash: SHA-256 of the session's secret.
    """

    user_id: int
    login: str
    name: str
    role: Role
    subject_id: str | None
    password_is_once: bool
    csrf_token: str
    org_id: str
    org_path: str
    org_level: str
    org_name_zh: str
    org_name_en: str
    has_factor: bool
    factor_passed: bool
    expires_at: datetime
    idle_s: int
    is_unseen: bool
    session_hash: bytes

    def next_step(self, policy: Policy) -> Step | None:
        """Return what the sign-in still wants, None: nothing."""
        return next_step(
            is_privileged=is_privileged(self.role, self.org_level),
            has_factor=self.has_factor,
            has_passed=self.factor_passed,
            is_once=self.password_is_once,
            policy=policy,
        )

    def described(self, policy: Policy) -> dict[str, Any]:
        """Return what the interface says of a session."""
        org = {"id": self.org_id, "level": self.org_level}
        org |= {"name_zh": self.org_name_zh, "name_en": self.org_name_en}
        return {
            "login": self.login,
            "name": self.name,
            "role": self.role,
            "org": org,
            "csrf_token": self.csrf_token,
            "next": self.next_step(policy),
            "second_factor": self.has_factor,
            "expires_at": self.expires_at,
            "idle_s": self.idle_s,
        }


@dataclass(frozen=True, slots=True)
class Desk:
    """A person's request at work: who, and the transaction that sees the person's scope only.

    Attributes:
        now: The instant of the request, aware: every act in it happens then.
        rules: What is in force for an organisation, once it was read.
    """

    person: Person
    connection: Connection
    parts: Parts
    now: datetime
    rules: Rules = field(default_factory=dict)


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
        raise UnauthorizedError(_NO_SESSION)
    person = Person(session_hash=key, **row)
    if request.method not in SAFE:
        given = request.headers.get("X-CSRF-Token", "")
        if not hmac.compare_digest(given.encode(), person.csrf_token.encode()):
            raise ForbiddenError("header X-CSRF-Token must be the session's csrf_token")
    if person.is_unseen:
        await store.session_seen(connection, key)
    return person


@asynccontextmanager
async def transaction_of(person: Person, database: Database) -> AsyncIterator[Connection]:
    """Open one more transaction in a person's scope, for what outlasts the request's own.

    Raises:
        UnauthorizedError: The session has ended since.
    """
    async with database.people() as connection:
        if await store.session(connection, person.session_hash) is None:
            raise UnauthorizedError(_NO_SESSION)
        yield connection


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
            _require_reading(person, request)
            _require_finished(person, request.url.path, parts.settings.second_factor)
            if person.role == "procurator":
                await _note_procurator(connection, person, request)
            found = Desk(person, connection, parts, parts.clock())
            if person.subject_id is None:
                await _open_closed(found, request)
            yield found

    return desk


def _require_reading(person: Person, request: Request) -> None:
    # The own session, factor and password are a procurator's to change, and nothing else.
    is_own = request.url.path.startswith(SESSION_PATH) or request.url.path == CHANGE_PATH
    if person.role == "procurator" and request.method not in SAFE and not is_own:
        raise ForbiddenError("role procurator may read, and change nothing")


async def _note_procurator(connection: Connection, person: Person, request: Request) -> None:
    """Note what a procurator looks at, but not what every open page asks for by itself."""
    call = request.scope["route"].path
    if request.method not in SAFE or call.startswith(_UNNOTED):
        return
    things = [str(value) for value in request.path_params.values()]
    asked = request.query_params.get("subject") or request.query_params.get("q")
    thing = "/".join(things) or asked or None
    await store.note_procurator(connection, person.login, person.org_id, call[:200], thing)


def _require_finished(person: Person, path: str, policy: Policy) -> None:
    step = person.next_step(policy)
    if step is None or path in (SESSION_PATH, CALLS[step]):
        return
    wanted = {
        "code": "enter the code of your second factor first: POST",
        "password": "set a password of your own first: POST",
        "enrol": "enrol a second factor first: POST",
    }
    raise ForbiddenError(f"{wanted[step]} {CALLS[step]}")


async def _open_closed(desk: Desk, request: Request) -> None:
    """Open the closed files that the person may see; note it when the request reads one.

    A list opens the file that it is asked for by its person's id, and no other: what nobody asked
    for would be a look that nobody notes.
    """
    opened = await open_files(desk.connection, desk.person.login, desk.now)
    asked, is_read = request.query_params, request.method in SAFE
    named = request.path_params.get("subject_id") or asked.get("subject") or asked.get("q")
    if is_read and not request.path_params:
        await close_files(desk.connection)
        if named in opened:
            await open_file(desk.connection, named)
    if is_read and named in opened:
        what = request.scope["route"].path
        person = desk.person
        await store.note_look(
            desk.connection, named, login=person.login, org_id=person.org_id, what=what, at=desk.now
        )


AnyDesk = Annotated[Desk, Depends(desk_for(*EVERYONE), scope="function")]
ReaderDesk = Annotated[Desk, Depends(desk_for(*CASE_READERS), scope="function")]
HandlerDesk = Annotated[Desk, Depends(desk_for(*CASE_HANDLERS), scope="function")]
DeciderDesk = Annotated[Desk, Depends(desk_for(*DECIDERS), scope="function")]
StaffDesk = Annotated[Desk, Depends(desk_for(*STAFF), scope="function")]
OwnDesk = Annotated[Desk, Depends(desk_for("subject"), scope="function")]
SessionDesk = Annotated[Desk, Depends(desk_for(*STAFF, "subject"), scope="function")]
RegistrarDesk = Annotated[Desk, Depends(desk_for(*REGISTRARS), scope="function")]
