"""A real server with a seeded county, and a Chromium that reports every complaint."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from guitu.embedded.ports import free_port
from server.secrecy.key_file import add_key
from server.site import first_start
from tests.browser.people import cookies_of, signed_in
from tests.browser.place import PASSWORD, registry
from tests.browser.screen import IN_THE_COUNTY
from tests.browser.uplink import Gateway
from tests.conftest import absent
from tests.services.answering import wait_answered

BUILT = Path("server/_web/index.html")
# How busy the machine is decides no test: what never comes is told this late.
PATIENCE_MS = 15_000
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Site:
    """A server process on the built console; `gateway` feeds it."""

    port: int
    environment: dict[str, str]
    gateway: Gateway
    owner_dsn: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "guitu", "server"], env={**os.environ, **self.environment}
        )
        assert wait_answered("127.0.0.1", self.port, timeout_s=90)

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(timeout=15)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Hold the server's process: connections stay open and nothing is said."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


def _key_file(folder: Path) -> Path:
    path = folder / "second-factor-key"
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(32))
    return path


def _master_key_file(folder: Path) -> Path:
    path = folder / "master-key"
    add_key(path)
    return path


@pytest.fixture(scope="session")
def site(database_server, tmp_path_factory) -> Iterator[Site]:
    """A server on the built console, with everybody's first position."""
    if not BUILT.is_file():
        absent("the built console", "install without GUITU_SKIP_WEB=1")
    folder = tmp_path_factory.mktemp("site")
    with database_server.migrated() as database:
        token = secrets.token_urlsafe(32)
        first_start(database.owner_dsn, registry=registry(), gateway_id="gw-1", gateway_token=token)
        port = free_port()
        files = {
            "APP": database.app_dsn,
            "INGEST": database.ingest_dsn,
            "WORKER": database.worker_dsn,
        }
        environment = {
            "GUITU_SERVER_HTTP_PORT": str(port),
            # Who enrols is asked; the others' tests are not about it.
            "GUITU_SERVER_SECOND_FACTOR": "optional",
            "GUITU_SERVER_SECOND_FACTOR_KEY_FILE": str(_key_file(folder)),
            "GUITU_SERVER_MASTER_KEY_FILE": str(_master_key_file(folder)),
            # Our gateway speaks only when a test makes it.
            "GUITU_SERVER_GATEWAY_SILENT_AFTER_S": "3600",
        }
        for name, dsn in files.items():
            file = folder / name
            file.write_text(dsn)
            environment[f"GUITU_SERVER_{name}_DSN_FILE"] = str(file)
        gateway = Gateway(f"http://127.0.0.1:{port}", token)
        running = Site(port, environment, gateway, database.owner_dsn)
        running.start()
        try:
            running.gateway.ask_directory()
            running.gateway.send_first_fixes()
            yield running
        finally:
            running.gateway.close()
            running.stop()


# Module scope: while a synchronous Playwright runs, asyncio tests of other modules could not.
@pytest.fixture(scope="module")
def browser(chromium) -> Iterator[Browser]:
    flags = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    if os.geteuid() == 0:
        # Chromium's sandbox refuses root; an ordinary user keeps it.
        flags.append("--no-sandbox")
    with sync_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        launched = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield launched
        launched.close()


@pytest.fixture
def complaints() -> list[str]:
    """Console errors, policy violations and uncaught errors; a test may take out what it caused."""
    return []


@pytest.fixture
def new_context(browser, site, complaints) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser profile of its own: its own cookies and its own shared worker."""
    contexts: list[BrowserContext] = []

    def open_context(**options) -> BrowserContext:
        context = browser.new_context(
            base_url=site.base_url, **{"viewport": DESKTOP, "locale": "zh-CN", **options}
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", lambda message: _take_complaint(message, complaints))
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        contexts.append(context)
        return context

    yield open_context
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def sign_in() -> Callable[..., None]:
    def enter(page: Page, login: str = "officer-1", *, path: str = "/") -> None:
        page.goto(path)
        page.locator("#login").fill(login)
        page.locator("#password").fill(PASSWORD)
        page.locator("button[type=submit]").click()
        expect(page.get_by_test_id("sign-out")).to_be_visible()

    return enter


@pytest.fixture(scope="session")
def cookies(site) -> list[dict[str, Any]]:
    """Officer 1's session, opened once: hashing a password takes its time by design."""
    answer = httpx.post(
        f"{site.base_url}/api/v1/session", json={"login": "officer-1", "password": PASSWORD}
    )
    return [
        {"name": name, "value": value, "url": site.base_url, "httpOnly": True, "sameSite": "Strict"}
        for name, value in answer.raise_for_status().cookies.items()
    ]


@pytest.fixture
def page(new_context, cookies) -> Page:
    """Officer 1, signed in, with the county on the map."""
    context = new_context()
    context.add_cookies(cookies)
    opened = context.new_page()
    opened.goto("/")
    expect(opened.get_by_test_id("map")).to_have_attribute("data-centre", IN_THE_COUNTY)
    return opened


@pytest.fixture
def page_of(new_context, site) -> Callable[[str, str], Page]:
    """Open a page of somebody who is signed in: login, path."""

    def open_page(login: str, path: str) -> Page:
        with signed_in(site.base_url, login) as client:
            context = new_context()
            context.add_cookies(cookies_of(client))
        opened = context.new_page()
        opened.goto(path)
        return opened

    return open_page


def _take_complaint(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type not in {"error", "warning"}:
        return
    is_session_check = message.location.get("url", "").endswith("/api/v1/session")
    if is_session_check and "401" in message.text:
        return  # Asking who is signed in is how the page learns that nobody is.
    complaints.append(f"{message.text} {message.location.get('url', '')}")
