"""Commands to a wristband as docs/wire/commands-v1.md has them, both ways."""

import msgspec
from msgspec import UNSET, UnsetType

from firmware_protocols.codec import AckRange
from firmware_protocols.command import Command, missing_argument, require_approval
from firmware_protocols.errors import CommandError, FieldError
from firmware_protocols.wristband_json.encode import decode_ack
from firmware_protocols.wristband_json.wire import VERSION, Version, parsed


class _Order(msgspec.Struct):
    v: Version
    cmd: Command | UnsetType = UNSET


_order_decoder = msgspec.json.Decoder(_Order)


def encode_command(command: Command) -> bytes:
    """Return a command as a down-link message; who approved it stays at the platform.

    Raises:
        ApprovalError: It is dangerous and two persons have not approved it.
        CommandError: It lacks its argument.
    """
    require_approval(command.name, command.approved_by)
    needed = missing_argument(command)
    if needed:
        raise CommandError(f"command {command.id!r}: {command.name!r} needs `{needed}`")
    order = msgspec.structs.replace(command, approved_by=())
    return msgspec.json.encode({"v": VERSION, "cmd": order})


def decode_down(payload: bytes) -> list[AckRange] | Command:
    """Return what a down-link message says: ranges that are safely kept, or a command.

    Raises:
        DecodeError: The payload is oversized, not JSON, or neither of the two.
    """
    if b'"cmd"' in payload:
        command = parsed(_order_decoder.decode, payload).cmd
        if command is not UNSET:
            needed = missing_argument(command)
            if needed:
                raise FieldError(f"`cmd`: {command.name!r} needs `{needed}`", frame=payload)
            return command
    return decode_ack(payload)
