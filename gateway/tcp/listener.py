"""One port for the terminals of one protocol."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from firmware_protocols.codec import Codec
from gateway.errors import ListenError
from gateway.metrics import Metrics
from gateway.tcp.session import READ_BYTES, Gate, TcpSession

log = logging.getLogger("guitu.gateway.tcp")

WATCH_EVERY_S: Final = 1.0
_BACKLOG: Final = 128


class TcpListener:
    """Accepts connections and serves each in a task of its own.

    Attributes:
        protocol: Name of the codec.
        port: Where it listens.
        is_listening: The port is open.
        sessions: The open connections, each with its task.
    """

    def __init__(
        self,
        codec: Codec,
        *,
        host: str,
        port: int,
        gate: Gate,
        metrics: Metrics,
        admits: Callable[[str], str],
        ended: Callable[[TcpSession], None],
    ) -> None:
        """Prepare the port; `run` opens it.

        Args:
            codec: What is spoken here; it has a dialogue.
            host: Address to listen at.
            port: Port to listen at.
            gate: The house that sessions come into.
            metrics: Counts connections.
            admits: Why no connection from an address may come in now; empty when one may.
            ended: Called with every session that is over.
        """
        self.protocol = codec.name
        self.port = port
        self.is_listening = False
        self.sessions: dict[TcpSession, asyncio.Task[None]] = {}
        self._codec = codec
        self._host = host
        self._gate = gate
        self._metrics = metrics
        self._admits = admits
        self._ended = ended

    async def run(self) -> None:
        """Listen until cancelled; every connection ends with it.

        Raises:
            ListenError: The port cannot be had.
        """
        try:
            server = await asyncio.start_server(
                self._accept, self._host, self.port, limit=READ_BYTES, backlog=_BACKLOG
            )
        except OSError as error:
            raise ListenError(
                f"cannot listen on {self._host}:{self.port} for {self.protocol}: {error}"
            ) from error
        self.is_listening = True
        log.info("listening protocol=%s port=%d", self.protocol, self.port)
        try:
            while True:
                await asyncio.sleep(WATCH_EVERY_S)
                for session in list(self.sessions):
                    session.watch()
        finally:
            self.is_listening = False
            server.close()
            for session in list(self.sessions):
                session.close("stopping", at_once=True)
            await asyncio.gather(*self.sessions.values(), return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = (writer.get_extra_info("peername") or ("",))[0]
        reason = self._admits(address)
        if reason:
            self._metrics.tcp_refused.labels(self.protocol, reason).inc()
            writer.transport.abort()
            return
        session = TcpSession(reader, writer, self._codec, self._gate)
        task = asyncio.create_task(session.run())
        self.sessions[session] = task
        self._metrics.tcp_sessions.labels(self.protocol).set(len(self.sessions))
        task.add_done_callback(lambda done: self._forget(session, done))

    def _forget(self, session: TcpSession, task: asyncio.Task[None]) -> None:
        del self.sessions[session]
        self._metrics.tcp_sessions.labels(self.protocol).set(len(self.sessions))
        reason = session.close_reason or "peer"
        if not task.cancelled() and task.exception() is not None:
            # A fault of ours costs this connection, not its neighbours.
            reason = "fault"
            log.error("session_failed protocol=%s", self.protocol, exc_info=task.exception())
        self._metrics.tcp_closed.labels(self.protocol, reason).inc()
        self._ended(session)
        device = session.known.device if session.known else None
        log.info("closed protocol=%s device=%s reason=%s", self.protocol, device, reason)
