"""The terminal's side of GT06; the words are those of docs/protocols/gt06.md.

A report is let go when the platform repeats its type and serial.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from device_sims.tcp.talk import Heard, Name, Said, names_of
from device_sims.terminal import Terminal
from firmware_protocols.command import Command
from firmware_protocols.errors import DecodeError
from firmware_protocols.gt06.cutter import Cutter
from firmware_protocols.gt06.encode import TYPE_COMMAND, decode_command, encode
from firmware_protocols.gt06.frame import TYPE_LOGIN, parse_frame
from firmware_protocols.gt06.profiles import STANDARD
from firmware_protocols.message import Heartbeat, Login, Message, Reply, Report

UTC_OFFSET_MIN: Final = 480
"""Its clock's zone, which its login tells."""

_SERIALS: Final = 1 << 16
_ALARMS: Final = frozenset({"sos", "low_battery"})
"""What it has numbers for."""


class Gt06Talk:
    """One tracker."""

    message_reports = 1

    def __init__(self, terminal: Terminal) -> None:
        """Take who speaks."""
        self.is_admitted = False
        self._terminal = terminal
        self._serial = 0
        self._connections = 0
        self._battery_pct: int | None = None
        self._cutter = Cutter()
        self._sent: dict[int, tuple[Name, ...]] = {}
        self._orders: dict[str, str] = {}

    def connect(self) -> bytes:
        """Log in."""
        self.is_admitted = False
        self._cutter = Cutter()
        self._connections += 1
        self._sent.clear()
        self._orders.clear()
        login = Login(
            device="",
            step="login",
            terminal=self._terminal.number,
            utc_offset_min=UTC_OFFSET_MIN,
        )
        return self._write(login)

    def hear(self, data: bytes) -> list[Heard]:
        """Return what the bytes that came say."""
        return [self._understand(cut.data) for cut in self._cutter.feed(data) if cut.is_frame]

    def say(self, reports: Sequence[Report]) -> Said:
        """Return one report as 0x22, or as 0x26 when it has an alarm."""
        (report,) = reports
        self._battery_pct = report.battery_pct
        data = self._write(_as_wire(report))
        self._sent[self._serial] = names_of([report])
        return Said(data=data)

    def reply(self, reply: Reply) -> bytes:
        """Return 0x15 with the words of the trackers."""
        key = self._orders.pop(reply.to, "")
        if not key:
            return b""
        text = "OK!" if reply.ok else "ERROR: not supported"
        return self._write(msgspec.structs.replace(reply, to=key, text=text))

    def beat(self) -> bytes:
        """Return 0x13 with the battery."""
        return self._write(Heartbeat(device="", battery_pct=self._battery_pct))

    def leave(self) -> bytes:
        """Return nothing: a tracker just hangs up."""
        return b""

    def _understand(self, data: bytes) -> Heard:
        try:
            frame = parse_frame(data, STANDARD)
            if frame.type == TYPE_COMMAND:
                return self._ordered(*decode_command(frame.body))
        except DecodeError:
            return Heard()
        if frame.type == TYPE_LOGIN:
            self.is_admitted = True
            return Heard()
        return Heard(kept=self._sent.pop(frame.serial or 0, ()))

    def _ordered(self, flag: int, words: str) -> Heard:
        command = f"{self._connections}-{flag:08x}"
        self._orders[command] = f"{flag:08x}"
        word, *values = words.rstrip("#").split(",")
        if word == "TIMER" and values and values[0].isdecimal():
            wanted = Command(id=command, name="set_interval", interval_s=int(values[0]))
        else:
            # Whatever else there is: Obedience refuses it in its own words.
            wanted = Command(id=command, name="locate" if word == "WHERE" else "restart")
        return Heard(command=wanted)

    def _write(self, message: Message) -> bytes:
        self._serial = (self._serial + 1) % _SERIALS
        return encode(message, serial=self._serial, utc_offset_min=UTC_OFFSET_MIN)


def _as_wire(report: Report) -> Report:
    """Return what of a report the tracker's frames can carry."""
    alarms = tuple(name for name in report.alarms if name in _ALARMS)
    # 0x26 has no flag for what was held back.
    extra = {"upload_mode": 0, "ignition": False} if not alarms else {}
    told = msgspec.structs.replace(
        report, alarms=alarms, extra=extra, accuracy_m=None, satellites=report.satellites or 0
    )
    if report.kind == "fix":
        return told
    return msgspec.structs.replace(
        told, kind="fix", valid=False, longitude_deg=0.0, latitude_deg=0.0, datum="WGS84"
    )
