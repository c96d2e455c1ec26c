"""One terminal's connection: its bytes through the dialogue, its messages to the journal.

What logs in, beats or asks the time is answered at once; what brings data is answered when the
journal has it. A connection that is gone acknowledges nothing: the terminal sends it again.
"""

import asyncio
from typing import Final, Protocol

from firmware_protocols.codec import Codec, Context
from firmware_protocols.command import Command
from firmware_protocols.dialogue import Admission, Cut, Sent, Turn
from firmware_protocols.errors import DecodeError
from firmware_protocols.message import Heartbeat, Login, Message, Reply
from gateway.intake.bucket import TokenBucket
from gateway.intake.received import Fault, Received
from gateway.intake.soundness import says_state
from gateway.tcp.identity import Known
from gateway.tcp.limits import TcpLimits

READ_BYTES: Final = 4_096
_US_PER_MS: Final = 1_000
_DIGITS_SHOWN: Final = 4


class Gate(Protocol):
    """What a session needs of the house that it comes into."""

    limits: TcpLimits
    is_paused: bool

    def clock_us(self) -> int:
        """Return our clock, microseconds since 1970 UTC."""

    def look_up(self, protocol: str, login: Login) -> Known | str:
        """Return the terminal that logs in, or why it may not come in."""

    def topic(self, device: str, codec: str, *, urgent: bool) -> str:
        """Return the topic that the device would have; empty once it is not registered."""

    def entered(self, session: "TcpSession") -> None:
        """Note that a session was admitted; an older one of the same terminal ends."""

    def deliver(self, message: Received) -> None:
        """Take a message to the journal."""

    def heard(self, device: str, said: Message) -> None:
        """Take a message that needs no place in the journal."""

    def refuse(self, protocol: str, reason: str, detail: str) -> None:
        """Count what nobody is known to have sent."""


