"""Takes what a gateway says of its commands: whole, or an error that names the wrong events."""

from typing import Final, get_args

from server.auth.gateway import GatewayDesk
from server.commands import gateway_store, store
from server.commands.lifecycle import Progress, Reported, is_news
from server.commands.schemas import CommandEvent
from server.errors import InvalidError

_PROGRESS: Final = frozenset(get_args(Progress))

# The withdrawal crossed the sending: who withdrew must know what the device may have done.
_CROSSED: Final[dict[Reported | Progress, str]] = {
    "sent": "sent before it was withdrawn",
    "answered": "done before it was withdrawn",
}


async def take_events(desk: GatewayDesk, events: list[CommandEvent]) -> int:
    """Take a report; return how many events moved a command. A repeated one moves none.

    Raises:
        InvalidError: An event names a command that is not in the gateway's scope, or one that
            was never handed out; the text says which.
    """
    connection = desk.connection
    held = await gateway_store.lock_states(connection, [event.command for event in events])
    faults = [
        (f"/events/{index}/command", f"{event.command} {text}")
        for index, event in enumerate(events)
        if (text := _fault(held, event.command)) is not None
    ]
    if faults:
        raise InvalidError(faults)
    told: list[str] = []
    count = 0
    for event in events:
        if event.state in _PROGRESS:  # of the task that it carries
            continue
        command = held[event.command]
        is_new = await gateway_store.note_step(
            connection, event, org=command["org"], gateway_id=desk.gateway.gateway_id
        )
        if is_new and command["state"] == "withdrawn" and event.state in _CROSSED:
            await gateway_store.remark(connection, event.command, _CROSSED[event.state])
            told.append(event.command)
        if is_news(command["state"], event.state):
            await gateway_store.move(connection, event)
            command["state"] = event.state
            told.append(event.command)
            count += 1
    for command_id in dict.fromkeys(told):
        await store.announce(connection, held[command_id]["org"], command_id)
    return count


def _fault(held: dict[str, dict[str, str]], command_id: str) -> str | None:
    if command_id not in held:
        return "is not in this gateway's scope"
    if held[command_id]["state"] == "awaiting_approval":
        return "was not approved and never handed out"
    return None
