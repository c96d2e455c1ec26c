"""The terminal's side of JT/T 808; the words are those of docs/protocols/jt808.md.

A report is let go when 0x8001 says 0 for the serials of all frames that it went out in; one that
the platform cannot read (2) will never be taken and is let go too.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from device_sims.tcp.talk import Heard, Name, Said, names_of
from device_sims.terminal import Terminal
from firmware_protocols.command import Command
from firmware_protocols.errors import DecodeError
from firmware_protocols.jt808.address import address_of
from firmware_protocols.jt808.control import Locate, SetParameters, ShowText
from firmware_protocols.jt808.down import Down, read_down
from firmware_protocols.jt808.framing import FrameCutter
from firmware_protocols.jt808.header import Frame, parse_frame
from firmware_protocols.jt808.parameters import DEFAULT_INTERVAL
from firmware_protocols.jt808.profiles import profile_of
from firmware_protocols.jt808.replies import (
    BAD_MESSAGE,
    OK,
    UNSUPPORTED,
    PlatformReply,
    RegisterReply,
    ResendRequest,
)
from firmware_protocols.jt808.uplink import reply_key
from firmware_protocols.jt808.uplink_write import (
    encode_batch,
    encode_location_answer,
    encode_message,
)
from firmware_protocols.message import Heartbeat, Login, Logout, Message, Reply, Report

_SERIALS: Final = 1 << 16
_AUTHENTICATE: Final = 0x0102
_LOCATE: Final = f"{Locate.message_id:04x}:"
_MAKER: Final = "GUITU"
_MODEL: Final = "SIM-808"


class Jt808Talk:
    """One terminal; it keeps its authentication code between connections, as in its flash."""

    message_reports = 50
    """A message of 0x0704 then has two to three parts."""

    def __init__(self, terminal: Terminal) -> None:
        """Take who speaks."""
        self.is_admitted = False
        self._terminal = terminal
        self._address = address_of(terminal.number, terminal.version)
        self._profile = profile_of(terminal.model)
        self._serial = 0
        self._auth_code: str | None = None
        self._connections = 0
        self._cutter = FrameCutter()
        self._sent: dict[frozenset[int], tuple[Name, ...]] = {}
        self._orders: dict[str, str] = {}
        self._asked_serial: int | None = None

    def connect(self) -> bytes:
        """Register, or authenticate with the code of an earlier registration."""
        self.is_admitted = False
        self._cutter = FrameCutter()
        self._connections += 1
        self._sent.clear()
        self._orders.clear()
        self._asked_serial = None
        return self._authenticate() if self._auth_code is not None else self._register()

    def hear(self, data: bytes) -> list[Heard]:
        """Return what the bytes that came say."""
        return [self._understand(cut.data) for cut in self._cutter.feed(data) if cut.is_frame]

    def say(self, reports: Sequence[Report]) -> Said:
        """Return reports as 0x0200, or as 0x0704 when they are several or were held back."""
        told = [_as_wire(report) for report in reports]
        first, is_backlog = self._serial, any(report.backlog for report in reports)
        if len(told) > 1 or is_backlog:
            frames = encode_batch(
                told, self._address, first, is_blind_area=is_backlog, profile=self._profile
            )
        elif self._asked_serial is not None:
            frames = encode_location_answer(
                told[0], self._asked_serial, self._address, first, profile=self._profile
            )
            self._asked_serial = None
        else:
            frames = encode_message(told[0], self._address, first, profile=self._profile)
        self._serial = (first + len(frames)) % _SERIALS
        serials = frozenset((first + n) % _SERIALS for n in range(len(frames)))
        self._sent[serials] = names_of(reports)
        return Said(data=b"".join(frames))

    def reply(self, reply: Reply) -> bytes:
        """Return 0x0001; a position that was asked for is its own answer."""
        key = self._orders.pop(reply.to, "")
        if not key or (reply.ok and key.startswith(_LOCATE)):
            return b""
        extra = {} if reply.ok else {"result": UNSUPPORTED}
        return self._write(msgspec.structs.replace(reply, to=key, extra=extra))

    def beat(self) -> bytes:
        """Return 0x0002."""
        return self._write(Heartbeat(device=""))

    def leave(self) -> bytes:
        """Return 0x0003."""
        return self._write(Logout(device=""))

    def _understand(self, data: bytes) -> Heard:
        try:
            frame = parse_frame(data)
            message = read_down(
                frame.message_id, frame.body, is_2019=frame.address.version is not None
            )
        except DecodeError:
            return Heard()
        match message:
            case RegisterReply(auth_code=None):
                return Heard(is_refusal=True)
            case RegisterReply(auth_code=code):
                self._auth_code = code
                return Heard(say=self._authenticate())
            case PlatformReply():
                return self._told(message)
        return self._ordered(frame, message)

    def _told(self, reply: PlatformReply) -> Heard:
        if reply.to_id == _AUTHENTICATE:
            self.is_admitted = reply.result == OK
            if not self.is_admitted:
                self._auth_code = None
            return Heard(is_refusal=not self.is_admitted)
        if reply.result not in {OK, BAD_MESSAGE}:
            return Heard()
        for serials in self._sent:
            if reply.to_serial in serials:
                names, rest = self._sent.pop(serials), serials - {reply.to_serial}
                if rest:
                    self._sent[rest] = names
                return Heard(kept=() if rest else names)
        return Heard()

    def _ordered(self, frame: Frame, message: Down) -> Heard:
        command = f"{self._connections}-{frame.message_id:04x}-{frame.serial}"
        self._orders[command] = reply_key(frame.message_id, frame.serial)
        match message:
            case SetParameters(parameters=parameters):
                values = [p.value for p in parameters if p.id == DEFAULT_INTERVAL]
                if values and isinstance(values[-1], int):
                    wanted = Command(id=command, name="set_interval", interval_s=values[-1])
                    return Heard(command=wanted)
            case Locate():
                self._asked_serial = frame.serial
                return Heard(command=Command(id=command, name="locate"))
            case ResendRequest():
                return Heard()  # nothing is lost on the way within a connection
            case ShowText(text=text):
                return Heard(command=Command(id=command, name="text", text=text))
        # Whatever else there is: Obedience refuses it in its own words.
        return Heard(command=Command(id=command, name="restart"))

    def _register(self) -> bytes:
        login = Login(
            device="",
            step="register",
            terminal=self._terminal.number,
            maker=_MAKER,
            model=_MODEL,
            serial=self._terminal.serial,
        )
        return self._write(login)

    def _authenticate(self) -> bytes:
        login = Login(
            device="",
            step="authenticate",
            terminal=self._terminal.number,
            auth_code=self._auth_code,
        )
        return self._write(login)

    def _write(self, message: Message) -> bytes:
        frames = encode_message(message, self._address, self._serial)
        self._serial = (self._serial + len(frames)) % _SERIALS
        return b"".join(frames)


def _as_wire(report: Report) -> Report:
    """Return a report without a position as one whose position is not valid."""
    return msgspec.structs.replace(report, valid=report.valid and report.kind == "fix")
