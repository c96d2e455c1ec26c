"""The terminal's side of the watches' text protocol; see docs/protocols/watch.md.

A position (UD, UD2) has no reply: it is let go when it is written, and lost when the connection
breaks under it. An alarm (AL) is repeated until its reply, which does not say what it replies to:
so there is one alarm under way at a time.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

import msgspec

from device_sims.tcp.talk import Heard, Name, Said, name_of
from device_sims.terminal import Terminal
from firmware_protocols.command import Command
from firmware_protocols.errors import DecodeError
from firmware_protocols.message import Heartbeat, Message, Reply, Report
from firmware_protocols.watch.encode import encode
from firmware_protocols.watch.frame import Frame, parse_frame, text_of
from firmware_protocols.watch.framing import Framer

_ALARMS: Final = frozenset({"sos", "low_battery"})
"""What it has bits for and our watch tells."""

_REPLIES: Final = frozenset({"LK", "AL"})


class WatchTalk:
    """One watch."""

    message_reports = 1

    def __init__(self, terminal: Terminal) -> None:
        """Take who speaks."""
        self.is_admitted = False
        self._terminal = terminal
        self._connections = 0
        self._commands = 0
        self._framer = Framer()
        self._alarms: frozenset[str] = frozenset()
        self._calls: dict[Name, bytes] = {}
        self._under_way: deque[Name] = deque()
        self._orders: dict[str, str] = {}

    def connect(self) -> bytes:
        """Say that the link is there."""
        self.is_admitted = False
        self._framer = Framer()
        self._under_way.clear()
        self._orders.clear()
        return self.beat()

    def hear(self, data: bytes) -> list[Heard]:
        """Return what the bytes that came say."""
        return [self._understand(cut.data) for cut in self._framer.feed(data) if cut.is_frame]

    def say(self, reports: Sequence[Report]) -> Said:
        """Return one report: UD, UD2 when it was held back, AL when an alarm begins with it."""
        (report,) = reports
        name, alarms = name_of(report), _ALARMS.intersection(report.alarms)
        is_call = name in self._calls or bool(alarms - self._alarms)
        self._alarms = alarms
        if not is_call:
            return Said(data=self._write(_as_wire(report, "")), kept=(name,))
        self._calls[name] = self._write(_as_wire(report, "AL"))
        if self._under_way and self._under_way[0] != name:
            return Said(data=b"")
        self._under_way.append(name)
        return Said(data=self._calls[name])

    def reply(self, reply: Reply) -> bytes:
        """Return the command's word; nothing where the watch does not know it."""
        word = self._orders.pop(reply.to, "")
        if not word or not reply.ok:
            return b""
        return self._write(Reply(device="", to=word, ok=True))

    def beat(self) -> bytes:
        """Return LK."""
        return self._write(Heartbeat(device=""))

    def leave(self) -> bytes:
        """Return nothing: a watch just hangs up."""
        return b""

    def _understand(self, data: bytes) -> Heard:
        try:
            frame = parse_frame(data, tolerate_length=True)
        except DecodeError:
            return Heard()
        if frame.word == "LK":
            self.is_admitted = True
        if frame.word == "AL" and self._under_way:
            return self._heard_alarm()
        return Heard() if frame.word in _REPLIES else self._ordered(frame)

    def _heard_alarm(self) -> Heard:
        name = self._under_way.popleft()
        self._calls.pop(name, None)
        say = b""
        if not self._under_way and self._calls:
            following, say = next(iter(self._calls.items()))
            self._under_way.append(following)
        return Heard(kept=(name,), say=say)

    def _ordered(self, frame: Frame) -> Heard:
        self._commands += 1
        command = f"w-{self._commands}"
        self._orders[command] = frame.word
        value = text_of(frame.values or b"")
        match frame.word:
            case "UPLOAD" if value.isdecimal():
                return Heard(
                    command=Command(id=command, name="set_interval", interval_s=int(value))
                )
            case "CR":
                return Heard(command=Command(id=command, name="locate"))
            case "MESSAGE":
                return Heard(command=Command(id=command, name="text", text=value))
        # Whatever else there is: Obedience refuses it in its own words.
        return Heard(command=Command(id=command, name="restart"))

    def _write(self, message: Message) -> bytes:
        return encode(message, self._terminal.number)


def _as_wire(report: Report, word: str) -> Report:
    """Return what of a report the watch's frames can carry, under a word of its own choice."""
    alarms = tuple(name for name in report.alarms if name in _ALARMS)
    usual = "UD2" if report.backlog else "UD"
    told = msgspec.structs.replace(report, alarms=alarms, extra={"message": word or usual})
    if report.kind == "fix":
        return told
    return msgspec.structs.replace(
        told, kind="fix", valid=False, longitude_deg=0.0, latitude_deg=0.0, datum="WGS84"
    )
