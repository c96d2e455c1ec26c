"""Traces (OpenTelemetry) to a collector of the site's own; off unless the settings name one.

A span names the call's template, its result and the gateway; never a path, which holds ids.
"""

from typing import Final

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_EXPORT_S: Final = 5.0
_SERVER_FAULT: Final = 500
_FORMAT: Final = TraceContextTextMapPropagator()
# Asked for every few seconds by whatever watches; nothing calls on from there.
_NOT_TRACED: Final = frozenset({"/livez", "/readyz", "/metrics"})


def provider_of(endpoint: str) -> TracerProvider:
    """Return what sends spans to a collector's OTLP address (protobuf); 2,048 wait at most.

    A collector that is away costs spans, nothing else. Call `shutdown` at the end.
    """
    session = requests.Session()
    session.trust_env = False
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=_EXPORT_S, session=session)
    provider = TracerProvider(resource=Resource({SERVICE_NAME: "guitu-server"}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


class TracingMiddleware:
    """A span for each request, within the caller's trace when it names one (W3C traceparent)."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        """Wrap an app."""
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note its template and its answer."""
        if scope["type"] != "http" or scope["path"] in _NOT_TRACED:
            await self._app(scope, receive, send)
            return
        caller = _FORMAT.extract(dict(Headers(scope=scope)))
        method = scope["method"]
        with self._tracer.start_as_current_span(
            method, context=caller, kind=SpanKind.SERVER, record_exception=False
        ) as span:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= _SERVER_FAULT:
                        span.set_status(Status(StatusCode.ERROR))
                await send(message)

            try:
                await self._app(scope, receive, noted)
            finally:
                route = getattr(scope.get("route"), "path", "none")
                span.update_name(f"{method} {route}")
                span.set_attribute("http.route", route)
                span.set_attribute("http.request.method", method)
