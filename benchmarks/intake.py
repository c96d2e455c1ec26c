"""Messages per second and core through decode, evaluate, commit and acknowledge.

Claim: at QoS 1, single-fix JSON, the gateway spends at most 1.4 times the CPU time per message of a
bare paho-mqtt client that only acknowledges (ratio at least 0.7). Both drain the same messages
from a persistent session of the same broker, one after the other, in processes of their own.
"""

import asyncio
import gc
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

from benchmarks import intake_columns
from benchmarks.broker_site import BrokerSite, broker_site
from device_sims.load import LoadBand, Profile
from firmware_protocols.topics import BULK_FILTERS, device_topic
from firmware_protocols.wristband_json.encode import encode
from gateway.app import Gateway, clock_us
from gateway.config import GatewaySettings
from gateway.directory.snapshot import compile_directory
from gateway.pipeline import Pipeline
from guitu.embedded.ports import free_port

DEVICES: Final = 550
WARM_UP: Final = 5_500
MESSAGES: Final = 33_000
_HOST: Final = "127.0.0.1"
_IN_FLIGHT: Final = 500
_INTERVAL_MS: Final = 10_000
_TIMEOUT_S: Final = 60.0
_LOOK_EVERY_S: Final = 0.05
_NS_PER_MS: Final = 1_000_000


def run(seed: int) -> list[dict[str, Any]]:
    """Return the bare client's row, the gateway's, and those of batched binary input."""
    with tempfile.TemporaryDirectory(prefix="guitu-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with broker_site(folder, seed=seed, devices=DEVICES) as site:
            _prepare_gateway(folder, site)
            bare = _measure(_bare, "bare", site, folder, seed)
            gateway = _measure(_gateway, "gateway", site, folder, seed)
    return [
        _row("bare paho-mqtt, only acknowledging (baseline)", bare, bare),
        _row("gateway: decode, evaluate, commit, acknowledge", gateway, bare),
        *intake_columns.rows(seed),
    ]


def _measure(
    target: Callable[[BrokerSite, Path, "Queue[tuple[float, float]]"], None],
    account: str,
    site: BrokerSite,
    folder: Path,
    seed: int,
) -> tuple[float, float]:
    # One session at a time: the broker deletes a message with its last acknowledgement, and
    # each of the two shall pay for that.
    _make_session(site, account)
    _publish(site, seed)
    taken = _in_process(target, site, folder)
    forget = _client(site, account)
    forget.reinitialise(client_id=_session_id(account), clean_session=True)
    forget.username_pw_set(account, site.password)
    forget.on_connect = lambda c, *_: c.disconnect()
    forget.connect(_HOST, site.port)
    forget.loop_forever()
    return taken


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
    total = WARM_UP + MESSAGES
    start_ms = time.time_ns() // _NS_PER_MS - total // DEVICES * _INTERVAL_MS
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
        chain.from_iterable(zip(r, bands, strict=True) for r in rounds), total
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
    taken = 0
    began = 0.0, 0.0

    def received(client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        nonlocal taken, began
        client.ack(message.mid, message.qos)
        taken += 1
        if taken == WARM_UP:
            began = _now()
        if taken == WARM_UP + MESSAGES:
            client.disconnect()

    client.on_message = received
    client.connect(_HOST, site.port)
    client.loop_forever()
    answer.put(_since(began))


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
    gc.freeze()  # as the program does
    running = asyncio.create_task(gateway.run(stop))
    await _committed(gateway, running, WARM_UP)
    began, before = _now(), gateway.committed_reports
    await _committed(gateway, running, WARM_UP + MESSAGES)
    # The warm-up ends with a batch, not at a message: say what was taken per message since.
    share = MESSAGES / (gateway.committed_reports - before)
    cpu_s, wall_s = _since(began)
    answer.put((cpu_s * share, wall_s * share))
    stop.set()
    await running


async def _committed(gateway: Gateway, running: "asyncio.Task[None]", reports: int) -> None:
    while gateway.committed_reports < reports:
        if running.done():
            running.result()
        await asyncio.sleep(_LOOK_EVERY_S)


def _now() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def _since(began: tuple[float, float]) -> tuple[float, float]:
    now = _now()
    return now[0] - began[0], now[1] - began[1]
