"""Counts every request by route template, method and status class."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.metrics import Metrics


class CountingMiddleware:
    """Pure ASGI, so that a stream passes through untouched."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Wrap an app."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = "5xx"

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = f"{message['status'] // 100}xx"
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            # The template, never the path: a path holds the ids of people.
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.requests.labels(route, scope["method"], status).inc()
