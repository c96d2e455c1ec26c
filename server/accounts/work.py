"""What administrators do with accounts, each act in the record."""

import asyncio
import secrets
from typing import Any

import psycopg

from server.accounts import store
from server.accounts.schemas import NewAccount, RecoveryRequest
from server.acts.act import Act
from server.acts.store import record
from server.auth.password import hash_password
from server.auth.person import Desk
from server.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError

_ADMINISTRATORS = frozenset({"admin", "security", "auditor"})


async def enter(desk: Desk, body: NewAccount) -> dict[str, Any]:
    """Enter an account that waits for its grant.

    Raises:
        ConflictError: Login or staff number is taken.
        InvalidError: The organisation is outside of the scope.
    """
    try:
        is_new = await store.add(desk.connection, body.model_dump())
    except psycopg.errors.InsufficientPrivilege as error:
        raise InvalidError([("/org", "is not in your scope")]) from error
    if not is_new:
        raise ConflictError("the login or the staff number is taken: nobody has two accounts")
    row = await account_of(desk, body.login)
    await _note(desk, row, "account.entered", role=body.role)
    return row


async def change_role(desk: Desk, login: str, role: str) -> dict[str, Any]:
    """Change a role; it waits for a grant, and the account's sessions are closed until then."""
    row = await _anothers(desk, login)
    if row["role"] == role:
        return row
    await _keep_last(desk, row)
    await store.set_role(desk.connection, login, role)
    changed = await account_of(desk, login)
    await _note(desk, changed, "account.role_changed", was=row["role"], role=role)
    return changed


async def disable(desk: Desk, login: str) -> dict[str, Any]:
    """Disable an account; its sessions are closed at once."""
    row = await _anothers(desk, login)
    if not row["disabled"]:
        await _keep_last(desk, row)
        await store.set_disabled(desk.connection, login, disabled=True)
        await _note(desk, row, "account.disabled")
    return await account_of(desk, login)


async def enable(desk: Desk, login: str) -> dict[str, Any]:
    """Let a disabled account wait for a grant again."""
    row = await _anothers(desk, login)
    if row["disabled"]:
        await store.set_disabled(desk.connection, login, disabled=False)
        await _note(desk, row, "account.enabled")
    return await account_of(desk, login)


async def grant(desk: Desk, login: str, role: str) -> str:
    """Make an account effective; return the password that is good once.

    Raises:
        ConflictError: It does not wait for this role.
    """
    row = await _anothers(desk, login)
    password, password_hash = await _one_time()
    key = desk.person.session_hash
    if not await store.grant(desk.connection, key, login, role, password_hash):
        raise ConflictError(f"{login} does not wait for a grant of {role}: it is {row['role']} now")
    await _note(desk, row, "account.granted", role=role)
    return password


async def unlock(desk: Desk, login: str) -> None:
    """Forget an account's wrong attempts."""
    row = await _anothers(desk, login)
    if not await store.unlock(desk.connection, desk.person.session_hash, login):
        raise NotFoundError(f"account {login} is not in your scope")
    await _note(desk, row, "account.unlocked")


async def ask_recovery(desk: Desk, body: RecoveryRequest) -> dict[str, Any]:
    """Ask for the recovery of a password or factor; another security administrator decides.

    Raises:
        ConflictError: It is asked for already.
    """
    row = await _anothers(desk, body.login)
    key = desk.person.session_hash
    asked = body.login, body.what, body.reason
    number = await store.ask_recovery(desk.connection, key, *asked)
    if number is None:
        raise ConflictError(f"a recovery of {body.login} is asked for already: decide on that one")
    await _note(desk, row, "account.recovery_asked", what=body.what, recovery=number)
    return await recovery_of(desk, number)


async def decide_recovery(desk: Desk, number: int, *, approves: bool) -> str | None:
    """Approve or refuse a recovery; return the password that is good once, if that was lost.

    Raises:
        ConflictError: It was decided or is too old, or the one who asked approves.
    """
    found = await recovery_of(desk, number)
    row = await _anothers(desk, found["login"])
    password, password_hash = await _one_time()
    key = desk.person.session_hash
    if not await store.decide_recovery(
        desk.connection, key, number, approves=approves, password_hash=password_hash
    ):
        raise ConflictError(
            f"recovery {number} is {found['state']}; another security administrator than"
            f" {found['asked_by']} approves within a day"
        )
    kind = "account.recovered" if approves else "account.recovery_refused"
    await _note(desk, row, kind, what=found["what"], recovery=number, asked_by=found["asked_by"])
    return password if approves and found["what"] != "factor" else None


async def account_of(desk: Desk, login: str) -> dict[str, Any]:
    """Return an account of the scope.

    Raises:
        NotFoundError: There is none.
    """
    row = await store.one(desk.connection, login)
    if row is None:
        raise NotFoundError(f"account {login} is not in your scope")
    return row


async def recovery_of(desk: Desk, number: int) -> dict[str, Any]:
    """Return a recovery of the scope.

    Raises:
        NotFoundError: There is none.
    """
    row = await store.recovery(desk.connection, number)
    if row is None:
        raise NotFoundError(f"recovery {number} is not in your scope")
    return row


async def _anothers(desk: Desk, login: str) -> dict[str, Any]:
    row = await account_of(desk, login)
    if login == desk.person.login:
        raise ForbiddenError("nobody acts on the own account: ask another administrator")
    return row


async def _keep_last(desk: Desk, row: dict[str, Any]) -> None:
    if row["role"] not in _ADMINISTRATORS or row["disabled"] or row["awaits_grant"]:
        return
    if not await store.others_in_role(desk.connection, row["login"], row["role"]):
        raise ConflictError(f"{row['login']} is the last {row['role']} here: grant another first")


async def _one_time() -> tuple[str, str]:
    password = secrets.token_urlsafe(12)
    return password, await asyncio.to_thread(hash_password, password)


async def _note(desk: Desk, row: dict[str, Any], kind: str, **body: Any) -> None:
    act = Act(
        kind=kind,
        org_id=row["org"],
        subject_id=None,
        ref_kind="account",
        ref_id=row["login"],
        happened_time=desk.now,
        body=body,
    )
    await record(desk.connection, act, desk.person)
