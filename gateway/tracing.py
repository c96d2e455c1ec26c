"""Traces (OpenTelemetry) to a collector of the site's own; off unless the settings name one.

A span names the call's template, its result and the gateway; never a path, which holds ids.
"""

from typing import Final

import httpx
import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_EXPORT_S: Final = 5.0
_SERVER_FAULT: Final = 500
_FORMAT: Final = TraceContextTextMapPropagator()


def provider_of(endpoint: str, gateway: str) -> TracerProvider:
    """Return what sends spans to a collector's OTLP address (protobuf); 2,048 wait at most.

    A collector that is away costs spans, nothing else. Call `shutdown` at the end.
    """
    session = requests.Session()
    session.trust_env = False
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=_EXPORT_S, session=session)
    named = Resource({SERVICE_NAME: "guitu-gateway", SERVICE_INSTANCE_ID: gateway})
    provider = TracerProvider(resource=named)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


class TracedTransport(httpx.BaseTransport):
    """A span for each request to the server, which is told of it (W3C traceparent)."""

    def __init__(self, inner: httpx.BaseTransport, provider: TracerProvider) -> None:
        """Take what carries the requests; closing this closes both."""
        self._inner = inner
        self._provider = provider
        self._tracer = provider.get_tracer(__name__)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request, with the trace that it belongs to in its head."""
        path = request.url.path
        with self._tracer.start_as_current_span(
            f"{request.method} {path}", kind=SpanKind.CLIENT, record_exception=False
        ) as span:
            _FORMAT.inject(request.headers)
            span.set_attribute("http.request.method", request.method)
            # The calls of a gateway have no place for an id in their paths.
            span.set_attribute("url.path", path)
            span.set_attribute("http.request.body.size", len(request.content))
            answer = self._inner.handle_request(request)
            span.set_attribute("http.response.status_code", answer.status_code)
            if answer.status_code >= _SERVER_FAULT:
                span.set_status(Status(StatusCode.ERROR))
            return answer

    def close(self) -> None:
        """Close the carrier, and send the spans that wait."""
        self._inner.close()
        self._provider.shutdown()
