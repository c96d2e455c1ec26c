"""What comes down besides acknowledgements: commands, and alerts to terminals on duty."""

import msgspec
from msgspec import UNSET, UnsetType

from firmware_protocols.codec import AckRange
from firmware_protocols.command import Command, missing_argument, require_approval
from firmware_protocols.errors import CommandError, FieldError
from firmware_protocols.local_alert import LocalAlert
from firmware_protocols.wristband_json.encode import decode_ack
from firmware_protocols.wristband_json.wire import VERSION, Version, parsed


class _Order(msgspec.Struct):
    v: Version
    cmd: Command | UnsetType = UNSET


class _Notice(msgspec.Struct):
    v: Version
    alert: LocalAlert | UnsetType = UNSET


_notice_decoder = msgspec.json.Decoder(_Notice)
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


def encode_alert(alert: LocalAlert) -> bytes:
    """Return an alert as a down-link message (docs/wire/local-alerts-v1.md)."""
    return msgspec.json.encode({"v": VERSION, "alert": alert})


def decode_down(payload: bytes) -> list[AckRange] | Command | LocalAlert:
    """Return what a down-link message says: ranges that are safely kept, a command or an alert.

    Raises:
        DecodeError: The payload is oversized, not JSON, or none of the three.
    """
    if b'"cmd"' in payload:
        command = parsed(_order_decoder.decode, payload).cmd
        if command is not UNSET:
            needed = missing_argument(command)
            if needed:
                raise FieldError(f"`cmd`: {command.name!r} needs `{needed}`", frame=payload)
            return command
    if b'"alert"' in payload:
        alert = parsed(_notice_decoder.decode, payload).alert
        if alert is not UNSET:
            return alert
    return decode_ack(payload)
