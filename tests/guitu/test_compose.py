"""docker-compose.yml and what it runs, as far as it goes without Docker."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import click
import psycopg
import pytest
import yaml

from gateway.config import GatewaySettings
from guitu.cli import main
from server.config import ServerSettings
from server.sealing import read_sealer
from tests.services.database import PASSWORDS, Database

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict] = COMPOSE["services"]
ONE_SHOT = {"prepare"}
each_service = pytest.mark.parametrize("name", SERVICES)


@each_service
def test_an_image_is_pinned_to_a_whole_version(name):
    assert re.search(r":v?\d+\.\d+\.\d+", SERVICES[name]["image"])


def test_the_dockerfile_builds_on_a_whole_version():
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert bases
    assert all(re.search(r":\d+\.\d+\.\d+-", base) for base in bases)


@each_service
def test_a_service_runs_without_root_and_without_privileges(name):
    service = SERVICES[name]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - ONE_SHOT))
def test_a_service_is_asked_how_it_is_and_comes_back(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@each_service
def test_a_log_is_bounded(name):
    assert SERVICES[name]["logging"]["options"]["max-size"]


def test_only_console_mqtt_and_terminals_are_published_and_on_loopback_unless_told():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {
        "broker": ["${GUITU_MQTT_LISTEN:-127.0.0.1:1883}:1883"],
        "gateway": [
            "${GUITU_JT808_LISTEN:-127.0.0.1:8215}:8215",
            "${GUITU_GT06_LISTEN:-127.0.0.1:8216}:8216",
            "${GUITU_WATCH_LISTEN:-127.0.0.1:8217}:8217",
        ],
        "server": ["${GUITU_CONSOLE_LISTEN:-127.0.0.1:8210}:8210"],
    }


def test_terminals_reach_the_ports_that_the_gateway_listens_on():
    given = SERVICES["gateway"]["environment"]
    ports = {n: given[f"GUITU_GATEWAY_TCP_{n.upper()}_PORT"] for n in ("jt808", "gt06", "watch")}
    assert [port.rpartition(":")[2] for port in SERVICES["gateway"]["ports"]] == [*ports.values()]
    played = {f"--tcp={name}=gateway:{port}" for name, port in ports.items()}
    assert played <= set(SERVICES["sims"]["command"])


def test_the_simulators_play_as_many_terminals_as_the_registry_has():
    (played,) = [w for w in SERVICES["sims"]["command"] if w.startswith("--terminals=")]
    assert played.replace("=", " ") in (ROOT / "deploy" / "prepare").read_text()


@each_service
def test_no_secret_stands_in_the_file(name):
    for key, value in SERVICES[name].get("environment", {}).items():
        if re.search("PASSWORD|TOKEN|DSN|KEY", key):
            assert key.endswith("_FILE")
            assert value.startswith(("/run/secrets/", "/srv/keys/"))


@each_service
def test_a_service_gets_the_secrets_that_it_names_and_no_other(name):
    service = SERVICES[name]
    text = yaml.safe_dump({k: service.get(k) for k in ("command", "environment")})
    if name == "prepare":
        text += (ROOT / "deploy" / "prepare").read_text().replace("$secrets", "/run/secrets")
    assert set(re.findall(r"/run/secrets/(\w+)", text)) == set(service.get("secrets", []))


def test_every_secret_is_made_by_the_script_and_closed_to_others(tmp_path):
    folder = tmp_path / "secrets"
    script = ROOT / "deploy" / "make-secrets"
    subprocess.run([script, folder], check=True, capture_output=True)
    made = {path.name: path.read_text() for path in folder.iterdir()}
    wanted = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert made.keys() == wanted
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(len(text) >= 43 for text in made.values())

    subprocess.run([script, folder], check=True, capture_output=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == made


@pytest.mark.parametrize(
    ("name", "settings"), [("server", ServerSettings), ("gateway", GatewaySettings)]
)
def test_a_service_sets_only_what_its_settings_know(name, settings):
    prefix = settings.model_config["env_prefix"]
    known = {f"{prefix}{field.upper()}" for field in settings.model_fields}
    assert SERVICES[name]["environment"].keys() <= known


@pytest.mark.parametrize(
    "name", [name for name, service in SERVICES.items() if service["image"].startswith("guitu:")]
)
def test_a_command_exists_with_its_options(name):
    words = SERVICES[name].get("command", [])
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        assert found is not None, f"guitu has no {words[0]}"
        command, words = found, words[1:]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word.partition("=")[0] for word in words} <= known


def prepare(folder: Path) -> None:
    program = folder / "bin" / "guitu"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m guitu "$@"\n')
    program.chmod(0o755)
    subprocess.run(
        ["sh", ROOT / "deploy" / "prepare"],
        check=True,
        timeout=60,
        cwd=ROOT,
        env={
            **os.environ,
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "GUITU_SECRETS": str(folder / "secrets"),
            "GUITU_FOLDER": str(folder),
            "GUITU_DEMO_SEED": "7",
        },
    )


@pytest.mark.slow
def test_preparation_makes_schema_logins_and_broker_accounts_and_may_be_repeated(
    empty_database, tmp_path
):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "keys").mkdir()
    database: Database = empty_database
    for name, text in {
        "owner_dsn": database.owner_dsn,
        "ingest_dsn": database.ingest_dsn,
        **PASSWORDS,
        "device_key": "k" * 43,
        "gateway_token": "t" * 43,
        "gateway_broker_password": "p" * 43,
    }.items():
        (tmp_path / "secrets" / name).write_text(text)

    prepare(tmp_path)
    logins = (tmp_path / "site" / "logins.txt").read_text()
    accounts = (tmp_path / "broker-config" / "nats.conf").read_text()
    key = tmp_path / "keys" / "second-factor-key"
    sealed = read_sealer(key).seal(b"secret", purpose="test")
    prepare(tmp_path)

    assert {line.split("\t")[0] for line in logins.splitlines()} >= {"admin", "officer"}
    assert (tmp_path / "site" / "logins.txt").read_text() == logins
    assert read_sealer(key).unseal(sealed, purpose="test") == b"secret"
    assert (tmp_path / "broker-config" / "nats.conf").read_text() == accounts
    with psycopg.connect(database.owner_dsn) as connection:
        (devices,) = connection.execute("SELECT count(*) FROM device").fetchone() or (0,)
    assert devices >= 30
    assert accounts.count("{user: ") == devices + 1
