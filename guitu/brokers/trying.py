"""Tries a login at a broker of one's own: one MQTT 3.1.1 CONNECT, and its answer."""

import socket
import ssl
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guitu.errors import SettingsError

_CONNECT: Final = 0x10
_CONNACK: Final = 0x20
_ACCEPTED: Final = 0
_ANSWER_BYTES: Final = 4
_TIMEOUT_S: Final = 5.0
_KEEP_ALIVE_S: Final = 30


@dataclass(frozen=True)
class BrokerPlace:
    """Where a broker listens.

    Attributes:
        ca: Certificates (PEM) that its own is proved by; None: plain MQTT.
    """

    host: str
    port: int
    ca: Path | None = None


def lets_in(place: BrokerPlace, login: tuple[str, str] | None) -> bool:
    """Return whether the broker accepts a user and password; None: nobody's name.

    Nothing is published or subscribed to; the session ends with the connection.

    Raises:
        SettingsError: No broker answers there.
    """
    try:
        with _connected(place) as connection:
            connection.sendall(_packet(login))
            answer = connection.recv(_ANSWER_BYTES)
    except ConnectionResetError:
        # Some brokers end the connection in place of an answer.
        return False
    except (OSError, ValueError) as error:
        where = f"{place.host}:{place.port}"
        raise SettingsError(f"no MQTT broker answers at {where}: {error}") from error
    is_whole = len(answer) == _ANSWER_BYTES
    return is_whole and answer[0] == _CONNACK and answer[-1] == _ACCEPTED


def _connected(place: BrokerPlace) -> socket.socket:
    plain = socket.create_connection((place.host, place.port), timeout=_TIMEOUT_S)
    if place.ca is None:
        return plain
    context = ssl.create_default_context(cafile=str(place.ca))
    return context.wrap_socket(plain, server_hostname=place.host)


def _packet(login: tuple[str, str] | None) -> bytes:
    clean_session, with_login = 0x02, 0xC0
    flags = clean_session | (with_login if login else 0)
    body = _text("MQTT") + bytes([4, flags]) + struct.pack(">H", _KEEP_ALIVE_S)
    # A client id that no device has: the id of a connected one would throw it out.
    body += _text("guitu-audit") + b"".join(map(_text, login or ()))
    return bytes([_CONNECT, len(body)]) + body


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack(">H", len(data)) + data
