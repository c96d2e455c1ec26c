"""The site of the alerts' benchmark: its server, who asks it, and what a gateway posts to it."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

import httpx
import psycopg

from benchmarks.process_use import cpu_s, tree_cpu_s
from benchmarks.uplink_site import UplinkSite, uplink_site

_DEVICES: Final = 50


@contextmanager
def alert_site(folder: Path, seed: int) -> Iterator[UplinkSite]:
    """Yield a server with a county, which may send notifications to this machine."""
    folder.chmod(0o755)
    key_file = folder / "notification.key"
    key_file.touch(mode=0o600)
    key_file.write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    settings = {
        "GUITU_SERVER_NOTIFICATION_KEY_FILE": str(key_file),
        "GUITU_SERVER_NOTIFICATION_NETWORKS": "127.0.0.0/8",
    }
    with uplink_site(folder, seed=seed, devices=_DEVICES, settings=settings) as site:
        yield site


def gateway_client(site: UplinkSite) -> httpx.Client:
    """Return a client that is the gateway."""
    headers = {"Authorization": f"Bearer {site.token}"}
    return httpx.Client(base_url=site.url, trust_env=False, timeout=60, headers=headers)


def desk_client(site: UplinkSite, cookie: str) -> httpx.Client:
    """Return a client with a session that `sign_in` opened."""
    return httpx.Client(
        base_url=site.url,
        trust_env=False,
        timeout=60,
        cookies={"guitu_session": cookie},
        headers={"X-CSRF-Token": "bench"},
    )


def sign_in(site: UplinkSite, login: str | None = None) -> str:
    """Open a session past the interface; return its cookie. None: the site's first supervisor."""
    secret = secrets.token_urlsafe(16)
    with psycopg.connect(site.owner_dsn) as owner:
        owner.execute(
            "INSERT INTO session (token_hash, user_id, org_id, csrf_token, expires_at)"
            " SELECT %(hash)s, id, org_id, 'bench', now() + interval '12 hours' FROM app_user"
            " WHERE CASE WHEN %(login)s::text IS NULL THEN role = 'supervisor'"
            "   ELSE login = %(login)s END ORDER BY id LIMIT 1",
            {"hash": hashlib.sha256(secret.encode()).digest(), "login": login},
        )
    return secret


def outcomes(site: UplinkSite, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Return one outcome for each number, which raises the alert `bench-NUMBER`."""
    return [_outcome(site, number) for number in numbers]


def post(gateway: httpx.Client, events: Sequence[Mapping[str, Any]]) -> None:
    """Post outcomes in one request.

    Raises:
        RuntimeError: The server refused one.
    """
    entries = [event["data"]["entry_seq"] for event in events]
    answer = gateway.post(
        f"/api/v1/gateway/outcomes?first={entries[0]}&last={entries[-1]}",
        content=json.dumps(events),
        headers={"Content-Type": "application/cloudevents-batch+json"},
    )
    answer.raise_for_status()
    if answer.json().get("quarantined"):
        raise RuntimeError(f"the server refused outcomes of the benchmark: {answer.text[:300]}")


def row(name: str, took_s: Sequence[float], *, limit_ms: float | None = None) -> dict[str, Any]:
    """Return a row of times, with what it has to hold."""
    cuts = [1000 * cut for cut in quantiles(took_s, n=100, method="inclusive")]
    found = {"row": name, "p50_ms": round(cuts[49], 1), "p99_ms": round(cuts[98], 1)}
    if limit_ms is not None:
        found |= {"limit_ms": limit_ms, "holds": cuts[98] <= limit_ms}
    return found


class Use:
    """CPU time since this was made."""

    def __init__(self, site: UplinkSite, screens_pid: int | None = None) -> None:
        """Begin to count."""
        self._site = site
        self._screens_pid = screens_pid
        self._before = self._now()

    def seconds(self) -> dict[str, float]:
        """Return the CPU seconds of server and database, and of the screens if there are any."""
        return {name: round(now - self._before[name], 2) for name, now in self._now().items()}

    def _now(self) -> dict[str, float]:
        found = {
            "server_cpu_s": cpu_s(self._site.server_pid),
            "database_cpu_s": tree_cpu_s(self._site.database_pid),
        }
        if self._screens_pid is not None:
            found["screens_cpu_s"] = cpu_s(self._screens_pid)
        return found


def _outcome(site: UplinkSite, number: int) -> dict[str, Any]:
    party = site.parties[number % len(site.parties)]
    begin = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    data = {
        "entry_seq": number,
        "episode": f"bench-{number}",
        "change": "raised",
        "org": party.org,
        "rule": "exclusion",
        "severity": "major",
        "subject": party.holder,
        "device": party.device,
        "fence": None,
        "fence_version": None,
        "begin_time": begin,
        "end_time": None,
        "late": False,
        "evidence": {"reports": [], "parameters": {}},
    }
    return {
        "specversion": "1.0",
        "id": hashlib.sha256(str(number).encode()).hexdigest()[:32],
        "source": "guitu/gateway/bench",
        "type": "guitu.outcome.v1.raised",
        "subject": party.holder,
        "time": begin,
        "datacontenttype": "application/json",
        "data": data,
    }
