"""An MQTT client for tests: waits for answers, keeps what it hears, acknowledges when told."""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from guitu.brokers.accounts import Account
from tests.services.broker import BrokerService

WAIT_S = 15
REFUSED = 0x80
FOR_A_DAY_S = 86_400


class TestClient:
    """A connected client. Used as a context manager, it disconnects in an orderly way."""

    __test__ = False

    def __init__(
        self,
        service: BrokerService,
        account: Account,
        *,
        client_id: str | None = None,
        is_persistent: bool = False,
        version: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311,
        will: tuple[str, bytes] | None = None,
    ) -> None:
        self.heard: queue.Queue[mqtt.MQTTMessage] = queue.Queue()
        self.session_present = False
        self.connect_code = 255
        self.cuts = 0
        self._version = version
        self._answers: dict[int, list[int]] = {}
        self._published: dict[int, int] = {}
        self._changed = threading.Condition()
        is_v5 = version == MQTTProtocolVersion.MQTTv5
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id or account.user,
            clean_session=None if is_v5 else not is_persistent,
            protocol=version,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        self._client.username_pw_set(account.user, account.password)
        if service.ca is not None:
            self._client.tls_set_context(ssl.create_default_context(cafile=service.ca))
        self._client.max_inflight_messages_set(1000)
        if will is not None:
            self._client.will_set(will[0], will[1], qos=1, retain=True)
        self._client.on_connect = self._on_connect
        self._client.on_message = lambda _client, _data, message: self.heard.put(message)
        self._client.on_publish = self._on_publish
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._connect(service, is_v5=is_v5, is_persistent=is_persistent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def subscribe(self, *filters: str, qos: int = 1) -> list[int]:
        """Subscribe in one request and return the broker's answers: granted QoS or a refusal."""
        _, mid = self._client.subscribe([(name, qos) for name in filters])
        assert mid is not None
        with self._changed:
            assert self._changed.wait_for(lambda: mid in self._answers, WAIT_S), "no SUBACK"
            return self._answers[mid]

    def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> mqtt.MQTTMessageInfo:
        return self._client.publish(topic, payload, qos=qos, retain=retain)

    def publish_all(self, topic: str, payloads: Iterable[bytes]) -> None:
        """Publish at QoS 1 and wait until the broker has acknowledged the last."""
        for handle in [self.publish(topic, payload) for payload in payloads]:
            handle.wait_for_publish(WAIT_S)
            assert handle.is_published(), "no PUBACK"

    def publish_and_answer(self, topic: str) -> int:
        """Publish at QoS 1 and return the reason code of the PUBACK (MQTT 5)."""
        mid = self.publish(topic, b"x").mid
        with self._changed:
            assert self._changed.wait_for(lambda: mid in self._published, WAIT_S), "no PUBACK"
            return self._published[mid]

    def next(self, timeout_s: float = WAIT_S) -> mqtt.MQTTMessage:
        """Return the next message heard."""
        return self.heard.get(timeout=timeout_s)

    def hear(self, payloads: set[bytes]) -> list[mqtt.MQTTMessage]:
        """Return what is heard until every one of the payloads has been."""
        missing, heard = set(payloads), []
        while missing:
            message = self.next()
            heard.append(message)
            missing.discard(message.payload)
        return heard

    def acknowledge(self, message: mqtt.MQTTMessage) -> None:
        self._client.ack(message.mid, message.qos)

    def await_cut(self) -> None:
        """Wait until the connection has ended."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.cuts > 0, WAIT_S), "still connected"

    def close(self) -> None:
        """Leave in an orderly way: no will."""
        self._client.disconnect()
        self._client.loop_stop()

    def drop(self) -> None:
        """Leave as a lost link would: the broker sends the will."""
        connection = self._client.socket()
        assert isinstance(connection, socket.socket)
        connection.shutdown(socket.SHUT_RDWR)
        self._client.loop_stop()

    def _connect(self, service: BrokerService, *, is_v5: bool, is_persistent: bool) -> None:
        if is_v5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = FOR_A_DAY_S if is_persistent else 0
            self._client.connect(
                service.host, service.port, clean_start=not is_persistent, properties=properties
            )
        else:
            self._client.connect(service.host, service.port)
        self._client.loop_start()
        deadline = time.monotonic() + WAIT_S
        with self._changed:
            assert self._changed.wait_for(
                lambda: self.connect_code != 255, deadline - time.monotonic()
            ), "no CONNACK"

    def _on_connect(self, _client, _data, flags, reason, _properties) -> None:
        with self._changed:
            self.session_present = flags.session_present
            self.connect_code = reason.value
            self._changed.notify_all()

    def _on_disconnect(self, *_: object) -> None:
        with self._changed:
            self.cuts += 1
            self._changed.notify_all()

    def _on_subscribe(self, _client, _data, mid, reasons, _properties) -> None:
        with self._changed:
            self._answers[mid] = [reason.value for reason in reasons]
            self._changed.notify_all()

    def _on_publish(self, _client, _data, mid, reason, _properties) -> None:
        with self._changed:
            self._published[mid] = reason.value
            self._changed.notify_all()
