"""The platform's side of a TCP conversation, without the TCP: bytes in, decisions and bytes out.

A listener feeds what arrives to `Dialogue.feed`, then hands each frame to `take`. The dialogue
knows the protocol's replies, serial numbers, parts and time-outs; the listener knows sockets, the
clock, the journal and who may come in.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from firmware_protocols.alarm import URGENT_ALARMS, alarms_to_mask
from firmware_protocols.command import Command
from firmware_protocols.message import Heartbeat, Login, Message, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What a stream was cut into: one frame, or bytes that belong to none.

    Attributes:
        offset: Place of its first byte in the stream of the connection.
        data: The bytes, delimiters included; of garbage at most the first 1,024.
        size: Bytes that it took from the stream.
        is_frame: False for garbage between frames and for a frame longer than the cap.
    """

    offset: int
    data: bytes
    size: int
    is_frame: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """That a terminal may come in.

    Attributes:
        device: Its pseudonymous device id.
        profile: Its device-model profile; empty is the default one.
        auth_code: What it must show in JT/T 808 0x0102 and is given in 0x8100.
        utc_offset_min: Offset of its clock from UTC when the registry knows better.
    """

    device: str
    profile: str = ""
    auth_code: str = ""
    utc_offset_min: int | None = None


Admit = Callable[[Login], Admission | None]
"""Whether a terminal may come in; None refuses it. Called once per login step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one frame asks of the platform.

    Attributes:
        messages: What the frame says, under the admitted device's id; empty until admitted.
        at_once: Bytes to write now: replies to login, heartbeat, time, LK, INIT.
        payload: Frames to journal: one frame, or all parts of a message that is now whole;
            empty when there is nothing to keep. Decoding it with the same codec and profile gives
            the same reports.
        after_commit: Bytes to write when `payload` is in the journal.
        is_urgent: One of the messages has an alarm of URGENT_ALARMS.
        close: The connection ends after `at_once`.
        refused: Why a terminal or its frame was not taken, for the count; empty when it was.
    """

    messages: tuple[Message, ...] = ()
    at_once: bytes = b""
    payload: bytes = b""
    after_commit: bytes = b""
    is_urgent: bool = False
    close: bool = False
    refused: str = ""


def is_urgent(messages: Iterable[Message]) -> bool:
    """Return whether a message has an alarm of URGENT_ALARMS.

    Heartbeats count: a terminal without a clock calls for help in one.
    """
    return any(
        alarms_to_mask(message.alarms) & URGENT_ALARMS
        for message in messages
        if isinstance(message, Report | Heartbeat)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A command as bytes, and the key that the terminal's Reply will carry in `to`.

    Attributes:
        data: What to write.
        key: Equal to `Reply.to` of its answer; empty when the protocol never answers it.
    """

    data: bytes
    key: str


class Dialogue(Protocol):
    """The platform's side of one connection. Pure: the clock is handed in.

    Attributes:
        admission: The terminal that speaks; None before its login.
    """

    admission: Admission | None

    @property
    def buffered(self) -> int:
        """Bytes held back: of a frame that is not whole, of parts that wait for others."""

    def feed(self, data: bytes) -> list[Cut]:
        """Return what `data` completes, in order; the rest is kept, bounded."""

    def take(self, frame: bytes, now_ms: int, admit: Admit) -> Turn:
        """Return what a frame asks for.

        Args:
            frame: `data` of a Cut that is a frame.
            now_ms: Our clock, milliseconds since 1970 UTC, for replies that tell the time.
            admit: Asked when the terminal says who it is.

        Raises:
            DecodeError: It is not a message of the protocol. The conversation goes on.
        """

    def due(self, now_ms: int) -> bytes:
        """Return what must be written because time has passed (re-requests); drops what expired."""

    def command(self, command: Command) -> Sent:
        """Return a command in the protocol's form.

        Raises:
            CommandError: It has no such command, or the approvals are missing.
        """
