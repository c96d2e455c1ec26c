"""Terminals of the three TCP protocols, which keep what was not acknowledged."""

import asyncio
from abc import ABC, abstractmethod

from firmware_protocols.gt06.cutter import Cutter
from firmware_protocols.gt06.encode import encode as encode_gt06
from firmware_protocols.gt06.frame import parse_frame as parse_gt06
from firmware_protocols.gt06.profiles import STANDARD as GT06_STANDARD
from firmware_protocols.jt808.address import address_of
from firmware_protocols.jt808.down import read_down
from firmware_protocols.jt808.framing import FrameCutter
from firmware_protocols.jt808.header import parse_frame as parse_jt808
from firmware_protocols.jt808.uplink_write import encode_batch, encode_message
from firmware_protocols.message import Heartbeat, Login, Reply, Report
from firmware_protocols.watch.encode import encode as encode_watch
from firmware_protocols.watch.frame import parse_frame as parse_watch
from firmware_protocols.watch.framing import Framer
from tests.gateway.place import HOME, METRES_PER_DEGREE_LON

WAIT_S = 20.0


def position(time_ms: int, metres_east=0.0, **fields) -> Report:
    """A report at a whole second, which is what the protocols can say."""
    return Report(
        device="",
        kind="fix",
        fix_time_ms=time_ms // 1_000 * 1_000,
        boot=0,
        seq=0,
        longitude_deg=round(HOME[0] + metres_east / METRES_PER_DEGREE_LON, 6),
        latitude_deg=HOME[1],
        datum="WGS84",
        speed_mps=0.0,
        heading_deg=90.0,
        **fields,
    )


class FieldTerminal(ABC):
    """One device: connects, logs in, speaks, hears frames."""

    number = ""

    def __init__(self, settings) -> None:
        self.settings = settings
        self.serial = 0
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter
        self.heard: list[bytes] = []

    async def connect(self) -> None:
        port = self.settings.tcp_ports[self.protocol]
        self.reader, self.writer = await asyncio.open_connection(self.settings.tcp_host, port)
        self.cutter = self.make_cutter()
        self.heard = []
        await self.log_in()

    def go_dark(self) -> None:
        self.writer.transport.abort()

    def send(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))

    async def next_frame(self) -> bytes:
        async with asyncio.timeout(WAIT_S):
            while not self.heard:
                data = await self.reader.read(4_096)
                assert data, "the gateway hung up"
                self.heard += [cut.data for cut in self.cutter.feed(data) if cut.is_frame]
        return self.heard.pop(0)

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    @property
    @abstractmethod
    def protocol(self) -> str: ...

    @abstractmethod
    def make_cutter(self): ...

    @abstractmethod
    async def log_in(self) -> None: ...

    @abstractmethod
    def report(self, report: Report) -> bytes: ...

    @abstractmethod
    def backlog(self, reports: list[Report]) -> bytes: ...

    @abstractmethod
    async def acknowledged(self) -> None:
        """Return when the next data frame was acknowledged, if the protocol does that."""

    @abstractmethod
    async def obey(self) -> int:
        """Hear a reporting interval, answer that it holds, and return its seconds."""


class Jt808Terminal(FieldTerminal):
    protocol = "jt808"
    number = "13800138000"
    address = address_of(number)

    def __init__(self, settings) -> None:
        super().__init__(settings)
        self.code: str | None = None

    def make_cutter(self):
        return FrameCutter()

    async def hear(self):
        frame = parse_jt808(await self.next_frame())
        return read_down(frame.message_id, frame.body, is_2019=False), frame

    def frames(self, message) -> bytes:
        return b"".join(encode_message(message, self.address, self.next_serial()))

    async def log_in(self) -> None:
        if self.code is None:
            login = Login(device="", step="register", terminal=self.number, serial="A000001")
            self.send(self.frames(login))
            self.code = (await self.hear())[0].auth_code
        login = Login(device="", step="authenticate", terminal=self.number, auth_code=self.code)
        self.send(self.frames(login))
        assert (await self.hear())[0].result == 0

    def report(self, report):
        return self.frames(report)

    def backlog(self, reports):
        blind = encode_batch(reports, self.address, self.next_serial(), is_blind_area=True)
        return b"".join(blind)

    async def acknowledged(self):
        reply, _ = await self.hear()
        assert (reply.to_serial, reply.result) == (self.serial, 0)

    async def obey(self):
        command, frame = await self.hear()
        while frame.message_id != 0x8103:  # acknowledgements
            command, frame = await self.hear()
        reply = Reply(device="", to=f"{frame.message_id:04x}:{frame.serial}", ok=True)
        self.send(self.frames(reply))
        (interval_s,) = [p.value for p in command.parameters if p.id == 0x0029]
        return interval_s


class Gt06Terminal(FieldTerminal):
    protocol = "gt06"
    number = "358511020000045"

    def make_cutter(self):
        return Cutter()

    def frame(self, message) -> bytes:
        return encode_gt06(message, serial=self.next_serial())

    async def hear(self):
        return parse_gt06(await self.next_frame(), GT06_STANDARD)

    async def log_in(self) -> None:
        self.send(self.frame(Login(device="", step="login", terminal=self.number)))
        heard = await self.hear()
        assert (heard.type, heard.serial) == (0x01, self.serial)
        self.send(self.frame(Heartbeat(device="")))
        assert (await self.hear()).type == 0x13

    def report(self, report):
        return self.frame(report)

    def backlog(self, reports):
        return b"".join(self.frame(report) for report in reports)

    async def acknowledged(self):
        assert (await self.hear()).type == 0x22

    async def obey(self):
        while (frame := await self.hear()).type != 0x80:
            pass  # acknowledgements
        flag, words = frame.body[1:5], frame.body[5:].split(b"#")[0]
        to = flag.hex()
        self.send(self.frame(Reply(device="", to=to, ok=True, text="TIMER SET OK")))
        return int(words.split(b",")[1])


class WatchTerminal(FieldTerminal):
    protocol = "watch"
    number = "8826264401"

    def make_cutter(self):
        return Framer()

    def frame(self, message) -> bytes:
        return encode_watch(message, self.number)

    async def hear(self):
        return parse_watch(await self.next_frame(), tolerate_length=True)

    async def log_in(self) -> None:
        self.send(self.frame(Heartbeat(device="")))
        assert (await self.hear()).word == "LK"

    def report(self, report):
        return self.frame(report)

    def backlog(self, reports):
        return b"".join(self.frame(report) for report in reports)

    async def acknowledged(self):
        return  # UD and UD2 have no reply

    async def obey(self):
        while (frame := await self.hear()).word != "UPLOAD":
            pass  # replies to what came before
        self.send(self.frame(Reply(device="", to="UPLOAD", ok=True)))
        return int(frame.values)


KINDS = {kind.protocol: kind for kind in (Jt808Terminal, Gt06Terminal, WatchTerminal)}
