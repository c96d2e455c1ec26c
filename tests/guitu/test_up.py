"""`guitu up`, the real thing: start, one alert, restarts, refusals, end, second start."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from firmware_protocols.credential import device_password
from tests.services.folder import passable_folder
from tests.services.mqtt_probe import may_connect
from tests.services.site import Site, await_that, is_alive, site_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
FIRST_ALERT_LIMIT_S = 60


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's user may pass through."""
    with passable_folder() as made:
        yield made


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A running site with the demo county, of this module's own."""
    with site_of("--devices", "5") as running:
        yield running


def test_the_console_answers_where_the_screen_says(site):
    address = re.search(r"http://\S+", site.shown)
    assert address is not None
    answer = httpx.get(address[0], trust_env=False)
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["content-type"].startswith("text/html")


def test_the_printed_logins_work_and_are_kept_for_their_owner_only(site):
    with site.signed_in("officer") as client:
        assert client.get("/api/v1/session").json()["role"] == "officer"
    kept = site.data / "secrets" / "logins.txt"
    assert site.login("officer")[1] in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0


def test_an_alert_comes_by_itself(site):
    with site.signed_in("officer") as client:
        site.await_that(
            lambda: client.get("/api/v1/alerts").json()["items"],
            "the first alert",
            FIRST_ALERT_LIMIT_S,
        )
        alert = client.get("/api/v1/alerts").json()["items"][-1]
    assert alert["state"] == "open"
    assert (site.data / "labels.jsonl").read_text().strip()


def test_terminals_of_each_protocol_are_on_the_map_beside_the_wristbands(site):
    # Somebody indoors may have no fix for a minute or two; two of a protocol hardly ever.
    each = [{f"tm-{number:06d}", f"tm-{number + 3:06d}"} for number in (6, 7, 8)]
    with site.signed_in("supervisor") as client:

        def on_the_map():
            return set(client.get("/api/v1/positions").json()["device"])

        site.await_that(lambda: all(pair & on_the_map() for pair in each), "one of each", 130)
    state = httpx.get(f"http://127.0.0.1:{site.port + 2}/readyz", trust_env=False).json()
    assert {name: one["terminals"] for name, one in state["tcp"].items()} == {
        "jt808": 2, "gt06": 2, "watch": 2,
    }  # fmt: skip


def test_no_secret_is_in_any_log(site):
    secrets = [
        path.read_text()
        for path in (site.data / "secrets").iterdir()
        if path.suffix not in (".dsn", ".txt") and not path.name.startswith("county")
    ]
    logs = site.logged + "".join(path.read_text() for path in (site.data / "log").iterdir())
    assert len(secrets) >= 6
    assert [secret for secret in secrets if secret in logs] == []


def test_a_held_folder_is_refused_in_one_line_that_names_the_holder(site, folder):
    second = started(site.data, folder)
    assert second.await_end() == 1
    assert second.logged == (
        f"guitu: data folder {site.data} is in use by process {site.process.pid}; "
        "stop that one or choose another folder with --data\n"
    )


@pytest.mark.parametrize(
    ("flags", "offset", "advice"),
    [
        ((), 0, "--port"),
        (("--mqtt-port", "{mqtt}"), 1, "--mqtt-port"),
    ],
)
def test_a_taken_port_is_refused_in_one_line_before_anything_starts(
    site, folder, flags, offset, advice
):
    taken = site.port + offset
    port = site.port if offset == 0 else None
    second = Site(folder / "var", *(flag.format(mqtt=taken) for flag in flags), port=port)
    assert second.await_end() == 1
    assert re.fullmatch(rf"guitu: port {taken} on 127\.0\.0\.1 .*{advice}\n", second.logged)
    assert not (folder / "var" / "database").exists()


@pytest.mark.parametrize("part", ["gateway", "server", "broker", "database"])
def test_a_killed_part_comes_back_and_the_screen_says_so(site, part):
    before = site.pids(part)
    os.kill(before[-1], signal.SIGKILL)
    site.await_that(lambda: len(site.pids(part)) > len(before), f"{part} is started again")
    assert re.search(rf"WARNING guitu supervisor restarting part={part} ", site.logged)
    for port in (site.port, site.port + 2):
        site.await_that(lambda port=port: is_ready(port), f"port {port} is ready again")


def is_ready(port: int) -> bool:
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK


def load_registry(site, folder, content) -> subprocess.CompletedProcess:
    (folder / "registry.json").write_text(json.dumps(content))
    login, password = site.login("admin")
    (folder / "password").write_text(password)
    return subprocess.run(
        [
            *(sys.executable, "-m", "guitu", "registry", "load", folder / "registry.json"),
            *("--server", site.url, "--login", login, "--password-file", folder / "password"),
        ],
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_device_that_is_registered_while_it_runs_gets_in(site, folder):
    with site.signed_in("admin") as client:
        org = client.get("/api/v1/session").json()["org"]["id"]
    device = {"device": "wb-new", "org": org, "kind": "wristband", "expected_interval_s": 60}
    loaded = load_registry(site, folder, {"format": "guitu-registry/1", "devices": [device]})
    assert loaded.returncode == 0, loaded.stderr

    key = (site.data / "secrets" / "device_key").read_text().encode()
    secret = device_password(key, "wb-new")
    site.await_that(
        lambda: may_connect("127.0.0.1", site.port + 1, "wb-new", secret), "the broker lets it in"
    )


def test_a_refused_registry_file_is_one_line_that_names_the_place(site, folder):
    device = {"device": "wb-odd", "org": "nowhere", "kind": "wristband", "expected_interval_s": 60}
    refused = load_registry(site, folder, {"format": "guitu-registry/1", "devices": [device]})
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("guitu: the server answered 422: /devices/0")
    assert refused.stderr.count("\n") == 1


def test_it_ends_in_order_leaves_no_process_and_a_second_start_finds_everything(folder):
    first = Site(folder / "var", "--no-sims")
    try:
        first.await_ready()
        login = first.login("admin")
        assert first.interrupt() == 0
        ended = re.findall(r" stopped part=(\w+)", first.logged)
        assert ended == ["gateway", "server", "broker", "database"]
        assert not any(is_alive(pid) for pid in first.pids())
        assert "Traceback" not in first.logged
    finally:
        first.end()

    second = Site(folder / "var", "--no-sims")
    try:
        second.await_ready()
        assert second.login("admin") == login
        with second.signed_in("admin") as client:
            assert client.get("/api/v1/session").json()["role"] == "admin"
        # A killed supervisor can tidy nothing up: the kernel ends its children.
        second.process.kill()
        second.await_end()
        await_that(lambda: not any(map(is_alive, second.pids())), "the children are gone")
    finally:
        second.end()


def test_a_second_interrupt_does_not_wait_for_a_part_that_hangs(folder):
    site = Site(folder / "var", "--no-sims")
    try:
        site.await_ready()
        os.kill(site.pids("server")[-1], signal.SIGSTOP)
        site.process.send_signal(signal.SIGINT)
        site.await_that(lambda: " stopped part=gateway" in site.logged, "the gateway has ended")
        assert site.interrupt() == 0
        assert " killed part=server" not in site.logged  # its grace was not waited for
        assert not any(is_alive(pid) for pid in site.pids())
    finally:
        site.end()


def started(data: Path, folder: Path) -> Site:
    """Start on a data folder that another site's files stand beside."""
    link = folder / "var"
    link.symlink_to(data)
    return Site(link)
