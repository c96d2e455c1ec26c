"""`guitu broker config`."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from guitu.cli import main

REGISTRY = {
    "format": "guitu-registry/1",
    "devices": [
        {"device": "wb-1", "org": "office-1", "kind": "wristband"},
        {"device": "ph-1", "org": "office-1", "kind": "phone"},
    ],
}
# Tells each SIGHUP that it gets.
LISTENER = (
    "import signal\n"
    "signal.signal(signal.SIGHUP, lambda *_: print('hup', flush=True))\n"
    "print('listening', flush=True)\n"
    "while True: signal.pause()\n"
)


@pytest.fixture
def words(tmp_path) -> list[str]:
    """The options that every call has."""
    for name in ("device_key", "gateway_password"):
        (tmp_path / name).write_text(name[0] * 43)
    return [
        *("broker", "config", "--out", str(tmp_path / "out")),
        *("--device-key-file", str(tmp_path / "device_key")),
        *("--gateway-password-file", str(tmp_path / "gateway_password")),
    ]


def registry_file(tmp_path: Path, content: object) -> list[str]:
    path = tmp_path / "registry.json"
    path.write_text(json.dumps(content))
    return ["--registry", str(path)]


def test_mosquitto_gets_an_account_and_a_prefix_per_device(words, tmp_path):
    words += ["--kind", "mosquitto", *registry_file(tmp_path, REGISTRY)]
    assert CliRunner().invoke(main, words).exit_code == 0
    out = tmp_path / "out"
    users = [line.split(":")[0] for line in (out / "passwords").read_text().splitlines()]
    assert users == ["gateway-gw-1", "ph-1", "wb-1"]
    assert "topic write guitu/v1/office-1/wristband/wb-1/up/+\n" in (out / "acl").read_text()
    assert "topic write owntracks/ph-1/+\n" in (out / "acl").read_text()
    assert "max_inflight_messages 8192\n" in (out / "mosquitto.conf").read_text()
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("kind", "file", "said"),
    [
        ("nats", "nats.conf", 'tls { cert_file: "/tls/b.crt", key_file: "/tls/b.key" }'),
        ("mosquitto", "mosquitto.conf", "certfile /tls/b.crt\nkeyfile /tls/b.key\n"),
        ("emqx", "emqx.conf", 'certfile = "/tls/b.crt", keyfile = "/tls/b.key"'),
    ],
)
def test_a_broker_with_a_certificate_speaks_tls_only(words, tmp_path, kind, file, said):
    words += ["--kind", kind, *registry_file(tmp_path, REGISTRY)]
    written = []
    for given in ([], ["--certificate", "/tls/b.crt", "/tls/b.key"]):
        assert CliRunner().invoke(main, words + given).exit_code == 0
        written.append((tmp_path / "out" / file).read_text())
    plain, sealed = written
    assert (said in plain, said in sealed) == (False, True)
    assert "listeners.tcp.default.enable = false" in sealed or kind != "emqx"


def test_a_file_that_is_no_registry_is_refused_in_one_line(words, tmp_path):
    words += ["--kind", "nats", *registry_file(tmp_path, {"devices": [{"device": "x"}]})]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "registry.json is not a registry file" in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_id_that_would_widen_a_topic_is_refused(words, tmp_path):
    device = {"device": "wb/+", "org": "office-1", "kind": "wristband"}
    words += ["--kind", "nats", *registry_file(tmp_path, {"devices": [device]})]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "device 'wb/+' is not 1 to 40 of" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_devices_password_is_the_one_that_the_broker_knows(tmp_path, broker):
    (tmp_path / "key").write_bytes(broker.site_key.hex().encode())
    words = ["broker", "password", "wb-1", "--device-key-file", str(tmp_path / "key")]
    printed = CliRunner().invoke(main, words).output.strip()
    broker.site_key = broker.site_key.hex().encode()
    assert broker.add_device("wb-1").password == printed


def test_a_short_device_key_is_refused(tmp_path):
    (tmp_path / "key").write_text("short")
    words = ["broker", "password", "wb-1", "--device-key-file", str(tmp_path / "key")]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "holds 5 bytes, a device key has 32" in result.stderr


def test_devices_come_from_one_place_only(words):
    result = CliRunner().invoke(main, [*words, "--kind", "nats"])
    assert result.exit_code == 2
    assert "either --registry or --dsn-file" in result.stderr


def test_a_new_device_is_written_and_the_broker_told(words, tmp_path, database):
    with psycopg.connect(database.owner_dsn) as connection:
        connection.execute(
            "INSERT INTO org (id, path, level, name_zh, name_en)"
            " VALUES ('county-a', '/county-a/', 'county', '甲县', 'A')"
        )
    (tmp_path / "dsn").write_text(database.ingest_dsn)
    told = subprocess.Popen([sys.executable, "-c", LISTENER], stdout=subprocess.PIPE, text=True)
    assert told.stdout is not None
    assert told.stdout.readline() == "listening\n"
    words += ["--kind", "nats", "--dsn-file", str(tmp_path / "dsn"), "--watch-pid", str(told.pid)]
    with told, subprocess.Popen([sys.executable, "-m", "guitu", *words]) as watcher:
        try:
            assert told.stdout.readline() == "hup\n"
            with psycopg.connect(database.owner_dsn) as connection:
                connection.execute(
                    "INSERT INTO device (id, org_id, kind, expected_interval_s)"
                    " VALUES ('wb-9', 'county-a', 'wristband', 60)"
                )
            assert told.stdout.readline() == "hup\n"
        finally:
            watcher.kill()
            told.kill()
    assert "guitu.v1.county-a.wristband.wb-9.up.*" in (tmp_path / "out/nats.conf").read_text()
