"""What `guitu gateway` needs: files, keys, its folder, the broker, the server, its ports."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

from gateway.assembly import broker_tls
from gateway.config import GatewaySettings
from gateway.directory.signature import read_keys
from gateway.errors import GatewayError
from gateway.faces.camera import read_cameras
from gateway.faces.sealing import read_keys as read_face_keys
from guitu.checkup.findings import Finding, answer, folder, free_port, secret_file
from server.loopback import is_loopback


def findings(settings: GatewaySettings) -> Iterator[Finding]:
    """Yield what was looked at; nothing is changed."""
    yield secret_file("broker_password_file", settings.broker_password_file)
    yield secret_file("server_token_file", settings.server_token_file)
    yield _directory_keys(settings)
    yield from _faces(settings)
    yield folder("data_dir", settings.data_dir)
    yield _broker_link(settings)
    yield _broker(settings)
    yield answer("server_url", str(settings.server_url))
    yield free_port("http_port", settings.http_host, settings.http_port)
    for codec, port in settings.tcp_ports.items():
        yield free_port(f"tcp_{codec}_port", settings.tcp_host, port)


def _directory_keys(settings: GatewaySettings) -> Finding:
    path = settings.directory_key_file
    if path is None:
        told = "none: directories that nobody signed are taken"
        return Finding("directory_key_file", is_well=True, detail=told)
    try:
        read_keys(path)
    except (GatewayError, OSError) as error:
        return Finding("directory_key_file", is_well=False, detail=str(error))
    return Finding("directory_key_file", is_well=True, detail=f"{path} can be used")


def _faces(settings: GatewaySettings) -> Iterator[Finding]:
    uses: dict[str, Callable[[Any], object]] = {
        "faces_key_file": read_face_keys,
        "faces_cameras_dir": read_cameras,
    }
    for name, use in uses.items():
        path = getattr(settings, name)
        if path is None:
            continue
        try:
            use(path)
        except GatewayError as error:
            yield Finding(name, is_well=False, detail=str(error))
        else:
            yield Finding(name, is_well=True, detail=f"{path} can be used")


def _broker_link(settings: GatewaySettings) -> Finding:
    """Look whether plain MQTT, passwords in it, stays where nobody else listens."""
    host = settings.broker_host
    if is_loopback(host):
        return Finding("broker_link", is_well=True, detail=f"{host} never leaves this machine")
    if settings.broker_ca is not None:
        told = f"{host} is spoken to by TLS, and proved by {settings.broker_ca}"
        return Finding("broker_link", is_well=True, detail=told)
    if settings.broker_on_private_link:
        told = f"{host} is on another machine, over a link that is said to be private"
        return Finding("broker_link", is_well=True, detail=told)
    advice = (
        f"BROKER_HOST {host} is not loopback, and MQTT to it is plain text: give the broker a"
        " certificate and set BROKER_CA, bring it here by a tunnel that encrypts"
        " (BROKER_HOST=127.0.0.1), or set BROKER_ON_PRIVATE_LINK=true where nobody else is on the"
        " link"
    )
    return Finding("broker_link", is_well=False, detail=advice)


def _broker(settings: GatewaySettings) -> Finding:
    place = f"{settings.broker_host}:{settings.broker_port}"
    try:
        tls = broker_tls(settings)
        at = settings.broker_host, settings.broker_port
        with socket.create_connection(at, timeout=5) as plain:
            if tls is not None:
                tls.wrap_socket(plain, server_hostname=settings.broker_host).close()
    except OSError as error:
        return Finding("broker", is_well=False, detail=f"{place}: {error.strerror or error}")
    return Finding("broker", is_well=True, detail=f"{place} answers")
