"""Runs the server until it is asked to stop."""

import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI

from server.app import create_app
from server.config import ServerSettings
from server.errors import SettingsError
from server.live.hub import Hub

_log = logging.getLogger(__name__)
_OTHERS: Final = 0o077


class _Server(uvicorn.Server):
    """Ends the live streams first: uvicorn would wait for them to end by themselves."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Ours does not raise the signal again afterwards: an orderly stop is exit code 0.
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.close()
        await super().shutdown(sockets)


def serve(settings: ServerSettings) -> None:
    """Serve; returns after SIGINT or SIGTERM.

    Raises:
        SettingsError: A file of the settings cannot be read, or a key is open to others.
    """
    _log.info("serving host=%s port=%d", settings.http_host, settings.http_port)
    make_server(create_app(settings), settings).run()
    _log.info("stopped")


def make_server(app: FastAPI, settings: ServerSettings) -> uvicorn.Server:
    """Return the HTTP server for an app of `create_app`, not started yet."""
    _require_private(settings.http_key_file)
    config = uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        log_config=None,
        # Addresses hold search words and purposes; requests are counted in /metrics.
        access_log=False,
        server_header=False,
        ssl_certfile=settings.http_certificate,
        ssl_keyfile=settings.http_key_file,
        timeout_graceful_shutdown=settings.shutdown_s,
    )
    return _Server(config, app.state.hub)


def _require_private(key_file: Path | None) -> None:
    if key_file is None:
        return
    try:
        mode = key_file.stat().st_mode
    except OSError as error:
        raise SettingsError(f"GUITU_SERVER_HTTP_KEY_FILE={key_file}: {error.strerror}") from error
    if mode & _OTHERS:
        text = f"others may read it (mode {mode & 0o777:o}): chmod 600"
        raise SettingsError(f"GUITU_SERVER_HTTP_KEY_FILE={key_file}: {text}")
