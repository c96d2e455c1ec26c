"""Commands as they travel between server and gateway (docs/wire/commands-v1.md)."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from firmware_protocols.command import Command, CommandName
from firmware_protocols.message import TaskFinding
from gateway.directory.snapshot import to_ms

EVENTS_MAX: Final = 1_000
"""Events in one request."""

State = Literal[
    "sent",
    "answered",
    "refused",
    "timed_out",
    "accepted",
    "declined",
    "en_route",
    "on_site",
    "reported",
]
"""The last five: what the person does whom a task sends."""


class Listed(msgspec.Struct, frozen=True):
    """A command that the server lists."""

    command: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    device: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    name: CommandName
    expires_at: Annotated[datetime, Meta(tz=True)]
    interval_s: int | None = None
    text: str | None = None
    task: dict[str, Any] | None = None
    approved_by: tuple[str, ...] = ()

    @property
    def expires_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        return to_ms(self.expires_at)

    def checked(self) -> Command:
        """Return it as every protocol takes it.

        Raises:
            msgspec.ValidationError: A value is out of its bounds.
        """
        fields = {"id": self.command, "name": self.name, "approved_by": self.approved_by}
        given = {"interval_s": self.interval_s, "text": self.text, "task": self.task}
        return msgspec.convert(
            fields | {name: value for name, value in given.items() if value is not None}, Command
        )


class Event(msgspec.Struct, frozen=True):
    """What became of a command; `at` is RFC 3339 UTC, `finding` what a report speaks for.

    `media` are its recordings, DEVICE/RECORDING.
    """

    command: str
    state: State
    at: str
    detail: str = ""
    finding: TaskFinding | UnsetType = UNSET
    media: tuple[str, ...] | UnsetType = UNSET


class _Answer(msgspec.Struct):
    commands: list[msgspec.Raw]


def read_list(body: bytes) -> tuple[list[tuple[Listed, Command]], list[str]]:
    """Return the commands of an answer, and what is wrong with those that are left out.

    Raises:
        msgspec.DecodeError: It is no list of commands at all.
    """
    taken, faults = [], []
    for raw in msgspec.json.decode(body, type=_Answer).commands:
        try:
            listed = msgspec.json.decode(raw, type=Listed)
            taken.append((listed, listed.checked()))
        except msgspec.ValidationError as error:
            faults.append(str(error))
    return taken, faults


def write_events(events: list[Event]) -> bytes:
    """Return the body of a report."""
    return msgspec.json.encode({"events": events})
