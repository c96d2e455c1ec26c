"""What the platform asks of a terminal: 0x8103-0x8107, 0x8201-0x8204, 0x8300, 0x8400, 0x8900."""

from typing import ClassVar, Final, Self

import msgspec

from firmware_protocols.command import CommandName, require_approval
from firmware_protocols.jt808.body import BodyReader, write_number, write_numbers, write_text
from firmware_protocols.jt808.parameters import Parameter, read_parameters, write_parameters

UPGRADE: Final = 1
CONNECT: Final = 2
POWER_OFF: Final = 3
RESTART: Final = 4
FACTORY_RESET: Final = 5
CLOSE_LINK: Final = 6
CLOSE_RADIO: Final = 7
"""Commands of 0x8105 (JT/T 808-2019 table 18)."""

APPROVED_COMMANDS: Final[dict[int, CommandName]] = {
    POWER_OFF: "power_off",
    FACTORY_RESET: "factory_reset",
    CLOSE_LINK: "close_link",
    CLOSE_RADIO: "close_radio",
}
"""Those that two persons must approve, and what `firmware_protocols.command` calls them."""

TEXT_URGENT: Final = 0x01
TEXT_DISPLAY: Final = 0x04
TEXT_SPEAK: Final = 0x08
"""Bits of 0x8300's mark; 2019 reads bits 0 and 1 as one number: 1 service, 2 urgent, 3 notice."""
TEXT_NOTICE: Final = 0x03
TYPE_NOTICE: Final = 1
TYPE_SERVICE: Final = 2


class SetParameters(msgspec.Struct, frozen=True):
    """0x8103: take these values; answered by 0x0001."""

    message_id: ClassVar[int] = 0x8103
    parameters: tuple[Parameter, ...]

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002  # one form in all editions
        """Return the body."""
        return write_parameters(self.parameters)

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take the body."""
        return cls(read_parameters(reader.rest()))


class _Bodiless(msgspec.Struct, frozen=True):
    message_id: ClassVar[int]

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002
        """Return the empty body."""
        return b""

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take nothing."""
        return cls()


class QueryAllParameters(_Bodiless, frozen=True):
    """0x8104: tell all parameters; answered by 0x0104."""

    message_id: ClassVar[int] = 0x8104


class QueryAttributes(_Bodiless, frozen=True):
    """0x8107: say what you are; answered by 0x0107 (2013 and later)."""

    message_id: ClassVar[int] = 0x8107


class Locate(_Bodiless, frozen=True):
    """0x8201: report the position now; answered by 0x0201."""

    message_id: ClassVar[int] = 0x8201


class ProbeLink(_Bodiless, frozen=True):
    """0x8204: are you there (2019); answered by 0x0001."""

    message_id: ClassVar[int] = 0x8204


