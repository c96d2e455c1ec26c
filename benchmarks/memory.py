"""Memory of a gateway process that has a province: 40,000 wearers, each with an hour of reports.

Claim: the whole process stays under 1.5 GB at its highest: directory, index, rules' state, journal,
sessions. Baseline: the same process before its directory. Reports come through a real broker,
twenty fixes in a message.
"""

import asyncio
import multiprocessing
import resource
import tempfile
import threading
from collections.abc import Iterator
from itertools import islice
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from pydantic import HttpUrl

from benchmarks.broker_site import BrokerSite, broker_site
from benchmarks.engine_world import Population, make_population
from benchmarks.intake_columns import FIXES, arriving
from firmware_protocols.topics import BULK_FILTERS
from gateway.app import Gateway, clock_us
from gateway.config import GatewaySettings
from gateway.pipeline import Pipeline
from guitu.embedded.ports import free_port

SUBJECTS: Final = 40_000
MESSAGES: Final = 3 * SUBJECTS
_HOST: Final = "127.0.0.1"
_IN_FLIGHT: Final = 500
_TIMEOUT_S: Final = 900.0
_LOOK_EVERY_S: Final = 0.2
_MIB: Final = 1 << 20

_Answer = tuple[float, float, float, int]
"""MiB before the directory, with it, and at the highest; reports taken."""


def run(seed: int) -> list[dict[str, Any]]:
    """Return the row of the process."""
    population = make_population(seed, SUBJECTS)
    with tempfile.TemporaryDirectory(prefix="guitu-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with broker_site(folder, seed=seed, devices=1) as site:
            _make_session(site)
            context = multiprocessing.get_context("spawn")
            answer: Queue[_Answer] = context.Queue()
            body = population.directory.body
            process = context.Process(target=_gateway, args=(site, folder, body, answer))
            process.start()
            try:
                _publish(site, population, seed)
                empty, ready, highest, reports = answer.get(timeout=_TIMEOUT_S)
            finally:
                process.terminate()
                process.join()
    return [
        {
            "row": f"gateway process, {SUBJECTS:,} wearers",
            "reports": reports,
            "mib_before_directory": round(empty),
            "mib_with_directory": round(ready),
            "mib_highest": round(highest),
            "kib_per_wearer": round((highest - empty) * 1_024 / SUBJECTS, 1),
        }
    ]


def _client(site: BrokerSite, account: str, session: str) -> mqtt.Client:
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id=session, clean_session=account == "publisher"
    )
    client.username_pw_set(account, site.password)
    return client


def _make_session(site: BrokerSite) -> None:
    client = _client(site, "gateway", "bench-bulk")
    client.on_connect = lambda c, *_: c.subscribe([(f, 1) for f in BULK_FILTERS])
    client.on_subscribe = lambda c, *_: c.disconnect()
    client.connect(_HOST, site.port)
    client.loop_forever()


def _publish(site: BrokerSite, population: Population, seed: int) -> None:
    client = _client(site, "publisher", "bench-publisher")
    client.max_inflight_messages_set(_IN_FLIGHT)
    client.connect(_HOST, site.port)
    client.loop_start()
    for part in _batched(_messages(population, seed), _IN_FLIGHT):
        sent = [client.publish(topic, payload, qos=1) for topic, payload in part]
        for message in sent:
            message.wait_for_publish(_TIMEOUT_S)
    client.disconnect()
    client.loop_stop()


def _messages(population: Population, seed: int) -> Iterator[tuple[str, bytes]]:
    now_ms = clock_us() // 1_000
    found = (m for batch in arriving(population, seed, end_ms=now_ms) for m in batch)
    return ((m.topic, m.payload) for m in islice(found, MESSAGES))


def _batched(messages: Iterator[tuple[str, bytes]], size: int) -> Iterator[list[tuple[str, bytes]]]:
    while part := list(islice(messages, size)):
        yield part


def _settings(site: BrokerSite, folder: Path) -> GatewaySettings:
    secret = folder / "password"
    secret.write_text(site.password)
    return GatewaySettings(
        id="bench",
        data_dir=folder / "gateway",
        broker_host=_HOST,
        broker_port=site.port,
        broker_user="gateway",
        broker_password_file=secret,
        # Nobody answers there: everything stays in the journal.
        server_url=HttpUrl(f"http://{_HOST}:{free_port()}"),
        server_token_file=secret,
        http_port=free_port(),
        # One organisation here sends what a hundred do.
        org_per_s=100_000,
        org_burst=100_000,
    )


def _gateway(site: BrokerSite, folder: Path, body: bytes, answer: "Queue[_Answer]") -> None:
    settings = _settings(site, folder)
    settings.data_dir.mkdir()
    empty = _mib_now()
    _give_directory(settings, body)
    asyncio.run(_run(settings, empty, answer))


def _give_directory(settings: GatewaySettings, body: bytes) -> None:
    # In a process of its own: what compiling takes for a moment is the start's, not the run's.
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_journal_directory, args=(settings, body))
    process.start()
    process.join()


def _journal_directory(settings: GatewaySettings, body: bytes) -> None:
    from gateway.directory.snapshot import compile_directory  # noqa: PLC0415  # not in the parent

    pipeline = Pipeline(
        settings, clock_us=clock_us, stopping=threading.Event(), on_trouble=lambda _: None
    )
    pipeline.set_directory(compile_directory(body))
    pipeline.close()


async def _run(settings: GatewaySettings, empty: float, answer: "Queue[_Answer]") -> None:
    gateway, stop = Gateway(settings), asyncio.Event()
    ready = _mib_now()
    running = asyncio.create_task(gateway.run(stop))
    while gateway.committed_reports < MESSAGES * FIXES:
        if running.done():
            running.result()
        await asyncio.sleep(_LOOK_EVERY_S)
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    answer.put((empty, ready, highest, gateway.committed_reports))
    stop.set()
    await running


def _mib_now() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / _MIB
