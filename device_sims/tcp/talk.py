"""What a terminal says and hears on its connections, without the connections. Pure.

One `Talk` lives as long as its terminal; `connect` begins the next connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from firmware_protocols.command import Command
from firmware_protocols.message import Reply, Report

Name = tuple[int, int]
"""Boot and sequence number of a report in the terminal's memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the platform said.

    Attributes:
        kept: Reports that it has safely.
        command: What it wants done; its id is unique for the terminal.
        say: What the terminal says to it at once.
        is_refusal: It does not let the terminal in.
    """

    kept: tuple[Name, ...] = ()
    command: Command | None = None
    say: bytes = b""
    is_refusal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a message of reports is on the wire.

    Attributes:
        data: What to write now; empty when it waits for another message's reply.
        kept: Reports whose last word is the write itself: the protocol has no reply to them.
    """

    data: bytes
    kept: tuple[Name, ...] = ()


class Talk(Protocol):
    """One terminal's side of its protocol.

    Attributes:
        message_reports: Reports that fit into one message.
        is_admitted: The platform takes reports on this connection.
    """

    message_reports: int
    is_admitted: bool

    def connect(self) -> bytes:
        """Begin a connection, and return what to say first."""

    def hear(self, data: bytes) -> list[Heard]:
        """Return what the bytes that came say, in order; what is no frame is passed over."""

    def say(self, reports: Sequence[Report]) -> Said:
        """Return reports as one message."""

    def reply(self, reply: Reply) -> bytes:
        """Return the answer to a command, whose id the reply names."""

    def beat(self) -> bytes:
        """Return a sign of life."""

    def leave(self) -> bytes:
        """Return the good-bye; empty where the protocol has none."""


def name_of(report: Report) -> Name:
    """Return what a report is called in the terminal's memory."""
    return report.boot, report.seq


def names_of(reports: Sequence[Report]) -> tuple[Name, ...]:
    """Return what reports are called in the terminal's memory."""
    return tuple(name_of(report) for report in reports)
