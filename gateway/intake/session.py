"""One MQTT session on the gateway's event loop: paho-mqtt with late acknowledgement.

The session is persistent: the broker keeps what comes while the gateway is away. Nothing is
acknowledged before the journal has it. A packet id is only meaningful on the connection that it
came by, so an acknowledgement that outlives its connection is dropped and the message comes again.
"""

import asyncio
import logging
import random
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from gateway.intake.packet_socket import PacketClient, PacketSocket, Publish
from gateway.intake.received import Received

log = logging.getLogger("guitu.gateway.session")

QOS: Final = 1
KEEPALIVE_S: Final = 15
_CONNECT_TIMEOUT_S: Final = 2.0
_RETRY_FIRST_S: Final = 0.25
_RETRY_MAX_S: Final = 15.0
_UNREADABLE_TOPIC: Final = "\N{REPLACEMENT CHARACTER}"
_GULP_S: Final = 0.005
_PACKETS_PER_WAKE: Final = 200
"""Packets taken per readiness, so that one busy session cannot starve the loop."""


class BrokerSession:
    """A persistent session with manual acknowledgement.

    Attributes:
        connected: The broker has accepted us and granted every subscription.
    """

    def __init__(
        self,
        *,
        client_id: str,
        host: str,
        port: int,
        user: str,
        password: str,
        tls: ssl.SSLContext | None,
        filters: Sequence[str],
        urgent: bool,
        made: Path,
        clock_us: Callable[[], int],
        deliver: Callable[[Received], None],
        on_forgotten: Callable[[], None],
    ) -> None:
        """Prepare the session; `run` connects.

        Args:
            client_id: Name of the session at the broker.
            host: Broker's host.
            port: Broker's MQTT port.
            user: MQTT user.
            password: MQTT password.
            tls: What the broker's certificate is proved by; None: plain MQTT is spoken.
            filters: Topic filters, subscribed at QoS 1.
            urgent: Mark what comes by it as urgent.
            made: File that says that the session was made once; it outlives the program.
            clock_us: Our clock.
            deliver: Called for every message.
            on_forgotten: Called when the broker has lost a session that was made.
        """
        self.connected = False
        self._name = client_id
        self._address = host, port
        self._filters = [(f, QOS) for f in filters]
        self._urgent = urgent
        self._made = made
        self._clock_us = clock_us
        self._deliver = deliver
        self._on_forgotten = on_forgotten
        self._connection = 0
        self._paused = False
        self._sock: PacketSocket | None = None
        self._is_writing = False
        self._pending: dict[int, bytes] = {}
        self._untaken: dict[int, asyncio.Future[None]] = {}
        self._lost = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._client = self._make_client(client_id, user, password)
        self._client.tls = tls

    async def run(self) -> None:
        """Stay connected until cancelled; reconnect with backoff and jitter."""
        delay_s = _RETRY_FIRST_S
        try:
            while True:
                self._lost.clear()
                try:
                    self._client.connect(*self._address, keepalive=KEEPALIVE_S)
                except (OSError, ValueError) as error:
                    log.warning("broker_unreachable session=%s error=%s", self._name, error)
                else:
                    if await self._stay():
                        delay_s = _RETRY_FIRST_S
                await asyncio.sleep(delay_s * random.uniform(0.5, 1.5))  # noqa: S311  # jitter
                delay_s = min(delay_s * 2, _RETRY_MAX_S)
        finally:
            self._client.disconnect()
            self._client.loop_write()

    def acknowledge(self, message: Received) -> None:
        """Send PUBACK for a message of this connection; drop it for an earlier one."""
        if message.packet_id and message.connection == self._connection:
            self._pending.pop(message.packet_id, None)
            if self._sock is not None:
                self._sock.acknowledge(message.packet_id)
                self._send_soon(self._sock)

    def publish(self, topic: str, payload: bytes) -> bool:
        """Publish at QoS 0; False when the link is down. Whoever hears it may miss it."""
        if not self.connected or self._sock is None:
            return False
        self._send_soon(self._sock)
        return self._sock.publish(topic, payload)

    async def deliver(self, topic: str, payload: bytes, *, wait_s: float) -> bool:
        """Publish at QoS 1; return whether the broker said within the time that it has it.

        What it did not is sent again when the link is back: whoever hears it may hear it twice.
        """
        if not self.connected or self._sock is None:
            return False
        sent = self._client.publish(topic, payload, qos=QOS)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        taken = self._untaken.setdefault(sent.mid, self._loop.create_future())
        self._send_soon(self._sock)
        try:
            async with asyncio.timeout(wait_s):
                await taken
        except TimeoutError:
            return False
        finally:
            self._untaken.pop(sent.mid, None)
        return True

    def pause(self) -> None:
        """Read nothing until `resume`; the broker keeps what comes."""
        self._paused = True
        if self._sock is not None:
            self._loop.remove_reader(self._sock)

    def resume(self) -> None:
        """Read again."""
        if self._paused:
            self._paused = False
            self._loop.call_soon(self._read_on, self._sock)

    async def _stay(self) -> bool:
        was_connected = False
        while not self._lost.is_set():
            if self._client.loop_misc() != MQTTErrorCode.MQTT_ERR_SUCCESS:
                break
            was_connected = was_connected or self.connected
            try:
                await asyncio.wait_for(self._lost.wait(), 1.0)
            except TimeoutError:
                continue
        return was_connected

    def _make_client(self, client_id: str, user: str, password: str) -> PacketClient:
        client = PacketClient(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        client.username_pw_set(user, password)
        client.connect_timeout = _CONNECT_TIMEOUT_S
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed
        client.on_publish = self._taken
        client.on_socket_open = self._opened
        client.on_socket_close = self._closed
        client.on_socket_register_write = self._has_more
        return client

    def _opened(self, _client: mqtt.Client, _data: Any, sock: Any) -> None:
        self._connection += 1
        self._pending.clear()
        self._sock = sock
        if not self._paused:
            self._loop.add_reader(sock, self._readable)

    def _closed(self, _client: mqtt.Client, _data: Any, sock: Any) -> None:
        self._loop.remove_reader(sock)
        self._loop.remove_writer(sock)
        self._sock, self._is_writing = None, False
        self.connected = False
        self._lost.set()

    def _has_more(self, _client: mqtt.Client, _data: Any, sock: Any) -> None:
        self._send_soon(sock)

    def _send_soon(self, sock: PacketSocket) -> None:
        if not self._is_writing:
            self._is_writing = True
            self._loop.add_writer(sock, self._write)

    def _readable(self) -> None:
        if self._urgent:
            self._read_on(self._sock)
        elif self._sock is not None:
            # What trickles in is read in gulps: waking for every packet would cost as much as the
            # packet, and a batch waits longer than this anyway.
            self._loop.remove_reader(self._sock)
            self._loop.call_later(_GULP_S, self._read_on, self._sock)

    def _read_on(self, sock: PacketSocket | None) -> None:
        if self._paused or sock is None or self._sock is not sock:
            return
        self._read(sock)
        if self._paused or self._sock is not sock:
            return
        if sock.is_ready:  # not all of it was taken, and nothing new need come
            self._loop.remove_reader(sock)
            self._loop.call_later(0 if self._urgent else _GULP_S, self._read_on, sock)
        else:
            self._loop.add_reader(sock, self._readable)

    def _read(self, sock: PacketSocket) -> None:
        if not sock.is_ready:
            sock.fill()
        for _ in range(_PACKETS_PER_WAKE):
            message = sock.next_publish()
            if message is not None:
                self._arrived(message)
            elif sock.is_ready:
                self._client.loop_read()
            elif sock.may_have_more:
                sock.fill()
            else:
                return
            if self._paused or self._sock is not sock:
                return

    def _write(self) -> None:
        self._client.loop_write()
        sock = self._sock
        if sock is None:
            return
        sock.flush()
        if sock.is_broken:
            self._client.loop_read()
        elif not (sock.unsent_bytes or self._client.want_write()):
            self._is_writing = False
            self._loop.remove_writer(sock)

    def _connected(
        self, client: mqtt.Client, _data: Any, flags: mqtt.ConnectFlags, code: ReasonCode, _p: Any
    ) -> None:
        if code.is_failure:
            log.error("broker_refused session=%s reason=%s", self._name, code)
            return
        if self._made.exists() and not flags.session_present:
            self._on_forgotten()
            log.error("session_forgotten session=%s: messages may have been lost", self._name)
        client.subscribe(self._filters)

    def _subscribed(
        self, client: mqtt.Client, _data: Any, _mid: int, codes: list[ReasonCode], _p: Any
    ) -> None:
        if any(code.is_failure for code in codes):
            log.error("subscription_refused session=%s filters=%s", self._name, self._filters)
            client.disconnect()
            return
        self._made.touch()
        self.connected = True
        log.info("broker_connected session=%s", self._name)

    def _taken(
        self, _client: mqtt.Client, _data: Any, mid: int, _code: ReasonCode, _p: Any
    ) -> None:
        waiting = self._untaken.get(mid)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def _disconnected(
        self, _client: mqtt.Client, _data: Any, _flags: Any, code: ReasonCode, _p: Any
    ) -> None:
        self.connected = False
        # Our own farewell at a stop is no failure; a lost connection always is one.
        level = logging.WARNING if code.is_failure else logging.INFO
        log.log(level, "broker_disconnected session=%s reason=%s", self._name, code)
        self._lost.set()

    def _arrived(self, message: Publish) -> None:
        # A broker that grows impatient sends an unacknowledged message again on the same
        # connection, under the same packet id. One acknowledgement serves both; a second one could
        # hit a new message that has been given the id since.
        topic_bytes, payload, qos, dup, packet_id = message
        if qos:
            if dup and self._pending.get(packet_id) == payload:
                return
            self._pending[packet_id] = payload
        try:
            topic = topic_bytes.decode()
        except UnicodeDecodeError:
            topic = _UNREADABLE_TOPIC
        self._deliver(
            Received(
                topic, payload, self._clock_us(), self._urgent, self, self._connection, packet_id
            )
        )
