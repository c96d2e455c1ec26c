"""Where terminals come in: the listeners, who is connected, and what holds for all of them."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from firmware_protocols.catalog import CODECS
from firmware_protocols.command import Command
from firmware_protocols.dialogue import Sent
from firmware_protocols.message import Login, Message, Reply
from firmware_protocols.topics import device_topic
from gateway.config import GatewaySettings
from gateway.directory.snapshot import Directory
from gateway.intake.bucket import TokenBucket
from gateway.intake.received import Fault, Received
from gateway.metrics import Metrics
from gateway.tcp.identity import AuthCodes, Doorkeeper, Known, profile_of
from gateway.tcp.limits import limits_from
from gateway.tcp.listener import TcpListener
from gateway.tcp.session import TcpSession

log = logging.getLogger("guitu.gateway.tcp")

SECRET_FILE: Final = "terminal-secret"  # noqa: S105  # a file's name

_ROWS_PER_S: Final = 1.0
_ROWS_BURST: Final = 20
"""Whoever is unknown is always counted, but journaled no faster than this: nobody without a login
may fill the quarantine, let alone the disk."""


class _Nobody:
    """Where there is nobody to tell."""

    def acknowledge(self, _message: Received) -> None:
        """Tell nobody."""


class TcpGate:
    """All TCP listeners of a gateway.

    Attributes:
        limits: What a connection may take.
        is_paused: The journal is behind.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        metrics: Metrics,
        directory: Callable[[], Directory | None],
        clock_us: Callable[[], int],
        deliver: Callable[[Received], None],
        replied: Callable[[str, Reply], None],
    ) -> None:
        """Prepare the listeners that the settings name; `run` opens them.

        Args:
            settings: The gateway's settings.
            metrics: Counts.
            directory: Gives the directory in force.
            clock_us: Our clock.
            deliver: Takes every message for the journal.
            replied: Takes answers to commands, with their device.
        """
        self.limits = limits_from(settings)
        self.is_paused = False
        self.clock_us = clock_us
        self._metrics = metrics
        self._directory = directory
        self._collect = deliver
        self._replied = replied
        self._by_device: dict[str, TcpSession] = {}
        self._addresses: Counter[str] = Counter()
        self._rows = TokenBucket(
            per_s=_ROWS_PER_S, burst=_ROWS_BURST, now_s=asyncio.get_running_loop().time()
        )
        ports = settings.tcp_ports
        self._doorkeeper = (
            Doorkeeper(AuthCodes(_secret_file(settings.data_dir)), directory, clock_us)
            if ports
            else None
        )
        self._listeners = [self._listener(settings.tcp_host, *item) for item in ports.items()]

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            ListenError: A port cannot be had.
        """
        tasks = [asyncio.create_task(listener.run()) for listener in self._listeners]
        try:
            if tasks:
                await asyncio.gather(*tasks)
            await asyncio.Event().wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def is_listening(self) -> bool:
        """Every port that the settings name is open."""
        return all(listener.is_listening for listener in self._listeners)

    def state(self) -> dict[str, object]:
        """Return the listeners by protocol, for /readyz."""
        return {
            listener.protocol: {
                "port": listener.port,
                "listening": listener.is_listening,
                "connections": len(listener.sessions),
                "terminals": sum(1 for s in listener.sessions if s.known and not s.is_closed),
            }
            for listener in self._listeners
        }

    def pause(self) -> None:
        """Let every terminal bring one message at a time."""
        self.is_paused = True

    def resume(self) -> None:
        """Let terminals bring as much as their own limits allow."""
        self.is_paused = False
        for listener in self._listeners:
            for session in listener.sessions:
                session.wake()

    def take_directory(self, directory: Directory) -> None:
        """End the sessions of terminals that a new directory knows otherwise, or no more."""
        for device, session in list(self._by_device.items()):
            known = session.known
            if known is None or self._doorkeeper is None:
                continue
            if self._doorkeeper.known(session.protocol, known.number) != known:
                log.info("terminal_changed device=%s", device)
                session.close("directory")
        for device, entry in directory.devices.items():
            terminal = entry.terminal
            if terminal is not None and terminal.model and not profile_of(terminal):
                log.warning(
                    "profile_unknown device=%s protocol=%s model=%r: the default one is used",
                    device,
                    terminal.protocol,
                    terminal.model,
                )

    def command(self, device: str, command: Command) -> Sent | None:
        """Write a command to a device; None when it is not connected.

        Raises:
            CommandError: Its protocol has no such command, or the approvals are missing.
        """
        session = self._by_device.get(device)
        return session.command(command) if session and session.takes_commands else None

    def look_up(self, protocol: str, login: Login) -> Known | str:
        """Return the terminal that logs in, or why it may not come in."""
        if self._doorkeeper is None:
            return "unknown_terminal"
        return self._doorkeeper.look_up(protocol, login)

    def topic(self, device: str, codec: str, *, urgent: bool) -> str:
        """Return the topic that the device would have; empty once it is not registered."""
        directory = self._directory()
        entry = directory.devices.get(device) if directory else None
        if entry is None:
            return ""
        return device_topic(entry.org, entry.kind, device, "up-urgent" if urgent else "up", codec)

    def entered(self, session: TcpSession) -> None:
        """Note that a session was admitted; an older one of the same terminal ends."""
        if session.known is None:
            return
        device = session.known.device
        older = self._by_device.get(device)
        self._by_device[device] = session
        log.info("admitted protocol=%s device=%s", session.protocol, device)
        if older is None:
            return
        self._metrics.tcp_duplicates.labels(session.protocol).inc()
        log.warning("duplicate_terminal protocol=%s device=%s", session.protocol, device)
        detail = "logged in while an older connection of the same terminal was open; that one ended"
        topic = self.topic(device, session.protocol, urgent=False)
        self._journal_fault(topic, Fault("duplicate_terminal", detail, keep_bytes=False))
        older.close("duplicate", at_once=True)

    def deliver(self, message: Received) -> None:
        """Take a message to the journal."""
        self._collect(message)

    def heard(self, device: str, said: Message) -> None:
        """Take a message that needs no place in the journal."""
        if isinstance(said, Reply):
            self._replied(device, said)
        else:
            self._metrics.signals.labels(type(said).__name__.lower()).inc()

    def refuse(self, protocol: str, reason: str, detail: str) -> None:
        """Count what nobody is known to have sent."""
        self._metrics.tcp_refused.labels(protocol, reason).inc()
        if self._rows.try_take(asyncio.get_running_loop().time()):
            self._journal_fault(f"tcp/{protocol}", Fault(reason, detail, keep_bytes=False))

    def _journal_fault(self, topic: str, fault: Fault) -> None:
        now_us = self.clock_us()
        self._collect(Received(topic, b"", now_us, False, _Nobody(), 0, 0, fault=fault))  # noqa: FBT003

    def _listener(self, host: str, protocol: str, port: int) -> TcpListener:
        return TcpListener(
            CODECS[protocol],
            host=host,
            port=port,
            gate=self,
            metrics=self._metrics,
            admits=self._admits,
            ended=self._session_ended,
        )

    def _admits(self, address: str) -> str:
        if self._addresses.total() >= self.limits.connections_max:
            return "connections"
        if self._addresses[address] >= self.limits.per_address_max:
            return "connections_of_address"
        self._addresses[address] += 1
        return ""

    def _session_ended(self, session: TcpSession) -> None:
        self._addresses[session.address] -= 1
        if not self._addresses[session.address]:
            del self._addresses[session.address]
        known = session.known
        if known is not None and self._by_device.get(known.device) is session:
            del self._by_device[known.device]


def _secret_file(data_dir: Path) -> Path:
    return data_dir / SECRET_FILE
