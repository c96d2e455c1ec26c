"""Messages per second and core through decode, evaluate, commit and acknowledge.

Claim: at QoS 1, single-fix JSON, the gateway spends at most twice the CPU time per message of a
bare paho-mqtt client that only acknowledges (ratio at least 0.5). Both take the same messages from
persistent sessions of the same broker, one after the other, in processes of their own.
"""

import asyncio
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import chain, islice
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from pydantic import HttpUrl

from benchmarks.site import BrokerSite, broker_site
from device_sims.load import LoadBand, Profile
from firmware_protocols.topics import BULK_FILTERS, device_topic
from firmware_protocols.wristband_json.encode import encode
from gateway.app import Gateway, clock_us
from gateway.config import GatewaySettings
from gateway.directory.snapshot import compile_directory
from gateway.pipeline import Pipeline
from guitu.embedded.ports import free_port

DEVICES: Final = 550
MESSAGES: Final = 22_000
_HOST: Final = "127.0.0.1"
_IN_FLIGHT: Final = 500
_INTERVAL_MS: Final = 10_000
_TIMEOUT_S: Final = 60.0
_LOOK_EVERY_S: Final = 0.05
_NS_PER_MS: Final = 1_000_000


def run(seed: int) -> list[dict[str, Any]]:
    """Return the bare client's row and the gateway's."""
    with tempfile.TemporaryDirectory(prefix="guitu-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with broker_site(folder, seed=seed, devices=DEVICES) as site:
            _prepare_gateway(folder, site)
            for account in ("bare", "gateway"):
                _make_session(site, account)
            _publish(site, seed)
            bare = _in_process(_bare, site, folder)
            gateway = _in_process(_gateway, site, folder)
    return [
        _row("bare paho-mqtt, only acknowledging (baseline)", bare, bare),
        _row("gateway: decode, evaluate, commit, acknowledge", gateway, bare),
    ]


def _row(name: str, taken: tuple[float, float], baseline: tuple[float, float]) -> dict[str, Any]:
    cpu_s, wall_s = taken
    return {
        "row": name,
        "messages": MESSAGES,
        "cpu_us_per_message": round(cpu_s / MESSAGES * 1e6, 1),
        "messages_per_cpu_second": round(MESSAGES / cpu_s),
        "wall_s": round(wall_s, 2),
        "ratio_to_baseline": round(baseline[0] / cpu_s, 3),
    }


def _session_id(account: str) -> str:
    return "bench-bulk" if account == "gateway" else "bare-bulk"


def _client(site: BrokerSite, account: str) -> mqtt.Client:
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id=_session_id(account),
        clean_session=False,
        manual_ack=True,
    )
    client.username_pw_set(account, site.password)
    return client


def _make_session(site: BrokerSite, account: str) -> None:
    client = _client(site, account)
    client.on_connect = lambda c, *_: c.subscribe([(f, 1) for f in BULK_FILTERS])
    client.on_subscribe = lambda c, *_: c.disconnect()
    client.connect(_HOST, site.port)
    client.loop_forever()


def _publish(site: BrokerSite, seed: int) -> None:
    """Fill both sessions: every device in turn reports where it is, as the load profile does."""
    start_ms = time.time_ns() // _NS_PER_MS - MESSAGES // DEVICES * _INTERVAL_MS
    profile = Profile(seed, devices=DEVICES)
    bands = [
        LoadBand(profile, wearer, start_ms=start_ms, interval_ms=_INTERVAL_MS, boot=1)
        for wearer in profile.wearers
    ]
    rounds = zip(*(band.emissions() for band in bands), strict=True)
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="bench-publisher")
    client.username_pw_set("publisher", site.password)
    client.max_inflight_messages_set(_IN_FLIGHT)
    client.connect(_HOST, site.port)
    client.loop_start()
    sent = []
    for emission, band in islice(
        chain.from_iterable(zip(r, bands, strict=True) for r in rounds), MESSAGES
    ):
        who = band.identity
        topic = device_topic(who.org, who.kind, who.device, "up", "wristband-json")
        sent.append(client.publish(topic, encode([emission.report]), qos=1))
    for message in sent:
        message.wait_for_publish(_TIMEOUT_S)
    client.disconnect()
    client.loop_stop()


def _in_process(
    target: Callable[[BrokerSite, Path, "Queue[tuple[float, float]]"], None],
    site: BrokerSite,
    folder: Path,
) -> tuple[float, float]:
    context = multiprocessing.get_context("spawn")
    answer: Queue[tuple[float, float]] = context.Queue()
    process = context.Process(target=target, args=(site, folder, answer), daemon=True)
    process.start()
    taken = answer.get(timeout=_TIMEOUT_S)
    process.join()
    return taken


def _bare(site: BrokerSite, _folder: Path, answer: "Queue[tuple[float, float]]") -> None:
    client = _client(site, "bare")
    left = MESSAGES

    def received(client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        nonlocal left
        client.ack(message.mid, message.qos)
        left -= 1
        if not left:
            client.disconnect()

    client.on_message = received
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    client.connect(_HOST, site.port)
    client.loop_forever()
    answer.put((time.process_time() - cpu_s, time.perf_counter() - wall_s))


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
        # Nobody answers there: the uplink waits, which costs next to nothing.
        server_url=HttpUrl(f"http://{_HOST}:{free_port()}"),
        server_token_file=secret,
        http_port=free_port(),
    )


def _prepare_gateway(folder: Path, site: BrokerSite) -> None:
    settings = _settings(site, folder)
    settings.data_dir.mkdir()
    pipeline = Pipeline(
        settings, clock_us=clock_us, stopping=threading.Event(), on_trouble=lambda _: None
    )
    pipeline.set_directory(compile_directory(site.directory))
    pipeline.close()


def _gateway(site: BrokerSite, folder: Path, answer: "Queue[tuple[float, float]]") -> None:
    asyncio.run(_run_gateway(site, folder, answer))


async def _run_gateway(
    site: BrokerSite, folder: Path, answer: "Queue[tuple[float, float]]"
) -> None:
    settings = _settings(site, folder)
    gateway, stop = Gateway(settings), asyncio.Event()
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    running = asyncio.create_task(gateway.run(stop))
    while gateway.committed_reports < MESSAGES:
        if running.done():
            running.result()
        await asyncio.sleep(_LOOK_EVERY_S)
    answer.put((time.process_time() - cpu_s, time.perf_counter() - wall_s))
    stop.set()
    await running
