"""The units: hardened, without a secret in them, and every name in them is one of ours."""

import re
from pathlib import Path

import click
import pytest
from pydantic_settings import BaseSettings

from gateway.config import GatewaySettings
from guitu.cli import main
from server.config import ServerSettings

FOLDER = Path(__file__).parents[2] / "deploy" / "systemd"
SETTINGS: dict[str, type[BaseSettings]] = {"server": ServerSettings, "gateway": GatewaySettings}
# A site that has them says so in a drop-in: a credential without its file bars the start.
BY_DROP_IN = {
    *(f"GUITU_SERVER_{name}_FILE" for name in ("HTTP_KEY", "OIDC_CLIENT_SECRET", "MEDIA_KEY")),
    "GUITU_GATEWAY_FACES_KEY_FILE",
}
HARDENED = {
    "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "AmbientCapabilities": "",
    "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes",
    "PrivateUsers": "yes", "ProtectKernelTunables": "yes", "ProtectKernelModules": "yes",
    "ProtectKernelLogs": "yes", "ProtectControlGroups": "yes", "ProtectClock": "yes",
    "RestrictNamespaces": "yes", "RestrictSUIDSGID": "yes", "LockPersonality": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX", "UMask": "0077", "Restart": "always",
}  # fmt: skip


def unit(program):
    """Section, key and value of each line, in order: a key may stand more than once."""
    section, found = "", []
    for line in (FOLDER / f"guitu-{program}.service").read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            assert re.fullmatch(r"[A-Z]\w+", key), line
            found.append((section, key, value))
    return found


@pytest.mark.parametrize("program", SETTINGS)
def test_a_unit_is_hardened_and_runs_as_a_user_of_its_own(program):
    service = {key: value for section, key, value in unit(program) if section == "Service"}
    assert {key: service.get(key) for key in HARDENED} == HARDENED
    assert service["User"] == f"guitu-{program}"
    assert [section for section, *_ in unit(program)][-1] == "Install"


@pytest.mark.parametrize("program", SETTINGS)
def test_each_secret_comes_as_a_credential_to_a_setting_that_exists(program):
    lines = unit(program)
    credentials = {value.split(":")[0] for _, key, value in lines if key == "LoadCredential"}
    given = [value.split("=", 1) for _, key, value in lines if key == "Environment"]
    prefix = SETTINGS[program].model_config["env_prefix"]
    names = {f"{prefix}{name.upper()}" for name in SETTINGS[program].model_fields}
    ours = {name: value for name, value in given if name.startswith(prefix)}
    assert ours.keys() <= names
    secrets = {name for name in names if name.endswith("_FILE")} - BY_DROP_IN
    assert secrets <= ours.keys(), "a unit that does not offer a key leaves what needs it off"
    pointed = {value.removeprefix("%d/") for value in ours.values() if value.startswith("%d/")}
    assert pointed == credentials


@pytest.mark.parametrize("program", SETTINGS)
def test_a_unit_runs_commands_that_exist(program):
    with click.Context(main) as context:
        listed = set(main.list_commands(context))
    started = [value.split() for _, key, value in unit(program) if key.startswith("ExecStart")]
    assert len(started) == 2
    assert {words[1] for words in started} <= listed
