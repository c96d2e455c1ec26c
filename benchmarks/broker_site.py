"""A broker and a directory for benchmarks that need no server."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from device_sims import load
from guitu.brokers.accounts import Account, DeviceRow, device_account, gateway_account
from guitu.embedded.broker import Broker, EmbeddedBroker
from guitu.embedded.ports import free_port


@dataclass(frozen=True)
class BrokerSite:
    """A running broker.

    Attributes:
        port: MQTT port on loopback.
        password: Password of the accounts `gateway`, `bare` and `publisher`.
        site_key: Device passwords are derived from it.
        directory: What the gateway must know, as it travels.
    """

    port: int
    password: str
    site_key: bytes
    directory: bytes


@contextmanager
def broker_site(folder: Path, *, seed: int, devices: int) -> Iterator[BrokerSite]:
    """Yield a broker that lets the load profile's devices and two gateways in."""
    registry = load.registry(seed, devices=devices, now=datetime.now(UTC) - timedelta(hours=1))
    password, site_key = secrets.token_urlsafe(32), secrets.token_bytes(32)
    broker = EmbeddedBroker(
        Broker(folder=folder / "broker", mqtt_port=free_port(), client_port=free_port())
    )
    rows = [DeviceRow(d["device"], d["org"], d["kind"]) for d in registry["devices"]]
    broker.set_accounts(
        [
            gateway_account("gateway", password),
            gateway_account("bare", password),
            Account("publisher", password, publish=("guitu/v1/+/+/+/up/+",), subscribe=()),
            *(device_account(row, site_key) for row in rows),
        ]
    )
    broker.start()
    try:
        yield BrokerSite(broker.broker.mqtt_port, password, site_key, directory_of(registry))
    finally:
        broker.stop()


def directory_of(registry: dict[str, Any]) -> bytes:
    """Return the directory that a server would make of a registry file."""
    orders = [
        {name: order[name] for name in ("order", "subject", "valid_from", "valid_to")}
        for order in registry["orders"]
    ]
    fences = [
        {name: value for name, value in fence.items() if name not in ("org", "name")}
        | {"version": 1, "valid_to": None}
        for fence in registry["fences"]
    ]
    return json.dumps(
        {
            "format": "guitu-directory/1",
            "version": 1,
            "org": registry["orgs"][0]["org"],
            "orgs": [org["org"] for org in registry["orgs"]],
            "devices": registry["devices"],
            "bindings": registry["bindings"],
            "orders": orders,
            "fences": fences,
            "rules": {"version": "defaults", "parameters": {}},
        }
    ).encode()
