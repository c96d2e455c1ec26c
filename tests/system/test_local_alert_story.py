"""A strap is cut while the server hangs: the officer sees it on the terminal, the desk later."""

import os
import signal
from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.life import samples
from tests.services.site import Site, site_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

SEEN = "guitu_gateway_local_alerts_total{seen}"
CUT_AND_SEEN_S = 240
"""The script cuts a strap after 95 s; the gateway waits 20 s, the officer looks within 20."""


@pytest.fixture
def site() -> Iterator[Site]:
    with site_of("--devices", "12") as running:
        yield running


def has_been_seen(site: Site) -> bool:
    answer = httpx.get(f"http://127.0.0.1:{site.port + 2}/metrics", trust_env=False, timeout=20)
    return samples(answer.text).get(SEEN, 0) > 0


def seen_alerts(client: httpx.Client) -> list[dict]:
    """The alerts that somebody saw on a terminal, whole."""
    items = client.get("/api/v1/alerts").json()["items"]
    found = [client.get(f"/api/v1/alerts/{one['id']}").json() for one in items]
    return [one for one in found if any(s["step"] == "seen_locally" for s in one["steps"])]


def test_a_strap_cut_while_the_server_hangs_is_seen_on_a_terminal_and_told_afterwards(site):
    server = site.pids("server")[-1]
    os.kill(server, signal.SIGSTOP)
    try:
        site.await_that(lambda: has_been_seen(site), "an alert seen on a terminal", CUT_AND_SEEN_S)
    finally:
        os.kill(server, signal.SIGCONT)
    with site.signed_in("supervisor") as client:
        client.timeout = 20
        site.await_that(lambda: seen_alerts(client), "what was seen is on the alert", 90)
        alert = seen_alerts(client)[0]
    told = [step for step in alert["steps"] if step["step"].endswith("_locally")]
    assert [step["step"] for step in told][:2] == ["told_locally", "seen_locally"]
    assert told[0]["body"]["device"] == told[1]["body"]["device"]
    assert told[1]["by_login"] == told[1]["body"]["login"] is not None
    assert alert["due_at"] is not None
