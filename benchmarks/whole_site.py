"""A whole site for benchmarks: `guitu up` without its county, with the load profile's people."""

import json
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from device_sims import load
from guitu.embedded.ports import free_port_row
from guitu.up.settings import PORTS

_START_S: Final = 90.0
_STOP_S: Final = 40.0
_READY: Final = "停止 / stop:"
_PASSWORD: Final = re.compile(r"^ +admin +(\S+) +(\S+)$", re.MULTILINE)
_SUPERVISOR: Final = "bench-supervisor"


@dataclass(frozen=True)
class WholeSite:
    """A running site.

    Attributes:
        url: The server's address.
        mqtt_port: The broker's MQTT port on loopback.
        device_key_file: Device passwords are derived from what it holds.
        gateway_password_file: MQTT password of the gateway's account.
        password: Of the account that `signed_in` uses.
        registry: The people and devices that it knows.
    """

    url: str
    mqtt_port: int
    device_key_file: Path
    gateway_password_file: Path
    password: str
    registry: dict[str, Any]

    @contextmanager
    def signed_in(self) -> Iterator[httpx.Client]:
        """Yield a client that is signed in as a supervisor."""
        with httpx.Client(base_url=self.url, trust_env=False, timeout=30) as client:
            _sign_in(client, _SUPERVISOR, self.password)
            yield client


@contextmanager
def whole_site(*, seed: int, devices: int) -> Iterator[WholeSite]:
    """Yield a site that knows `devices` wristbands of the load profile."""
    with tempfile.TemporaryDirectory(prefix="guitu-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        port = free_port_row(PORTS)
        command = [sys.executable, "-m", "guitu", "up", "--no-sims"]
        command += ["--data", str(folder / "var"), "--port", str(port)]
        with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
            running = subprocess.Popen(command, stdout=out, stderr=err, start_new_session=True)
        try:
            shown = _await_ready(running, folder)
            registry = load.registry(
                seed, devices=devices, now=datetime.now(UTC) - timedelta(hours=1)
            )
            password = secrets.token_urlsafe(16)
            _register(f"http://127.0.0.1:{port}", shown, registry, password)
            yield WholeSite(
                url=f"http://127.0.0.1:{port}",
                mqtt_port=port + 1,
                device_key_file=folder / "var" / "secrets" / "device_key",
                gateway_password_file=folder / "var" / "secrets" / "gateway-broker-password",
                password=password,
                registry=registry,
            )
        finally:
            running.terminate()
            running.wait(_STOP_S)


def _await_ready(running: "subprocess.Popen[bytes]", folder: Path) -> str:
    deadline = time.monotonic() + _START_S
    while _READY not in (shown := (folder / "out").read_text()):
        if running.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the site does not start: {(folder / 'err').read_text()[-2000:]}")
        time.sleep(0.1)
    return shown


def _register(url: str, shown: str, registry: dict[str, Any], password: str) -> None:
    found = _PASSWORD.search(shown)
    if found is None:
        raise RuntimeError("the site printed no login for an admin")
    registry["orgs"][0]["parent"] = "site"
    registry["officers"] = [
        {
            "login": _SUPERVISOR,
            "org": registry["orgs"][0]["org"],
            "role": "supervisor",
            "name": _SUPERVISOR,
            "password": password,
        }
    ]
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        _sign_in(client, found[1], found[2])
        client.post("/api/v1/registry", json=json.loads(json.dumps(registry))).raise_for_status()


def _sign_in(client: httpx.Client, login: str, password: str) -> None:
    answer = client.post("/api/v1/session", json={"login": login, "password": password})
    answer.raise_for_status()
    client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
