"""A drill: a made-up strap is cut, in a scratch folder, through the gateway's own parts."""

import json
import tempfile
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import HttpUrl

from gateway.config import GatewaySettings
from gateway.directory.snapshot import compile_directory
from gateway.errors import GatewayError
from gateway.intake.received import Received
from gateway.journal.store import Journal
from gateway.pipeline import Pipeline
from gateway.verification import verify
from guitu.checkup.findings import Finding

_ORG: Final = "drill"
_DEVICE: Final = "wb-drill"
_TOPIC: Final = f"guitu/v1/{_ORG}/wristband/{_DEVICE}/up-urgent/wristband-json"


class _Nobody:
    def acknowledge(self, message: Received) -> None:
        """Take an acknowledgement that no broker waits for."""
        del message


def drill() -> list[Finding]:
    """Send one frame through decoding, rules and journal, and replay what was written."""
    with tempfile.TemporaryDirectory(prefix="guitu-drill-") as name:
        scratch = Path(name)
        began_s = time.monotonic()
        try:
            rules = _commit(_settings(scratch))
            is_raised = ("strap", "raised") in rules
            took_ms = (time.monotonic() - began_s) * 1_000
            said = f"frame to journal in {took_ms:.0f} ms, alerts: {sorted(rules)}"
            found = [Finding("decode, rules, journal", is_well=is_raised, detail=said)]
            with closing(Journal(scratch / "journal.db", writable=False)) as journal:
                verified = verify(journal, scratch)
        except (GatewayError, OSError) as error:
            return [Finding("decode, rules, journal", is_well=False, detail=str(error))]
    told = verified.fault or f"{verified.entries} entries give the same outcomes again"
    return [*found, Finding("replay", is_well=verified.fault is None, detail=told)]


def round_trip(url: str, token: str | None) -> list[Finding]:
    """Ask a server whether it is ready and, as a gateway, how far it has this gateway's streams."""
    calls: list[tuple[str, str, dict[str, str]]] = [("readiness", "/readyz", {})]
    if token is not None:
        headers = {"Authorization": f"Bearer {token}"}
        calls.append(("as a gateway", "/api/v1/gateway/marks", headers))
    found = []
    for name, path, headers in calls:
        began_s = time.monotonic()
        try:
            answer = httpx.get(url.rstrip("/") + path, headers=headers, timeout=10, trust_env=False)
            took_ms = (time.monotonic() - began_s) * 1_000
            said = f"{answer.status_code} in {took_ms:.0f} ms"
            found.append(Finding(name, is_well=answer.is_success, detail=said))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            found.append(Finding(name, is_well=False, detail=f"{url}: {type(error).__name__}"))
    return found


def _settings(scratch: Path) -> GatewaySettings:
    # Files and addresses that only a running gateway reads.
    return GatewaySettings(
        id="drill",
        data_dir=scratch,
        broker_password_file=scratch / "none",
        server_url=HttpUrl("http://127.0.0.1"),
        server_token_file=scratch / "none",
    )


def _commit(settings: GatewaySettings) -> set[tuple[str, str]]:
    now = datetime.now(UTC)
    pipeline = Pipeline(
        settings,
        clock_us=lambda: time.time_ns() // 1_000,
        stopping=threading.Event(),
        on_trouble=lambda _trouble: None,
    )
    with closing(pipeline):
        pipeline.set_directory(compile_directory(_directory(now)))
        taken = pipeline.commit(pipeline.evaluate([_message(now)]))
    return {(one.rule, one.change) for one in taken.outcomes}


def _message(now: datetime) -> Received:
    at_ms = int(now.timestamp() * 1_000)
    body = {"v": 1, "boot": 1, "seq": 1, "t": at_ms, "lon": 119.9, "lat": 28.4, "acc": 8.0}
    return Received(
        _TOPIC,
        json.dumps(body | {"alarms": ["strap"]}).encode(),
        received_at_us=at_ms * 1_000,
        urgent=True,
        source=_Nobody(),
        connection=1,
        packet_id=1,
    )


def _directory(now: datetime) -> bytes:
    since, until = ((now + timedelta(days=days)).isoformat() for days in (-1, 1))
    held: dict[str, Any] = {"device": _DEVICE, "holder_kind": "subject", "holder": "s-drill"}
    body = {
        "format": "guitu-directory/1",
        "version": 1,
        "org": _ORG,
        "orgs": [_ORG],
        "devices": [
            {"device": _DEVICE, "org": _ORG, "kind": "wristband", "expected_interval_s": 60}
        ],
        "bindings": [held | {"valid_from": since, "valid_to": None}],
        "orders": [
            {"order": "eo-drill", "subject": "s-drill", "valid_from": since, "valid_to": until}
        ],
        "fences": [],
        "rules": {"version": "drill", "parameters": {}},
    }
    return json.dumps(body).encode()