class QueryParameters(msgspec.Struct, frozen=True):
    """0x8106: tell the parameters of these ids; answered by 0x0104 (2013 and later)."""

    message_id: ClassVar[int] = 0x8106
    ids: tuple[int, ...]

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002
        """Return the body."""
        count = write_number(len(self.ids), 1, "count of ids")
        return count + write_numbers(self.ids, 4, "parameter id")

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take the body."""
        return cls(reader.numbers(4, reader.number(1)))


class ControlTerminal(msgspec.Struct, frozen=True, kw_only=True):
    """0x8105: do this.

    Attributes:
        command: UPGRADE ... CLOSE_RADIO.
        arguments: Of UPGRADE and CONNECT as table 19 has them, text and binary numbers with a
            semicolon between them.
        approved_by: Accounts that approved it; never on the wire.
    """

    message_id: ClassVar[int] = 0x8105
    command: int
    arguments: bytes = b""
    approved_by: tuple[str, ...] = ()

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002
        """Return the body.

        Raises:
            ApprovalError: The command is dangerous and two persons have not approved it.
        """
        require_approval(APPROVED_COMMANDS.get(self.command, ""), self.approved_by)
        return write_number(self.command, 1, "command") + self.arguments

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take the body."""
        return cls(command=reader.number(1), arguments=reader.rest())


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """0x8202: report at this interval for a while.

    Attributes:
        interval_s: Seconds between reports; 0 ends it.
        validity_s: For how long, seconds; not sent when it ends.
    """

    message_id: ClassVar[int] = 0x8202
    interval_s: int
    validity_s: int = 0

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002
        """Return the body."""
        interval = write_number(self.interval_s, 2, "interval_s")
        if not self.interval_s:
            return interval
        return interval + write_number(self.validity_s, 4, "validity_s")

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take the body; an end may carry a validity, which says nothing."""
        interval_s = reader.number(2)
        validity_s = reader.number(4) if interval_s or reader.left else 0
        return cls(interval_s=interval_s, validity_s=validity_s if interval_s else 0)


class ConfirmAlarms(msgspec.Struct, frozen=True, kw_only=True):
    """0x8203: a person has seen these alarms (2013 and later).

    Attributes:
        serial: Serial of the alarm's message; 0 for all of the kinds.
        alarm_bits: Bits 0, 3, 20, 21, 22, 27 and 28 of the alarm word.
    """

    message_id: ClassVar[int] = 0x8203
    serial: int
    alarm_bits: int

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002
        """Return the body."""
        return write_number(self.serial, 2, "serial") + write_number(
            self.alarm_bits, 4, "alarm_bits"
        )

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take the body."""
        return cls(serial=reader.number(2), alarm_bits=reader.number(4))


class ShowText(msgspec.Struct, frozen=True, kw_only=True):
    """0x8300: show or speak a text.

    Attributes:
        text: The text; GBK on the wire.
        mark: TEXT_* bits.
        text_type: TYPE_NOTICE or TYPE_SERVICE; on the wire in 2019 alone.
    """

    message_id: ClassVar[int] = 0x8300
    text: str
    mark: int = TEXT_DISPLAY | TEXT_SPEAK
    text_type: int = TYPE_NOTICE

    def write(self, *, is_2019: bool) -> bytes:
        """Return the body."""
        head = write_number(self.mark, 1, "mark")
        if is_2019:
            head += write_number(self.text_type, 1, "text_type")
        return head + write_text(self.text, "text")

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:
        """Take the body."""
        mark = reader.number(1)
        text_type = reader.number(1) if is_2019 else TYPE_NOTICE
        return cls(mark=mark, text_type=text_type, text=reader.text(reader.left))


class CallBack(msgspec.Struct, frozen=True, kw_only=True):
    """0x8400: call this number.

    Attributes:
        phone: Number to call, at most 20 bytes.
        is_listen_in: The terminal stays silent about it.
    """

    message_id: ClassVar[int] = 0x8400
    phone: str
    is_listen_in: bool = False

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002
        """Return the body."""
        return bytes((self.is_listen_in,)) + write_text(self.phone, "phone")

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take the body."""
        is_listen_in = bool(reader.number(1))
        return cls(is_listen_in=is_listen_in, phone=reader.text(reader.left))


class SendTransparent(msgspec.Struct, frozen=True, kw_only=True):
    """0x8900: hand these bytes to a peripheral.

    Attributes:
        channel: 0x00 GNSS module, 0x0B IC card, 0x41 and 0x42 serial ports, 0xF0-0xFF the user's.
        payload: The bytes.
    """

    message_id: ClassVar[int] = 0x8900
    channel: int
    payload: bytes

    def write(self, *, is_2019: bool) -> bytes:  # noqa: ARG002
        """Return the body."""
        return write_number(self.channel, 1, "channel") + self.payload

    @classmethod
    def read(cls, reader: BodyReader, *, is_2019: bool) -> Self:  # noqa: ARG003
        """Take the body."""
        return cls(channel=reader.number(1), payload=reader.rest())
