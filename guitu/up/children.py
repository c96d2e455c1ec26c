"""How `guitu up` runs Guitu's own programs: environment, arguments, readiness."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Final

import httpx

from guitu.embedded.child import ChildSpec
from guitu.up.data_folder import DataFolder
from guitu.up.settings import BROKER_USER, GATEWAY_ID, LOOPBACK, UpSettings
from guitu.up.site_setup import Demo

_GUITU: Final = (sys.executable, "-m", "guitu")
# Lines reach the log when they are written, not when a buffer is full.
# The supervisor reads them, in the one form that it knows.
_PYTHON_ENV: Final = {"PYTHONUNBUFFERED": "1", "GUITU_LOG_FORMAT": "line"}


def server_spec(settings: UpSettings, folder: DataFolder) -> ChildSpec:
    """Return how to run the server."""
    return ChildSpec(
        name="server",
        argv=(*_GUITU, "server"),
        env=_PYTHON_ENV
        | {
            "GUITU_SERVER_APP_DSN_FILE": str(folder.secret_file("app.dsn")),
            "GUITU_SERVER_INGEST_DSN_FILE": str(folder.secret_file("ingest.dsn")),
            "GUITU_SERVER_WORKER_DSN_FILE": str(folder.secret_file("worker.dsn")),
            "GUITU_SERVER_MASTER_KEY_FILE": str(folder.secret_file("master-key")),
            "GUITU_SERVER_ARCHIVE_KEY_FILE": str(folder.secret_file("archive-key")),
            "GUITU_SERVER_NOTIFICATION_KEY_FILE": str(folder.secret_file("notification-key")),
            "GUITU_SERVER_DIRECTORY_KEY_FILE": str(folder.secret_file("directory-key.pem")),
            "GUITU_SERVER_FACT_KEY_FILE": str(folder.secret_file("fact-key.pem")),
            "GUITU_SERVER_SECOND_FACTOR_KEY_FILE": str(folder.secret_file("second-factor-key")),
            # To look around with; a real site asks for it (docs/access.md).
            "GUITU_SERVER_SECOND_FACTOR": os.environ.get("GUITU_SERVER_SECOND_FACTOR", "optional"),
            "GUITU_SERVER_MEDIA_DIR": str(folder.path / "media"),
            "GUITU_SERVER_MEDIA_KEY_FILE": str(folder.secret_file("media-key")),
            "GUITU_SERVER_AUDIT_KEY_FILE": str(folder.secret_file("audit-key.pem")),
            "GUITU_SERVER_AUDIT_ANCHOR_DIR": str(folder.anchors),
            "GUITU_SERVER_HTTP_HOST": settings.host,
            # A trial that is opened to a network is behind a proxy, or is nobody's secret.
            "GUITU_SERVER_HTTP_BEHIND_PROXY": "true",
            "GUITU_SERVER_HTTP_PORT": str(settings.port),
        },
        grace_s=8.0,
    )


def gateway_spec(settings: UpSettings, folder: DataFolder) -> ChildSpec:
    """Return how to run the gateway."""
    return ChildSpec(
        name="gateway",
        argv=(*_GUITU, "gateway"),
        env=_PYTHON_ENV
        | {
            "GUITU_GATEWAY_ID": GATEWAY_ID,
            "GUITU_GATEWAY_DATA_DIR": str(folder.path / "gateway"),
            "GUITU_GATEWAY_BROKER_HOST": settings.local_host,
            "GUITU_GATEWAY_BROKER_PORT": str(settings.mqtt_port),
            "GUITU_GATEWAY_BROKER_USER": BROKER_USER,
            "GUITU_GATEWAY_BROKER_PASSWORD_FILE": str(
                folder.secret_file("gateway-broker-password")
            ),
            "GUITU_GATEWAY_SERVER_URL": f"http://{settings.local_host}:{settings.port}",
            "GUITU_GATEWAY_SERVER_TOKEN_FILE": str(folder.secret_file("gateway-token")),
            "GUITU_GATEWAY_DIRECTORY_KEY_FILE": str(folder.secret_file("directory-key.pub")),
            "GUITU_GATEWAY_FACES_KEY_FILE": str(folder.secret_file("faces-key")),
            "GUITU_GATEWAY_HTTP_HOST": LOOPBACK,
            "GUITU_GATEWAY_HTTP_PORT": str(settings.gateway_port),
            "GUITU_GATEWAY_TCP_HOST": settings.tcp_host,
            "GUITU_GATEWAY_ARCHIVE": "true",
        }
        | {
            f"GUITU_GATEWAY_TCP_{protocol.upper()}_PORT": str(port)
            for protocol, port in settings.tcp_ports.items()
        },
        grace_s=8.0,
    )


def sims_spec(settings: UpSettings, folder: DataFolder, demo: Demo) -> ChildSpec:
    """Return how to play the demo county."""
    return ChildSpec(
        name="sims",
        argv=(
            *(*_GUITU, "sim", "run", "county"),
            *("--broker", f"{settings.local_host}:{settings.mqtt_port}"),
            *("--device-key-file", str(folder.secret_file("device_key"))),
            *("--labels", str(folder.path / "labels.jsonl")),
            *("--seed", str(demo.seed), "--devices", str(demo.wearing)),
            *("--terminals", str(demo.terminals)),
            *(
                f"--tcp={protocol}={settings.local_tcp_host}:{port}"
                for protocol, port in settings.tcp_ports.items()
            ),
        ),
        env=_PYTHON_ENV,
        grace_s=5.0,
    )


def http_ready(url: str) -> Callable[[], Awaitable[bool]]:
    """Return a question that is answered yes when the address answers 200."""

    async def ask() -> bool:
        async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
            try:
                return (await client.get(url)).status_code == httpx.codes.OK
            except httpx.HTTPError:
                return False

    return ask


def port_ready(host: str, port: int) -> Callable[[], Awaitable[bool]]:
    """Return a question that is answered yes when the port accepts connections."""

    async def ask() -> bool:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 2.0)
        except (OSError, TimeoutError):
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return True

    return ask


async def at_once() -> bool:
    """Answer yes: a part whose start is all that is asked of it."""
    return True
