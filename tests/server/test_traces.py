"""One trace from a gateway's request to the server's transaction, at a collector of our own."""

import asyncio
import threading
import time
from contextlib import closing
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from gateway.assembly import drain_client, uplink_stream
from gateway.config import GatewaySettings
from gateway.journal.store import Journal
from server.config import ServerSettings
from tests.gateway.test_uplink_stream import outcome
from tests.server.conftest import TOKEN, until
from tests.server.live_server import serving
from tests.services.receivers import Receiver, listening


def spans(collector: Receiver) -> dict[str, list[Span]]:
    """What came in, by service."""
    found: dict[str, list[Span]] = {}
    for request in collector.requests:
        export = ExportTraceServiceRequest.FromString(request.body)
        for one in export.resource_spans:
            names = {item.key: item.value.string_value for item in one.resource.attributes}
            found.setdefault(names["service.name"], []).extend(
                span for scope in one.scope_spans for span in scope.spans
            )
    return found


def gateway_of(folder: Path, base: str, trace_url: str) -> GatewaySettings:
    (folder / "token").write_text(TOKEN)
    return GatewaySettings(
        id="gw-1",
        data_dir=folder,
        broker_password_file=folder / "token",
        server_url=base,
        server_token_file=folder / "token",
        trace_url=trace_url,
    )


async def test_a_gateways_request_and_the_servers_transaction_are_one_trace(site, tmp_path):
    async with listening(Receiver()) as collector:
        url = f"http://127.0.0.1:{collector.port}/v1/traces"
        async with serving(site.settings(trace_url=url)) as live:
            settings = gateway_of(tmp_path, live.base, url)
            with closing(Journal(tmp_path / "journal.db", writable=True)) as journal:
                journal.append("tick", time.time_ns() // 1_000, b"", outcomes=[outcome(1)])
                await drained(settings, journal.last_seq)
        found = spans(collector)
    sent = [one for one in found["guitu-gateway"] if one.name.startswith("POST")]
    taken = {one.name: one for one in found["guitu-server"]}
    (request,) = sent
    answer, transaction = taken["POST /api/v1/gateway/outcomes"], taken["ingest transaction"]
    assert request.trace_id == answer.trace_id == transaction.trace_id
    assert (answer.parent_span_id, transaction.parent_span_id) == (request.span_id, answer.span_id)
    said = {item.key: item.value for item in transaction.attributes}
    assert said["guitu.gateway"].string_value == "gw-1"
    assert TOKEN.encode() not in b"".join(one.body for one in collector.requests)


async def drained(settings: GatewaySettings, last_seq: int) -> None:
    """Let the stream of outcomes send what the journal has."""
    stopping = threading.Event()
    client = drain_client(settings)
    stream = uplink_stream(
        settings, "outcomes", began_seq=last_seq, client=client, stopping=stopping
    )
    thread = threading.Thread(target=stream.run)
    thread.start()

    async def confirmed() -> bool:
        return stream.confirmed_seq == last_seq

    try:
        await until(confirmed)
    finally:
        stopping.set()
        stream.wake()
        await asyncio.to_thread(thread.join)
        # Sends the spans that wait.
        await asyncio.to_thread(client.close)


def test_nothing_is_traced_where_no_collector_is_named(tmp_path):
    given = gateway_of(tmp_path, "http://127.0.0.1:1", "http://127.0.0.1:1/v1/traces")
    settings = given.model_copy(update={"trace_url": None})
    with drain_client(settings) as client:
        assert type(client._transport).__name__ == "HTTPTransport"
    assert ServerSettings.model_fields["trace_url"].default is None
    assert GatewaySettings.model_fields["trace_url"].default is None
