"""The gateway's own HTTP face: /livez, /readyz, /metrics."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.metrics import Metrics

_SHUTDOWN_S: Final = 1
"""An answer in progress gets this long when the gateway stops."""


class HealthServer(uvicorn.Server):
    """uvicorn as one task among others: signals are the program's business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signal handlers alone."""
        yield

    async def main_loop(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until cancelled; uvicorn alone would leave its sockets open then."""
        try:
            await super().main_loop()
        except asyncio.CancelledError:
            await self.shutdown(sockets)
            raise


def health_server(
    host: str, port: int, metrics: Metrics, state: Callable[[], dict[str, object]]
) -> HealthServer:
    """Return the server; await its `serve()`.

    Args:
        host: Address to listen at.
        port: Port to listen at.
        metrics: What /metrics shows.
        state: Gives the parts' states; its "ready" decides /readyz.
    """

    async def livez(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        now = state()
        return JSONResponse(now, status_code=200 if now["ready"] else 503)

    async def exposition(_request: Request) -> Response:
        state()
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    app = Starlette(
        routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", exposition)]
    )
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=_SHUTDOWN_S,
    )
    return HealthServer(config)