class TcpSession:
    """One connection.

    Attributes:
        protocol: Name of its codec.
        address: Where it comes from.
        known: Who it is; None before its login.
        is_closed: It ends, or has ended.
        close_reason: Why; empty when the terminal hung up.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, codec: Codec, gate: Gate
    ) -> None:
        """Take a connection that was just made; `run` serves it."""
        if codec.dialogue is None:
            raise ValueError(f"codec {codec.name!r} is not spoken over TCP")
        self.protocol = codec.name
        self.address: str = (writer.get_extra_info("peername") or ("",))[0]
        self.known: Known | None = None
        self.is_closed = False
        self.close_reason = ""
        self._reader = reader
        self._writer = writer
        self._gate = gate
        self._dialogue = codec.dialogue()
        self._loop = asyncio.get_running_loop()
        now_s = self._loop.time()
        limits = gate.limits
        self._bucket = TokenBucket(
            per_s=limits.frames_per_s, burst=limits.burst_frames, now_s=now_s
        )
        self._began_s = self._active_s = now_s
        self._blocked_since_s: float | None = None
        self._tries = 0
        self._candidate: Known | None = None
        self._refused = ""
        self._shown_number = "that did not say who it is"
        self._context = Context()
        self._last_id = 0
        self._after: dict[int, bytes] = {}
        self._freed = asyncio.Event()

    @property
    def takes_commands(self) -> bool:
        """The terminal is logged in and listens."""
        return not self.is_closed and self._dialogue.admission is not None

    async def run(self) -> None:
        """Serve the connection until it ends."""
        try:
            while data := await self._reader.read(READ_BYTES):
                self._active_s = self._loop.time()
                for cut in self._dialogue.feed(data):
                    await self._take(cut)
                    if self.is_closed:
                        break
        except OSError:
            pass  # the network's way of hanging up
        finally:
            self.close("")

    def acknowledge(self, message: Received) -> None:
        """Write what the terminal was to hear once `message` is durable."""
        after = self._after.pop(message.packet_id, b"")
        self._freed.set()
        self._write(after)

    def wake(self) -> None:
        """Look again whether there is room for another message."""
        self._freed.set()

    def command(self, command: Command) -> Sent:
        """Write a command to the terminal.

        Raises:
            CommandError: Its protocol has no such command, or the approvals are missing.
        """
        sent = self._dialogue.command(command)
        self._write(sent.data)
        return sent

    def watch(self) -> None:
        """Let time pass: end what is idle, does not log in or does not read; write what is due."""
        limits, now_s = self._gate.limits, self._loop.time()
        if self.known is None and now_s - self._began_s > limits.login_s:
            self.close("no_login")
        elif now_s - self._active_s > limits.idle_s and not self._after:
            self.close("idle")
        if not self._writer.transport.get_write_buffer_size():
            self._blocked_since_s = None
        elif self._blocked_since_s is None:
            self._blocked_since_s = now_s
        elif now_s - self._blocked_since_s > limits.drain_s:
            self.close("reads_nothing", at_once=True)
        self._write(self._dialogue.due(self._gate.clock_us() // _US_PER_MS))

    def close(self, reason: str, *, at_once: bool = False) -> None:
        """End the connection, after what was written unless `at_once`."""
        if not self.is_closed:
            self.is_closed, self.close_reason = True, reason
            self._after.clear()
            self._freed.set()
            self._writer.close()
        if at_once:
            self._writer.transport.abort()

    async def _take(self, cut: Cut) -> None:
        wait_s = self._bucket.take(self._loop.time())
        if wait_s:
            await asyncio.sleep(wait_s)
        await self._room()
        if self.is_closed:
            return
        if not cut.is_frame:
            self._bad("syntax", f"{cut.size} bytes that belong to no frame", cut.data)
            return
        now_ms = self._gate.clock_us() // _US_PER_MS
        try:
            turn = self._dialogue.take(cut.data, now_ms, self._admit)
        except DecodeError as error:
            self._bad(error.reason, str(error), cut.data)
            return
        if self.known is None and self._dialogue.admission is not None:
            self.known = self._candidate
            self._gate.entered(self)
        self._answer(turn, cut)

    async def _room(self) -> None:
        # While the journal is behind, each terminal may bring one message at a time, and no more:
        # a quiet device's SOS gets in however many others have filled the memory.
        while not self.is_closed and len(self._after) >= (
            1 if self._gate.is_paused else self._gate.limits.in_flight_max
        ):
            self._freed.clear()
            await self._freed.wait()

    def _admit(self, login: Login) -> Admission | None:
        # Enough for whoever installs it to know it by; a number may be that of somebody's SIM.
        self._shown_number = f"...{login.terminal[-_DIGITS_SHOWN:]}"
        found = self._gate.look_up(self.protocol, login)
        if isinstance(found, str):
            self._refused = found
            return None
        if self.known is not None and found.device != self.known.device:
            self._refused = "other_terminal"
            return None
        self._candidate = found
        said = found.admission
        self._context = Context(
            device=said.device,
            profile=said.profile,
            utc_offset_min=said.utc_offset_min,
        )
        return said

    def _answer(self, turn: Turn, cut: Cut) -> None:
        self._write(turn.at_once)
        if turn.refused:
            self._turn_away(turn.refused)
        payload = turn.payload or (cut.data if any(map(_is_kept, turn.messages)) else b"")
        if self.known is not None:
            for said in turn.messages:
                # An answer is known by its key to this dialogue alone, wherever else it goes.
                if not payload or isinstance(said, Reply):
                    self._gate.heard(self.known.device, said)
        if payload and self.known is not None:
            self._deliver(payload, turn.after_commit, urgent=turn.is_urgent)
        else:
            self._write(turn.after_commit)
        if turn.close:
            self.close(turn.refused or "protocol")

    def _turn_away(self, reason: str) -> None:
        reason, self._refused = self._refused or reason, ""
        if self.known is None:
            self._gate.refuse(self.protocol, reason, f"terminal {self._shown_number}")
            self._strike()
        else:
            # Bytes that another terminal's name is on have no ground to be kept.
            self._deliver_fault(Fault(reason, "refused by the dialogue", keep_bytes=False), b"")

    def _bad(self, reason: str, detail: str, data: bytes) -> None:
        if self.known is None:
            self._gate.refuse(self.protocol, reason, f"terminal {self._shown_number}")
            self._strike()
        else:
            self._deliver_fault(Fault(reason, detail, keep_bytes=True), data)

    def _strike(self) -> None:
        self._tries += 1
        if self._tries >= self._gate.limits.login_tries:
            self.close("login_tries")

    def _deliver_fault(self, fault: Fault, data: bytes) -> None:
        self._deliver(data, b"", urgent=False, fault=fault)

    def _deliver(
        self, payload: bytes, after: bytes, *, urgent: bool, fault: Fault | None = None
    ) -> None:
        if self.known is None:
            return
        topic = self._gate.topic(self.known.device, self.protocol, urgent=urgent)
        if not topic:
            self.close("unregistered")
            return
        self._last_id += 1
        self._after[self._last_id] = after
        self._gate.deliver(
            Received(
                topic,
                payload,
                self._gate.clock_us(),
                urgent,
                self,
                0,
                self._last_id,
                self._context,
                fault,
            )
        )

    def _write(self, data: bytes) -> None:
        if not data or self.is_closed:
            return
        self._writer.write(data)
        if self._writer.transport.get_write_buffer_size() > self._gate.limits.write_buffer_bytes:
            self.close("reads_nothing", at_once=True)


def _is_kept(said: Message) -> bool:
    return isinstance(said, Heartbeat) and says_state(said)
