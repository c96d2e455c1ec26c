"""Tells an officer on the own terminal or recorder: a text, by the gateway's down-link."""

import hashlib
from typing import Any, Final

from server.commands import store as commands
from server.commands.entering import MOST_OPEN
from server.db import Connection
from server.notifications import terminal_store
from server.notifications.errors import RefusedSendError, SendError
from server.notifications.message import Message

_MOST_CHARS: Final = 200
_VALID_FOR_S: Final = 3_600
BY: Final = "guitu"
"""Who enters these commands: the server itself."""


async def send(connection: Connection, channel_id: str, login: str | None, message: Message) -> str:
    """Queue a text for the device that an officer has on; return the command's id.

    In the transaction that notes it as delivered, so that it is never queued twice.

    Raises:
        RefusedSendError: The channel is of nobody.
        SendError: No device is bound to the officer now, or it has too much to do.
    """
    if login is None:
        raise RefusedSendError("a terminal's channel needs a person")
    device = await terminal_store.device_of(connection, login)
    if device is None:
        raise SendError("no recorder, terminal or phone is bound to the person now")
    await commands.lock_device(connection, device)
    held = await commands.device_held(connection, device)
    if held is None or held["open_count"] >= MOST_OPEN:
        raise SendError(f"{MOST_OPEN} commands of the device are open")
    digest = hashlib.sha256(f"notification {channel_id} {message.key}".encode()).hexdigest()
    command_id = f"n-{digest[:32]}"
    row: dict[str, Any] = {
        "id": command_id,
        "org": held["org"],
        "device": device,
        "name": "text",
        "interval_s": None,
        "text": _text(message),
        "purpose": "通知 notification",
        "by": BY,
        "valid_for_s": _VALID_FOR_S,
        "state": "queued",
    }
    if await commands.command(connection, command_id) is None:
        await commands.insert(connection, row)
    await commands.announce(connection, held["org"], command_id)
    return command_id


def _text(message: Message) -> str:
    first = next(iter(message.said.values()))
    return f"{first.title} {first.text}"[:_MOST_CHARS]
