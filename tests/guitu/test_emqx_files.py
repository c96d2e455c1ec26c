"""Files for EMQX: what its bootstrap file, ACL file and main file hold."""

import csv
import hashlib
import json
import re

import pytest
from click.testing import CliRunner

from guitu.brokers.accounts import DeviceRow, device_accounts, gateway_account
from guitu.brokers.emqx import EmqxSettings, render
from guitu.cli import main
from tests.guitu.test_broker_command import REGISTRY, registry_file, words

__all__ = ["words"]

KEY = b"k" * 32
ROWS = [DeviceRow("wb-1", "office-1", "wristband"), DeviceRow("ph-1", "office-1", "phone", 2)]
# A rule of EMQX's ACL file: an Erlang term that ends with a full stop.
RULE = re.compile(r'^\{allow, \{username, ("[^"]*")\}, (publish|subscribe), (\[.*\])\}\.$')


@pytest.fixture
def accounts():
    return [gateway_account("gateway-gw-1", "g" * 43), *device_accounts(ROWS, KEY)]


@pytest.fixture
def files(accounts, tmp_path):
    return render(EmqxSettings(folder=tmp_path, host="10.0.0.5", port=1883), accounts)


def test_each_user_has_a_hash_that_its_password_makes(files, accounts):
    """As `emqx_passwd` compares: PBKDF2 of the password and the salt's text, in small hex."""
    (algorithm,) = re.findall(r"password_hash_algorithm \{(.*)\}", files.configuration)
    said = dict(part.split(" = ") for part in algorithm.split(", "))
    assert (said["name"], said["mac_fun"]) == ("pbkdf2", "sha256")
    rows = list(csv.DictReader(files.users.splitlines()))
    assert [row["user_id"] for row in rows] == ["gateway-gw-1", "ph-1~2", "wb-1"]
    for row, account in zip(rows, accounts, strict=True):
        assert list(row) == ["user_id", "password_hash", "salt", "is_superuser"]
        made = hashlib.pbkdf2_hmac(
            said["mac_fun"],
            account.password.encode(),
            row["salt"].encode(),
            int(said["iterations"]),
            int(said["dk_length"]),
        )
        assert (row["password_hash"], row["is_superuser"]) == (made.hex(), "false")
        assert account.password not in files.users


def test_the_acl_allows_each_its_own_filters_and_refuses_the_rest(files, accounts):
    *rules, last = files.acl.splitlines()
    assert last == "{deny, all}."
    found = {}
    for rule in rules:
        user, action, topics = RULE.match(rule).groups()
        found[json.loads(user), action] = tuple(json.loads(topics))
    wanted = {(one.user, "publish"): one.publish for one in accounts}
    assert found == wanted | {(one.user, "subscribe"): one.subscribe for one in accounts}


def test_nobody_else_gets_in_and_nothing_is_allowed_that_no_rule_names(files):
    assert "no_match = deny" in files.configuration
    assert "bootstrap_type = hash" in files.configuration
    assert 'listeners.tcp.default.bind = "10.0.0.5:1883"' in files.configuration
    for kind in ("ssl", "ws", "wss"):
        assert f"listeners.{kind}.default.enable = false" in files.configuration


def test_the_same_accounts_make_the_same_files(files, accounts, tmp_path):
    again = render(EmqxSettings(folder=tmp_path, host="10.0.0.5", port=1883), accounts)
    assert again == files
    assert (files.write(tmp_path / "out"), again.write(tmp_path / "out")) == (True, False)


def test_the_command_writes_them_for_their_owner_only(words, tmp_path):
    words += ["--kind", "emqx", *registry_file(tmp_path, REGISTRY)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {"users.csv", "acl.conf", "emqx.conf"}
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}


def test_a_running_emqx_is_not_followed(words, tmp_path):
    (tmp_path / "dsn").write_text("x")
    words += ["--kind", "emqx", "--dsn-file", str(tmp_path / "dsn"), "--watch-pid", "1"]
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, "leave out --watch-pid" in result.stderr) == (2, True)
