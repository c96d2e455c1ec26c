"""A gateway's surroundings: a small county at the present time, a broker account for anybody."""

import json
import secrets
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from pydantic import HttpUrl

from gateway.app import clock_us
from gateway.config import GatewaySettings
from gateway.directory.snapshot import compile_directory
from gateway.journal.store import Journal
from gateway.pipeline import Pipeline
from guitu.brokers.accounts import Account
from guitu.embedded.ports import free_port
from tests.services.broker import HOST, BrokerService
from tests.services.mqtt_probe import may_connect
from tests.services.site import await_that

HOME = (119.9, 28.4)
SCHOOL = (119.92, 28.4)
METRES_PER_DEGREE_LON = 97_970.0
DAY_MS = 86_400_000
ORG = "county"
ANYBODY_MAY = ("guitu/v1/+/+/+/up/+", "guitu/v1/+/+/+/up-urgent/+", "owntracks/+/+")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def text(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1_000, UTC).isoformat().replace("+00:00", "Z")


def topic(device: str, *, kind: str = "wristband", channel: str = "up", codec="wristband-json"):
    return f"guitu/v1/{ORG}/{kind}/{device}/{channel}/{codec}"


def report(seq: int, *, at_ms: int | None = None, metres_east: float = 0.0, boot=1, **fields):
    """One wristband-json message near HOME."""
    at_ms = now_ms() if at_ms is None else at_ms
    place = {"lon": HOME[0] + metres_east / METRES_PER_DEGREE_LON, "lat": HOME[1], "acc": 8.0}
    body = {"v": 1, "boot": boot, "seq": seq, "t": at_ms} | place | fields
    return json.dumps(body).encode()


def walk(metres_east: list[float], *, every_s: int = 10, first_seq: int = 1, end_ms=None):
    """Messages of a walk that ends now, or at `end_ms`."""
    end_ms = now_ms() if end_ms is None else end_ms
    last = len(metres_east) - 1
    return [
        report(first_seq + n, at_ms=end_ms - (last - n) * every_s * 1_000, metres_east=metres)
        for n, metres in enumerate(metres_east)
    ]


def directory_body(*, version: int = 1, order_from_ms: int | None = None, **change) -> bytes:
    """Return a directory with five devices.

    wb-1 is worn under an order, wb-2 without one, wb-3 by nobody; ph-1 is an officer's phone, ph-2
    a subject's.
    """
    since, until = text(now_ms() - 30 * DAY_MS), text(now_ms() + 30 * DAY_MS)
    order_from = since if order_from_ms is None else text(order_from_ms)
    kinds = [("wristband", f"wb-{n}") for n in (1, 2, 3)] + [("phone", f"ph-{n}") for n in (1, 2)]
    held = {"wb-1": "s-1", "wb-2": "s-2", "ph-1": "officer-1", "ph-2": "s-1"}
    body = {
        "format": "guitu-directory/1",
        "version": version,
        "org": ORG,
        "orgs": [ORG],
        "devices": [
            {"device": device, "org": ORG, "kind": kind, "expected_interval_s": 60}
            for kind, device in kinds
        ],
        "bindings": [
            {
                "device": device,
                "holder_kind": "officer" if holder.startswith("officer") else "subject",
                "holder": holder,
                "valid_from": since,
                "valid_to": None,
            }
            for device, holder in held.items()
        ],
        "orders": [
            {"order": "eo-1", "subject": "s-1", "valid_from": order_from, "valid_to": until}
        ],
        "fences": [
            {
                "fence": fence,
                "version": 1,
                "use": use,
                "datum": "WGS84",
                "geometry": {"type": "Point", "coordinates": list(centre)},
                "radius_m": radius_m,
                "subjects": ["s-1", "s-2"],
                "valid_from": since,
                "valid_to": None,
            }
            for fence, use, centre, radius_m in (
                ("f-home", "inclusion", HOME, 300.0),
                ("f-school", "exclusion", SCHOOL, 200.0),
            )
        ],
        "rules": {"version": "test", "parameters": {}},
    }
    return json.dumps(body | change).encode()


def make_settings(folder: Path, broker: BrokerService, **changed) -> GatewaySettings:
    """Settings of a gateway in `folder`; nobody answers at its server's address."""
    password, token = folder / "mqtt-password", folder / "token"
    password.write_text(broker.gateway.password)
    if not token.exists():
        token.write_text("gateway-token-of-the-tests")
    values = {
        "id": "gw-1",
        "data_dir": folder / "gateway",
        "broker_host": broker.host,
        "broker_port": broker.port,
        "broker_user": broker.gateway.user,
        "broker_password_file": password,
        "server_url": HttpUrl(f"http://{HOST}:{free_port()}"),
        "server_token_file": token,
        "http_port": free_port(),
        "tick_s": 0.2,
        "directory_poll_s": 0.1,
    }
    return GatewaySettings(**(values | changed))


def make_pipeline(settings: GatewaySettings, **changed) -> Pipeline:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    values = {
        "clock_us": clock_us,
        "stopping": threading.Event(),
        "on_trouble": lambda _trouble: None,
    }
    return Pipeline(settings, **(values | changed))


def give_directory(settings: GatewaySettings, body: bytes | None = None) -> None:
    """Leave a directory on the gateway's disk, as an earlier life would have."""
    with closing(make_pipeline(settings)) as pipeline:
        pipeline.set_directory(compile_directory(body or directory_body()))


def let_in_anybody(broker: BrokerService) -> Account:
    """Return an account that may publish as any device, which a broken device may look like."""
    account = Account(
        "anybody",
        secrets.token_urlsafe(16),
        publish=ANYBODY_MAY,
        subscribe=("guitu/v1/+/+/+/down/+",),
    )
    broker._accounts.append(account)
    broker._take_over()
    await_that(
        lambda: may_connect(broker.host, broker.port, account.user, account.password, ca=broker.ca),
        "the broker knows the account",
    )
    return account


def journal_of(settings: GatewaySettings) -> "closing[Journal]":
    return closing(Journal(settings.data_dir / "journal.db", writable=False))
