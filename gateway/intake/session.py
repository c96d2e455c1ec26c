"""One MQTT session on the gateway's event loop: paho-mqtt with late acknowledgement.

The session is persistent: the broker keeps what comes while the gateway is away. Nothing is
acknowledged before the journal has it. A packet id is only meaningful on the connection that it
came by, so an acknowledgement that outlives its connection is dropped and the message comes again.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from gateway.intake.received import Received

log = logging.getLogger("guitu.gateway.session")

QOS: Final = 1
KEEPALIVE_S: Final = 15
_CONNECT_TIMEOUT_S: Final = 2.0
_RETRY_FIRST_S: Final = 0.25
_RETRY_MAX_S: Final = 15.0
_UNREADABLE_TOPIC: Final = "\N{REPLACEMENT CHARACTER}"
_GULP_S: Final = 0.005
_READS_PER_WAKE: Final = 200
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
        self._arrived = 0
        self._paused = False
        self._pending: dict[int, bytes] = {}
        self._lost = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._client = self._make_client(client_id, user, password)

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
            self._client.ack(message.packet_id, QOS)

    def publish(self, topic: str, payload: bytes) -> bool:
        """Publish at QoS 0; False when the link is down. Whoever hears it may miss it."""
        if self.connected:
            self._client.publish(topic, payload, qos=0)
        return self.connected

    def pause(self) -> None:
        """Read nothing until `resume`; the broker keeps what comes."""
        self._paused = True
        sock = self._client.socket()
        if sock is not None:
            self._loop.remove_reader(sock)

    def resume(self) -> None:
        """Read again."""
        sock: Any = self._client.socket()
        if self._paused and sock is not None:
            self._loop.add_reader(sock, self._readable)
        self._paused = False

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

    def _make_client(self, client_id: str, user: str, password: str) -> mqtt.Client:
        client = mqtt.Client(
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
        client.on_message = self._received
        client.on_socket_open = self._opened
        client.on_socket_close = self._closed
        client.on_socket_register_write = self._has_more
        client.on_socket_unregister_write = self._has_no_more
        return client

    def _opened(self, _client: mqtt.Client, _data: Any, sock: Any) -> None:
        self._connection += 1
        self._pending.clear()
        if not self._paused:
            self._loop.add_reader(sock, self._readable)

    def _closed(self, _client: mqtt.Client, _data: Any, sock: Any) -> None:
        self._loop.remove_reader(sock)
        self._loop.remove_writer(sock)
        self.connected = False
        self._lost.set()

    def _has_more(self, _client: mqtt.Client, _data: Any, sock: Any) -> None:
        self._loop.add_writer(sock, self._write)

    def _has_no_more(self, _client: mqtt.Client, _data: Any, sock: Any) -> None:
        self._loop.remove_writer(sock)

    def _readable(self) -> None:
        if self._urgent:
            self._read()
            return
        # What trickles in is read in gulps: waking for every packet would cost as much as the
        # packet, and a batch waits longer than this anyway.
        sock: Any = self._client.socket()
        if sock is not None:
            self._loop.remove_reader(sock)
            self._loop.call_later(_GULP_S, self._read_on, sock)

    def _read_on(self, sock: Any) -> None:
        self._read()
        current: Any = self._client.socket()
        if not self._paused and current is sock:
            self._loop.add_reader(current, self._readable)

    def _read(self) -> None:
        for _ in range(_READS_PER_WAKE):
            before = self._arrived
            self._client.loop_read()
            if self._paused or self._arrived == before:
                return

    def _write(self) -> None:
        self._client.loop_write()

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

    def _disconnected(
        self, _client: mqtt.Client, _data: Any, _flags: Any, code: ReasonCode, _p: Any
    ) -> None:
        self.connected = False
        log.warning("broker_disconnected session=%s reason=%s", self._name, code)
        self._lost.set()

    def _received(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        # A broker that grows impatient sends an unacknowledged message again on the same
        # connection, under the same packet id. One acknowledgement serves both; a second one could
        # hit a new message that has been given the id since.
        self._arrived += 1
        payload = bytes(message.payload)
        if message.qos:
            if message.dup and self._pending.get(message.mid) == payload:
                return
            self._pending[message.mid] = payload
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = _UNREADABLE_TOPIC
        self._deliver(
            Received(
                topic,
                payload,
                self._clock_us(),
                self._urgent,
                self,
                self._connection,
                message.mid,
            )
        )
