"""Every screen, as a wall, a desk and a phone show it, in both languages.

With GUITU_SCREENSHOTS naming a folder the pictures are kept there: `make screenshots`.
"""

import os
import secrets
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.people import cookies_of, own_account, signed_in
from tests.browser.place import ADMIN, AUDITOR, COUNTY, HEAD, PROCURATOR, SECURITY
from tests.browser.test_for_everybody import AXE, AXE_RUN, switch_to
from tests.conftest import absent

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KEPT = os.environ.get("GUITU_SCREENSHOTS")
OWN = "own"
OFFICER = "officer-1"
STAFF = [OFFICER, "supervisor-1", HEAD, ADMIN, SECURITY, AUDITOR, PROCURATOR]

SIZES: dict[str, dict[str, Any]] = {
    "wall": {"viewport": {"width": 1920, "height": 1080}},
    "desk": {"viewport": {"width": 1440, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}


@dataclass(frozen=True)
class Screen:
    """An address, who looks at it, and what is there when it is whole (a data-test name)."""

    name: str
    path: str
    shows: str
    login: str = OFFICER
    sizes: tuple[str, ...] = field(default=("wall", "desk", "phone"))


SCREENS = [
    Screen("monitor", "/", "map"),
    Screen("alert", "/alerts/{alert}", "steps"),
    Screen("subject", "/subjects/s-bbbbbb", "order"),
    Screen("analysis", "/analysis", "page"),
    Screen("work-duties", "/work", "page"),
    Screen("work-leaves", "/work?tab=leaves", "leave"),
    Screen("work-permissions", "/work?tab=permissions", "page"),
    Screen("work-orders", "/work?tab=orders", "page", login=HEAD),
    Screen("work-measures", "/work?tab=measures", "page"),
    Screen("work-objections", "/work?tab=objections", "page"),
    Screen("work-reviews", "/work?tab=reviews", "page"),
    Screen("work-tasks", "/work?tab=tasks", "page"),
    Screen("fences", "/fences?fence=f-school", "fence-form", login="supervisor-1"),
    Screen("incidents", "/incidents", "page", login="supervisor-1"),
    Screen("incident", "/incidents?incident={incident}", "incident"),
    Screen("quality", "/quality", "precision"),
    Screen("quality-budget", "/quality?tab=budget", "reasons"),
    Screen("quality-times", "/quality?tab=times", "times"),
    Screen("quality-record", "/quality?tab=record", "page"),
    Screen("quality-reports", "/quality?tab=reports", "page", login="supervisor-1"),
    Screen("subject-track", "/subjects/s-bbbbbb?part=track", "purpose"),
    Screen("subject-explained", "/subjects/s-bbbbbb?part=explained", "score-explained"),
    Screen("subject-matters", "/subjects/s-bbbbbb?part=matters", "matters"),
    Screen("devices", "/devices", "fleet"),
    Screen("devices-gateways", "/devices?tab=gateways", "gateways"),
    Screen("devices-quarantine", "/devices?tab=quarantine", "page"),
    Screen("oversight-acts", "/oversight", "acts", login=AUDITOR),
    Screen("oversight-looks", "/oversight?tab=looks", "page", login=HEAD),
    Screen("oversight-alarms", "/oversight?tab=alarms", "look-alarms", login=AUDITOR),
    Screen("oversight-procurator", "/oversight?tab=procurator", "page", login=PROCURATOR),
    Screen("oversight-policy", "/oversight?tab=policy", "policy", login=AUDITOR),
    Screen("accounts", "/accounts", "account", login=ADMIN),
    Screen("accounts-security", "/accounts", "account", login=SECURITY),
    Screen("accounts-recoveries", "/accounts?tab=recoveries", "page", login=SECURITY),
    Screen("accounts-rota", "/accounts?tab=rota", "rota", login="supervisor-1"),
    Screen("accounts-channels", "/accounts?tab=channels", "page", login=ADMIN),
    Screen("accounts-letters", "/accounts?tab=letters", "page", login=ADMIN),
    Screen("accounts-sessions", "/accounts?tab=sessions", "sessions"),
    Screen("own-case", "/own", "own-case", login=OWN),
    Screen("own-score", "/own?tab=score", "score-explained", login=OWN),
    Screen("own-leave", "/own?tab=leave", "own-leaves", login=OWN),
    Screen("own-duties", "/own?tab=duties", "page", login=OWN),
    Screen("own-measures", "/own?tab=measures", "page", login=OWN),
]


@dataclass
class World:
    """A county in which something is to be seen on every screen."""

    alert: str
    incident: str
    cookies: dict[str, list[dict[str, Any]]]


def _key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(8)}


@pytest.fixture(scope="module")
def world(site) -> World:
    base = site.base_url
    with ExitStack() as open_clients:
        clients = {name: open_clients.enter_context(signed_in(base, name)) for name in STAFF}
        own = own_account(clients[OFFICER], "s-bbbbbb")
        clients[OWN] = open_clients.enter_context(signed_in(base, *own))
        alert = _seed(site, clients)
        incident = _incident(clients["supervisor-1"], alert)
        return World(
            alert, incident, {name: cookies_of(client) for name, client in clients.items()}
        )


def _seed(site: Any, clients: dict[str, httpx.Client]) -> str:
    """Put something on every screen; return an alert."""
    begins = datetime.now(UTC) + timedelta(days=4)
    leave = {
        "ground": "medical",
        "reason": "到市人民医院复查",
        "destination": "市人民医院",
        "from_time": begins.isoformat(),
        "to_time": (begins + timedelta(hours=9)).isoformat(),
        "proof": [{"title": "门诊预约单"}],
    }
    clients[OWN].post("/api/v1/me/leaves", json=leave, headers=_key()).raise_for_status()
    with psycopg.connect(site.owner_dsn) as owner:
        owner.execute(
            "INSERT INTO look_alarm (org_id, by_login, kind, day, persons, bound)"
            " SELECT %s, %s, kind, current_date, 5, 5 FROM unnest(%s::text[]) kind",
            (COUNTY, OFFICER, ["many", "far", "night"]),
        )
    site.gateway.raise_alert("s-bbbbbb", "strap")
    return str(site.gateway.raise_alert("s-cccccc", "exclusion"))


def _incident(supervisor: httpx.Client, alert: str) -> str:
    body = {"title": "城关小学附近", "plan": "escape", "alerts": [alert]}
    answer = supervisor.post("/api/v1/incidents", json=body, headers=_key()).raise_for_status()
    return str(answer.json()["id"])


def _look(context: BrowserContext, world: World, screen: Screen, language: str) -> Page:
    context.clear_cookies()
    context.add_cookies(world.cookies[screen.login])
    page = context.new_page()
    page.goto(screen.path.format(alert=world.alert, incident=world.incident))
    switch_to(page, language)
    expect(page.get_by_test_id(screen.shows).first).to_be_visible()
    expect(page.get_by_test_id("sign-out")).to_be_visible()
    expect(page.locator(".spinner")).to_have_count(0)
    return page


@pytest.mark.timeout(900)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_screen_is_whole_and_open_to_everybody(new_context, world, size, language):
    if not AXE.is_file():
        absent("axe-core", "npm ci in server/web")
    context = new_context(reduced_motion="reduce", **SIZES[size])
    context.add_init_script(path=AXE)
    found: dict[str, list[str]] = {}
    for screen in SCREENS:
        if size not in screen.sizes:
            continue
        page = _look(context, world, screen, language)
        found[screen.name] = page.evaluate(AXE_RUN)
        width = page.evaluate("() => document.documentElement.scrollWidth")
        if width > SIZES[size]["viewport"]["width"]:
            found[screen.name].append(f"the page is {width} px wide")
        if KEPT:
            folder = Path(KEPT)
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{screen.name}-{size}-{language}.jpg", quality=70)
        page.close()
    assert found == {name: [] for name in found}
