"""What the platform answers: 0x8001, 0x8003, 0x8004, 0x8100, 0x8109 and 0x8800 (clause 8)."""

from datetime import timedelta
from typing import ClassVar, Final, Self

import msgspec

from firmware_protocols.jt808.body import (
    BodyReader,
    write_calendar,
    write_number,
    write_numbers,
    write_text,
    write_time,
)

OK: Final = 0
FAILED: Final = 1
BAD_MESSAGE: Final = 2
UNSUPPORTED: Final = 3
"""Results of 0x8001; 4 is "alarm handled"."""

REGISTERED: Final = 0
NO_TERMINAL: Final = 4
TERMINAL_TAKEN: Final = 3
"""Results of 0x8100; 1 and 2 are the vehicle's "registered" and "not known"."""


class PlatformReply(msgspec.Struct, frozen=True, kw_only=True):
    """0x8001: the platform's general reply.

    Attributes:
        to_serial: Serial of the terminal's message.
        to_id: Its id.
        result: OK, FAILED, BAD_MESSAGE, UNSUPPORTED or 4, alarm handled.
    """

    message_id: ClassVar[int] = 0x8001
    to_serial: int
    to_id: int
    result: int = OK

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002  # one form in all editions
        """Return the body."""
        return write_numbers((self.to_serial, self.to_id), 2, "serial or id") + write_number(
            self.result, 1, "result"
        )

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take the body."""
        return cls(to_serial=reader.number(2), to_id=reader.number(2), result=reader.number(1))


class ResendRequest(msgspec.Struct, frozen=True, kw_only=True):
    """0x8003, and 0x0005 from the terminal: send these parts of a message again.

    Attributes:
        first_serial: Serial of the message's first part.
        parts: Numbers of the wanted parts, from 1.
    """

    message_id: ClassVar[int] = 0x8003
    first_serial: int
    parts: tuple[int, ...]

    def write(self, *, is_2019: bool) -> bytes:
        """Return the body; the count is a WORD in 2019 and a BYTE before."""
        count = write_number(len(self.parts), 2 if is_2019 else 1, "count of parts")
        serial = write_number(self.first_serial, 2, "serial")
        return serial + count + write_numbers(self.parts, 2, "part")

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:
        """Take the body."""
        serial = reader.number(2)
        count = reader.number(2 if is_2019 else 1)
        return cls(first_serial=serial, parts=reader.numbers(2, count))


class ServerTime(msgspec.Struct, frozen=True, kw_only=True):
    """0x8004: the platform's time, the one time on the wire that is UTC (2019).

    Attributes:
        time_ms: Milliseconds since 1970 UTC; whole seconds travel.
    """

    message_id: ClassVar[int] = 0x8004
    time_ms: int

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002
        """Return the body."""
        return write_time(self.time_ms, "server time", timedelta(0))

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take the body."""
        return cls(time_ms=reader.time_ms(timedelta(0)))


class VendorTime(msgspec.Struct, frozen=True, kw_only=True):
    """0x8109: the platform's time in UTC, as terminals that ask by 0x0109 want it (Traccar).

    Attributes:
        time_ms: Milliseconds since 1970 UTC; whole seconds travel.
        result: OK.
    """

    message_id: ClassVar[int] = 0x8109
    time_ms: int
    result: int = OK

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002
        """Return the body: year as a WORD, month, day, hour, minute, second, result."""
        return write_calendar(self.time_ms, "server time") + write_number(self.result, 1, "result")

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take the body."""
        return cls(time_ms=reader.calendar_ms(), result=reader.number(1))


class RegisterReply(msgspec.Struct, frozen=True, kw_only=True):
    """0x8100: whether the terminal is registered.

    Attributes:
        to_serial: Serial of its 0x0100.
        result: REGISTERED, NO_TERMINAL, TERMINAL_TAKEN, 1 or 2.
        auth_code: What it must show in 0x0102; None unless REGISTERED.
    """

    message_id: ClassVar[int] = 0x8100
    to_serial: int
    result: int
    auth_code: str | None = None

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002
        """Return the body."""
        head = write_number(self.to_serial, 2, "serial") + write_number(self.result, 1, "result")
        return head + write_text(self.auth_code or "", "authentication code")

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take the body."""
        serial, result = reader.number(2), reader.number(1)
        code = reader.text(reader.left) if result == REGISTERED else None
        return cls(to_serial=serial, result=result, auth_code=code)


class MediaReply(msgspec.Struct, frozen=True, kw_only=True):
    """0x8800: the recording of an 0x0801 is there, or lacks parts.

    Attributes:
        media: Id of the recording.
        missing: Numbers of the parts to send again; nothing follows the id when it is whole.
    """

    message_id: ClassVar[int] = 0x8800
    media: int
    missing: tuple[int, ...] = ()

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002
        """Return the body."""
        head = write_number(self.media, 4, "media id")
        if not self.missing:
            return head
        count = write_number(len(self.missing), 1, "count of parts")
        return head + count + write_numbers(self.missing, 2, "part")

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take the body; the edition of 2011 writes a count of 0 after a whole one."""
        media = reader.number(4)
        count = reader.number(1) if reader.left else 0
        return cls(media=media, missing=reader.numbers(2, count))
