"""What a person does with a command, in one transaction with its step and its log entry."""

import hashlib
from typing import Any, Final

from server.auth.person import Desk
from server.auth.store import log_access
from server.commands import store
from server.commands.lifecycle import SUPERVISORS_ONLY, WITHDRAWABLE, first_state
from server.commands.schemas import NewCommand
from server.errors import ConflictError, ForbiddenError, NotFoundError

MOST_OPEN: Final = 20
"""Open commands of one device; more are a mistake or a flood, and a watch has one short queue."""

_CONTENT: Final = ("name", "interval_s", "text", "purpose")


async def enter(desk: Desk, device: str, body: NewCommand, *, key: str) -> dict[str, Any]:
    """Enter a command; the same key again changes nothing.

    Raises:
        ForbiddenError: The role may not give this command.
        NotFoundError: No such device in the person's scope.
        ConflictError: The key was used for another command, or too many are open.
    """
    person, connection = desk.person, desk.connection
    if body.name in SUPERVISORS_ONLY and person.role != "supervisor":
        raise ForbiddenError(f"role {person.role} may not give {body.name}, only a supervisor")
    await store.lock_device(connection, device)
    held = await store.device_held(connection, device)
    if held is None:
        raise NotFoundError("no such device in your scope")
    command_id = _id(device, person.login, key)
    standing = await store.command(connection, command_id)
    if standing is not None:
        if any(standing[name] != getattr(body, name) for name in _CONTENT):
            raise ConflictError("this Idempotency-Key was used for another command: take a new one")
        return standing
    if held["open_count"] >= MOST_OPEN:
        raise ConflictError(f"{MOST_OPEN} commands of this device are open: withdraw or await some")
    row = {
        **body.model_dump(),
        "id": command_id,
        "org": held["org"],
        "device": device,
        "by": person.login,
        "state": first_state(body.name),
    }
    await store.insert(connection, row)
    await _log(desk, held["org"], f"command {body.name}", held["subject"], body.purpose)
    return await _announced(desk, held["org"], command_id)


async def approve(desk: Desk, command_id: str) -> dict[str, Any]:
    """Approve a dangerous command as a second person.

    Raises:
        ForbiddenError: The person entered it.
        NotFoundError: No such command in the person's scope.
        ConflictError: It does not wait for an approval.
    """
    current = await _held(desk, command_id)
    if current["state"] != "awaiting_approval":
        raise ConflictError(f"a command that is {current['state']} cannot be approved")
    if current["requested_by"]["login"] == desk.person.login:
        raise ForbiddenError("who entered a command cannot approve it: a second person must")
    await store.approve(desk.connection, current, by_login=desk.person.login)
    await _log_of(desk, current, "approve")
    return await _announced(desk, current["org"], command_id)


async def withdraw(desk: Desk, command_id: str) -> dict[str, Any]:
    """Take back a command that was not sent yet.

    Raises:
        NotFoundError: No such command in the person's scope.
        ConflictError: It was sent, or has ended.
    """
    current = await _held(desk, command_id)
    if current["state"] not in WITHDRAWABLE:
        raise ConflictError(f"a command that is {current['state']} cannot be withdrawn")
    await store.move(desk.connection, current, state="withdrawn", by_login=desk.person.login)
    await _log_of(desk, current, "withdraw")
    return await _announced(desk, current["org"], command_id)


async def _held(desk: Desk, command_id: str) -> dict[str, Any]:
    await store.lock_command(desk.connection, command_id)
    current = await store.command(desk.connection, command_id)
    if current is None:
        raise NotFoundError("no such command in your scope")
    return current


async def _log_of(desk: Desk, current: dict[str, Any], act: str) -> None:
    held = await store.device_held(desk.connection, current["device"])
    subject = held["subject"] if held else None
    await _log(desk, current["org"], f"{act} {current['name']}", subject, current["purpose"])


async def _log(desk: Desk, org: str, act: str, subject: str | None, purpose: str) -> None:
    await log_access(
        desk.connection,
        org_id=org,
        by_login=desk.person.login,
        act=act,
        subject_id=subject,
        purpose=purpose,
    )


async def _announced(desk: Desk, org: str, command_id: str) -> dict[str, Any]:
    shown = await store.command(desk.connection, command_id)
    await store.announce(desk.connection, org, command_id)
    return shown or {}


def _id(device: str, login: str, key: str) -> str:
    # Made of the key, so that a repeated request finds the command of the first one.
    digest = hashlib.sha256(f"command {device} {login} {key}".encode()).hexdigest()
    return f"c-{digest[:32]}"
