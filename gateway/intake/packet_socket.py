"""The connection under the MQTT client: whole packets out of few reads, many packets in one write.

The client library reads every packet in four calls of the socket and writes every acknowledgement
in one of its own. What nearly everything is, PUBLISH and the PUBACK that goes (MQTT 3.1.1, 3.3 and
3.4), passes it by here; all other packets, and PUBLISH that is not sound, are the client's.
"""

import socket
import ssl
import struct
from contextlib import suppress
from typing import Final, NamedTuple

from paho.mqtt.client import Client

_READ_BYTES: Final = 1 << 16
_UNSENT_BYTES_MAX: Final = 1 << 20
"""Beyond that the client keeps its packets; a broker that reads nothing is lost soon after."""

_NOT_NOW: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

_PUBLISH: Final = 3
_QOS_MAX: Final = 1
_LENGTH_BYTES_MAX: Final = 4
_MORE: Final = 0x80
_NAME_LENGTH: Final = struct.Struct(">H")
_PUBACK: Final = struct.Struct(">BBH")
_PUBACK_HEAD: Final = 0x40, 2  # type and length


class Publish(NamedTuple):
    """A message at QoS 0 or 1.

    Attributes:
        topic: Its bytes; they need not be UTF-8.
        payload: Its payload.
        qos: 0 or 1.
        dup: It may have come before.
        packet_id: 0 for QoS 0.
    """

    topic: bytes
    payload: bytes
    qos: int
    dup: bool
    packet_id: int


class PacketSocket:
    """A socket as the client wants it, with the short way for messages and acknowledgements.

    Attributes:
        may_have_more: The last read took all that it could, there may be more.
    """

    def __init__(self, sock: socket.socket) -> None:
        """Take over a connected socket."""
        self.may_have_more = False
        self._sock = sock
        self._in_records = isinstance(sock, ssl.SSLSocket)
        self._in = b""
        self._at = 0
        self._end = 0
        self._has_ended = False
        self._fault: OSError | None = None
        self._out = bytearray()

    @property
    def is_ready(self) -> bool:
        """Whether there is a whole packet, or something that the client must hear of."""
        return self._end > self._at or self._has_ended or self._fault is not None

    @property
    def is_broken(self) -> bool:
        """Whether the connection gave an error that the client has to hear of."""
        return self._fault is not None

    @property
    def unsent_bytes(self) -> int:
        """How much waits for `flush`."""
        return len(self._out)

    def fill(self) -> None:
        """Read what the connection has, as far as one call gives it."""
        self.may_have_more = False
        try:
            # One record of TLS, whole (RFC 8446, 5.1: 16 KiB at most): nothing of it stays behind
            # where no event loop would see it.
            data = self._sock.recv(_READ_BYTES)
        except _NOT_NOW:
            return
        except OSError as error:
            self._fault = error
            return
        self._has_ended = not data
        self.may_have_more = bool(data) and (self._in_records or len(data) == _READ_BYTES)
        self._in, self._at, self._end = self._in[self._at :] + data, 0, self._end - self._at
        if not self._end:
            self._end = self._packet_end()

    def next_publish(self) -> Publish | None:
        """Take the next packet if it is a sound PUBLISH at QoS 0 or 1."""
        data, at, end = self._in, self._at, self._end
        if end <= at or data[at] >> 4 != _PUBLISH:
            return None
        flags = data[at]
        qos, begin = flags >> 1 & 3, at + 2
        while data[begin - 1] & _MORE:
            begin += 1
        topic = begin + 2
        body = topic + (data[begin] << 8 | data[begin + 1]) if topic <= end else topic
        payload = body + 2 * qos
        if qos > _QOS_MAX or body == topic or payload > end:
            return None
        packet_id = data[body] << 8 | data[body + 1] if qos else 0
        self._at = end
        self._end = self._packet_end()
        dup = bool(flags & 8)
        return Publish(data[topic:body], data[payload:end], qos, dup, packet_id)

    def acknowledge(self, packet_id: int) -> None:
        """Let PUBACK go with the next `flush`."""
        self._out += _PUBACK.pack(*_PUBACK_HEAD, packet_id)

    def publish(self, topic: str, payload: bytes) -> bool:
        """Let a message at QoS 0 go with the next `flush`; False: too much waits already."""
        if len(self._out) > _UNSENT_BYTES_MAX:
            return False
        name = topic.encode()
        self._out.append(_PUBLISH << 4)
        rest = _NAME_LENGTH.size + len(name) + len(payload)
        while rest >= _MORE:
            self._out.append(rest & 0x7F | _MORE)
            rest >>= 7
        self._out.append(rest)
        self._out += _NAME_LENGTH.pack(len(name)) + name + payload
        return True

    def flush(self) -> None:
        """Send what waits, as far as the connection takes it.

        A connection that is broken is told to the client at its next `recv`; what came by it and
        was not taken is dropped: it cannot be acknowledged any more.
        """
        try:
            while self._out:
                # What TLS could not send is offered again from the same begin, and longer at most.
                del self._out[: self._sock.send(self._out)]
        except _NOT_NOW:
            return
        except OSError as error:
            self._fault = error
            self._out.clear()
            self._in, self._at, self._end = b"", 0, 0

    def recv(self, buffer_size: int) -> bytes:
        """Return bytes of one whole packet, for the client.

        Raises:
            BlockingIOError: There is no whole packet.
            OSError: The connection is broken.
        """
        at = self._at
        if self._end > at:
            self._at = min(at + buffer_size, self._end)
            data = self._in[at : self._at]
            if self._at == self._end:
                self._end = self._packet_end()
            return data
        if self._fault is not None:
            raise self._fault
        if self._has_ended:
            return b""
        raise BlockingIOError

    def send(self, buffer: bytes | bytearray) -> int:
        """Take a packet of the client; it goes with the next `flush`.

        Raises:
            BlockingIOError: Too much waits already.
        """
        if len(self._out) > _UNSENT_BYTES_MAX:
            raise BlockingIOError
        self._out += buffer
        return len(buffer)

    def close(self) -> None:
        """Send what waits, if that is possible at once, and close the connection."""
        with suppress(OSError):
            self._sock.send(self._out)
        self._sock.close()

    def fileno(self) -> int:
        """Return the number that an event loop waits for."""
        return self._sock.fileno()

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001  # a socket's own signature
        """Pass on to the socket."""
        self._sock.setblocking(flag)

    def _packet_end(self) -> int:
        """Return where the packet at the head ends, or its begin when it is not whole yet."""
        data, at = self._in, self._at
        length = shift = 0
        for place, byte in enumerate(data[at + 1 : at + 1 + _LENGTH_BYTES_MAX], at + 2):
            length |= (byte & ~_MORE) << shift
            if byte < _MORE:
                return place + length if place + length <= len(data) else at
            shift += 7
        # A length that does not end is for the client to refuse.
        return at if shift < 7 * _LENGTH_BYTES_MAX else len(data)


class PacketClient(Client):
    """The client over such a connection.

    Attributes:
        tls: What the broker's certificate is proved by; None: plain MQTT is spoken.
    """

    tls: ssl.SSLContext | None = None

    def _create_socket(self) -> PacketSocket:
        # The handshake has the time that the connection has: a loop waits for it.
        plain: socket.socket = super()._create_socket()  # type: ignore[assignment]
        if self.tls is None:
            return PacketSocket(plain)
        return PacketSocket(self.tls.wrap_socket(plain, server_hostname=self.host))
