"""`guitu check` and `guitu selftest` on the real parts: what is well, and what each fault says."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from guitu.checkup.drill import drill, round_trip
from guitu.cli import main
from guitu.embedded.ports import free_port
from tests.server.conftest import TOKEN
from tests.server.live_server import serving


def checked(program, environment):
    done = CliRunner().invoke(main, ["check", program, "--json"], env=environment)
    said = json.loads(done.output)
    assert done.exit_code == (0 if said["ok"] else 1)
    return {one["check"]: (one["ok"], one["detail"]) for one in said["checks"]}


def server_environment(site, **changed):
    given = site.settings(http_port=free_port()).model_dump(exclude_unset=True) | changed
    for name, value in given.items():
        if name.endswith("_file"):
            Path(value).chmod(0o600)
    return {f"GUITU_SERVER_{name.upper()}": str(value) for name, value in given.items()}


def test_a_server_that_would_start_is_well(site):
    found = checked("server", server_environment(site))
    assert all(is_well for is_well, _ in found.values()), found
    assert "migrations" in found["database as guitu_app"][1]


def test_each_fault_of_a_server_is_named_and_none_tells_a_secret(site):
    given = server_environment(site)
    Path(given["GUITU_SERVER_INGEST_DSN_FILE"]).chmod(0o644)
    Path(given["GUITU_SERVER_APP_DSN_FILE"]).write_text("host=127.0.0.1 port=1 password=secret-7")
    key = site.folder / "directory-key"
    key.touch(mode=0o600)
    key.write_text("no key")
    found = checked("server", given | {"GUITU_SERVER_DIRECTORY_KEY_FILE": str(key)})
    bad = {name: detail for name, (is_well, detail) in found.items() if not is_well}
    assert bad.keys() == {"ingest_dsn_file", "database as guitu_app", "key directory_key_file"}
    assert "chmod 600" in bad["ingest_dsn_file"]
    assert "secret-7" not in str(found)


def test_a_server_without_its_master_key_is_told_how_to_make_one(site):
    given = server_environment(site)
    del given["GUITU_SERVER_MASTER_KEY_FILE"]
    is_well, said = checked("server", given)["key master_key_file"]
    assert (is_well, "guitu keys new" in said) == (False, True)


def test_settings_out_of_range_are_the_whole_answer():
    found = checked("server", {"GUITU_SERVER_POOL_SIZE": "1000"})
    assert list(found) == ["settings"]
    assert "GUITU_SERVER_POOL_SIZE" in found["settings"][1]


def gateway_environment(tmp_path, **changed):
    for name in ("password", "token"):
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_text("x")
    return {
        "GUITU_GATEWAY_ID": "gw-1",
        "GUITU_GATEWAY_DATA_DIR": str(tmp_path / "data"),
        "GUITU_GATEWAY_BROKER_PASSWORD_FILE": str(tmp_path / "password"),
        "GUITU_GATEWAY_BROKER_PORT": str(free_port()),
        "GUITU_GATEWAY_SERVER_URL": f"http://127.0.0.1:{free_port()}",
        "GUITU_GATEWAY_SERVER_TOKEN_FILE": str(tmp_path / "token"),
        "GUITU_GATEWAY_HTTP_PORT": str(free_port()),
    } | {f"GUITU_GATEWAY_{name.upper()}": value for name, value in changed.items()}


def test_a_gateway_without_broker_and_server_is_told_so(tmp_path):
    faces = {"faces_key_file": str(tmp_path / "token"), "faces_cameras_dir": str(tmp_path)}
    found = checked("gateway", gateway_environment(tmp_path, **faces))
    bad = {name for name, (is_well, _) in found.items() if not is_well}
    assert bad == {"broker", "server_url", "faces_key_file"}
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("host", "said", "well"),
    [
        ("127.0.0.1", {}, True),
        ("localhost", {}, True),
        ("broker.invalid", {}, False),
        ("broker.invalid", {"broker_on_private_link": "true"}, True),
        ("broker.invalid", {"broker_ca": "root.crt"}, True),
    ],
)
def test_a_broker_off_loopback_wants_tls_or_a_private_link_to_be_said(tmp_path, host, said, well):
    given = {"broker_host": host} | said
    is_well, told = checked("gateway", gateway_environment(tmp_path, **given))["broker_link"]
    assert (is_well, "set BROKER_CA" in told) == (well, not well)


def test_the_drill_raises_the_alert_and_replays_its_journal():
    found = drill()
    assert [one.check for one in found] == ["decode, rules, journal", "replay"]
    assert all(one.is_well for one in found), found


async def test_a_round_trip_asks_as_a_gateway(site):
    async with serving(site.settings()) as live:
        well = await asyncio.to_thread(round_trip, live.base, TOKEN)
        wrong = await asyncio.to_thread(round_trip, live.base, "another-token")
    assert [one.is_well for one in well] == [True, True]
    assert [one.is_well for one in wrong] == [True, False]
    assert wrong[1].detail.startswith("401")
