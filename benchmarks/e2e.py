"""Latency from publish to server-sent event, through the whole system.

Claim: with 550 devices at one fix in ten seconds, p99 is below 500 ms on two cores, for positions
and for an SOS. While the simulator plays the load, one more wristband is worn by the benchmark: it
stamps what it sends at the moment of publishing. The baseline is a publish through the same broker
to a bare subscriber.
"""

import json
import math
import subprocess
import sys
import threading
import time
from collections import defaultdict
from typing import Any, Final

import httpx
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.whole_site import WholeSite, whole_site
from firmware_protocols.credential import device_password
from firmware_protocols.message import Report
from firmware_protocols.topics import device_topic
from firmware_protocols.wristband_json.encode import encode
from guitu.up.settings import BROKER_USER as GATEWAY_USER

DEVICES: Final = 550
SECONDS: Final = 60
_WARM_S: Final = 15.0
_EVERY_S: Final = 0.13
_POSITIONS_PER_SOS: Final = 4
_SOMEWHERE: Final = (119.9, 28.4)
_NS_PER_MS: Final = 1_000_000


def run(seed: int) -> list[dict[str, Any]]:
    """Return the baseline's row, that of positions and that of alerts."""
    with whole_site(seed=seed, devices=DEVICES + 1) as site:
        playing = _play(site, seed)
        own = site.registry["devices"][-1]["device"]
        latencies = _Latencies(own, time.time() + _WARM_S)
        with site.signed_in() as client:
            listener = threading.Thread(target=_listen, args=(client, latencies), daemon=True)
            listener.start()
            _wear(site, latencies, until_s=time.time() + _WARM_S + SECONDS)
            latencies.closed = True
            playing.terminate()
            playing.wait(30)
    baseline = latencies.row("publish -> bare subscriber (baseline)", "baseline")
    return [
        baseline,
        latencies.row("position: publish -> server-sent event", "pos", baseline),
        latencies.row("SOS: publish -> alert as server-sent event", "alert", baseline),
    ]


class _Latencies:
    """Latencies in milliseconds by name, after the warm-up."""

    def __init__(self, device: str, from_s: float) -> None:
        self.device = device
        self.closed = False
        self.pressed_ms: float | None = None
        self._from_s = from_s
        self._found: dict[str, list[float]] = defaultdict(list)

    def note(self, name: str, began_ms: float) -> None:
        """Note that something which began at `began_ms` has arrived."""
        now_s = time.time()
        if now_s >= self._from_s and not self.closed:
            self._found[name].append(now_s * 1_000 - began_ms)

    def row(self, title: str, name: str, baseline: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return one row of the result."""
        found = sorted(self._found[name]) or [math.nan]
        row: dict[str, Any] = {"row": title, "events": len(self._found[name])}
        for label, share in (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99), ("max_ms", 1.0)):
            row[label] = round(found[min(len(found) - 1, int(share * len(found)))], 1)
        if baseline is not None:
            row["p50_ratio_to_baseline"] = round(row["p50_ms"] / baseline["p50_ms"], 1)
        return row


def _play(site: WholeSite, seed: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "guitu", "sim", "run", "load", "--devices", str(DEVICES)]
    command += ["--broker", f"127.0.0.1:{site.mqtt_port}", "--seed", str(seed)]
    command += ["--device-key-file", str(site.device_key_file), "--interval", "10"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _listen(client: httpx.Client, latencies: _Latencies) -> None:
    with client.stream("GET", "/api/v1/live", timeout=60) as stream:
        event = ""
        for line in stream.iter_lines():
            if line.startswith("event:"):
                event = line.removeprefix("event:").strip()
            elif line.startswith("data:") and event in ("pos", "alert"):
                _take(event, json.loads(line.removeprefix("data:")), latencies)
            if latencies.closed:
                return


def _take(event: str, data: dict[str, Any], latencies: _Latencies) -> None:
    if event == "pos":
        for device, fix_time_ms in zip(data["device"], data["fix_time_ms"], strict=True):
            if device == latencies.device:
                latencies.note("pos", fix_time_ms)
    elif data["rule"] == "sos" and data["condition"] == "active" and latencies.pressed_ms:
        latencies.note("alert", latencies.pressed_ms)
        latencies.pressed_ms = None


def _wear(site: WholeSite, latencies: _Latencies, *, until_s: float) -> None:
    """Report positions, press and release SOS on the wristband that the simulator does not play.

    In between, the gateway's account says something to it: the baseline.
    """
    who = site.registry["devices"][-1]
    prefix = (who["org"], who["kind"], who["device"])
    urgent = device_topic(*prefix, "up-urgent", "wristband-json")
    bulk = device_topic(*prefix, "up", "wristband-json")
    down = device_topic(*prefix, "down", "echo")
    key = site.device_key_file.read_text().strip().encode()
    band = _client(site, who["device"], who["device"], device_password(key, who["device"]))
    band.on_message = lambda _c, _u, message: (
        latencies.note("baseline", float(message.payload)) if message.topic == down else None
    )
    band.subscribe(device_topic(*prefix, "down", "+"))
    bare = _client(site, "bench-bare", GATEWAY_USER, site.gateway_password_file.read_text().strip())
    boot, seq, is_pressed = int(time.time()), 0, False
    while time.time() < until_s:
        for topic in (urgent, *[bulk] * _POSITIONS_PER_SOS, urgent, *[bulk] * _POSITIONS_PER_SOS):
            is_pressed = is_pressed != (topic == urgent)
            now_ms = time.time_ns() // _NS_PER_MS
            if topic == urgent and is_pressed:
                latencies.pressed_ms = now_ms
            report = Report(
                device=who["device"],
                kind="fix",
                fix_time_ms=now_ms,
                boot=boot,
                seq=seq,
                longitude_deg=_SOMEWHERE[0],
                latitude_deg=_SOMEWHERE[1],
                datum="WGS84",
                alarms=("sos",) if is_pressed else (),
            )
            band.publish(topic, encode([report]), 1)
            bare.publish(down, str(time.time_ns() / _NS_PER_MS), 1)
            seq += 1
            time.sleep(_EVERY_S)
    for client in (band, bare):
        client.disconnect()
        client.loop_stop()


def _client(site: WholeSite, client_id: str, user: str, password: str) -> mqtt.Client:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id)
    client.username_pw_set(user, password)
    client.connect("127.0.0.1", site.mqtt_port)
    client.loop_start()
    while not client.is_connected():
        time.sleep(0.01)
    return client
