"""One MQTT 3.1.1 CONNECT, byte by byte: does the broker let this user in?"""

import socket
import ssl
import struct
from pathlib import Path

_CONNECT = 0x10
_CONNACK = 0x20
_CLEAN_WITH_PASSWORD = 0xC2


def may_connect(host: str, port: int, user: str, password: str, *, ca: Path | None = None) -> bool:
    """Return whether the broker accepts the user; it leaves without a session."""
    body = _text("MQTT") + bytes([4, _CLEAN_WITH_PASSWORD]) + struct.pack(">H", 30)
    # A client id of its own: the id of a connected client would throw that one out.
    body += _text(f"probe-{user}") + _text(user) + _text(password)
    with _connected(host, port, ca) as connection:
        connection.sendall(bytes([_CONNECT]) + _length(len(body)) + body)
        answer = connection.recv(4)
    return len(answer) == 4 and answer[0] == _CONNACK and answer[3] == 0


def _connected(host: str, port: int, ca: Path | None) -> socket.socket:
    plain = socket.create_connection((host, port), timeout=5)
    if ca is None:
        return plain
    return ssl.create_default_context(cafile=ca).wrap_socket(plain, server_hostname=host)


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack(">H", len(data)) + data


def _length(count: int) -> bytes:
    low, high = count % 128, count // 128
    return bytes([low | 0x80, high]) if high else bytes([low])
