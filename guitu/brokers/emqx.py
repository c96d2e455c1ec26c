"""Configuration of EMQX 5: its main file, bootstrap file of users and ACL file.

Formats: docs.emqx.com, "Use Built-in Database", "Import users", "Use ACL File", "Listener
Configuration"; how a hash is compared: `emqx_passwd` and `emqx_authn_password_hashing` of
github.com/emqx/emqx.
"""

import csv
import hashlib
import hmac
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guitu.brokers.accounts import Account
from guitu.brokers.certificate import BrokerCertificate
from guitu.brokers.mosquitto import MAX_INFLIGHT_MESSAGES, MAX_QUEUED_MESSAGES
from guitu.brokers.nats import MAX_PAYLOAD_BYTES
from guitu.private_file import write_changed

# EMQX's own default; passwords are 256 random bits or derived from them.
ITERATIONS: Final = 4_096
_KEY_BYTES: Final = 32


@dataclass(frozen=True, kw_only=True)
class EmqxSettings:
    """What differs between places.

    Attributes:
        folder: Where the broker finds its files.
        host: Address to listen on.
        port: TCP port.
        certificate: What it proves itself by; None: it speaks plain MQTT.
    """

    folder: Path
    host: str
    port: int
    certificate: BrokerCertificate | None = None


@dataclass(frozen=True)
class EmqxFiles:
    """The three files. That of the users holds hashes: keep it from others' eyes.

    Attributes:
        configuration: emqx.conf (HOCON), to be included or merged.
        users: users.csv
        acl: acl.conf (Erlang terms)
    """

    configuration: str
    users: str
    acl: str

    def write(self, folder: Path) -> bool:
        """Write the files into the folder; return whether any changed."""
        return any(
            [
                write_changed(folder / "users.csv", self.users),
                write_changed(folder / "acl.conf", self.acl),
                write_changed(folder / "emqx.conf", self.configuration),
            ]
        )


def render(settings: EmqxSettings, accounts: Sequence[Account]) -> EmqxFiles:
    """Return the files for these accounts."""
    return EmqxFiles(
        configuration=_configuration(settings),
        users=_users(accounts),
        acl="".join(_rules(account) for account in accounts) + "{deny, all}.\n",
    )


def emqx_hash(account: Account) -> tuple[str, str]:
    """Return the account's password as EMQX compares it, PBKDF2 with SHA-256 in hex, and its salt.

    The salt comes from user and password, as in `bcrypt_hash`, and is used as the text it is.
    """
    digest = hmac.new(account.password.encode(), b"salt\0" + account.user.encode(), hashlib.sha256)
    salt = digest.digest()[:16].hex()
    key = hashlib.pbkdf2_hmac(
        "sha256", account.password.encode(), salt.encode(), ITERATIONS, _KEY_BYTES
    )
    return key.hex(), salt


def _configuration(settings: EmqxSettings) -> str:
    algorithm = f"name = pbkdf2, mac_fun = sha256, iterations = {ITERATIONS}"
    lines = [
        *_listeners(settings),
        # It has a well-known first password; whoever runs it sets another.
        'dashboard.listeners.http.bind = "127.0.0.1:18083"',
        f"mqtt.max_packet_size = {MAX_PAYLOAD_BYTES // 1024}KB",
        f"mqtt.max_inflight = {MAX_INFLIGHT_MESSAGES}",
        f"mqtt.max_mqueue_len = {MAX_QUEUED_MESSAGES}",
        # A session outlives hours without a gateway.
        "mqtt.session_expiry_interval = 7d",
        "authentication = [{",
        "  mechanism = password_based, backend = built_in_database, user_id_type = username",
        f"  password_hash_algorithm {{{algorithm}, dk_length = {_KEY_BYTES}}}",
        f"  bootstrap_file = {_text(str(settings.folder / 'users.csv'))}, bootstrap_type = hash",
        "}]",
        "authorization {",
        "  no_match = deny, deny_action = ignore",
        f"  sources = [{{type = file, enable = true, path = {_path(settings.folder)}}}]",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _listeners(settings: EmqxSettings) -> list[str]:
    own = "tcp" if settings.certificate is None else "ssl"
    # Whatever listens beside it by default would take the same accounts, or none.
    others = [kind for kind in ("tcp", "ssl", "ws", "wss") if kind != own]
    lines = [f"listeners.{own}.default.bind = {_text(f'{settings.host}:{settings.port}')}"]
    if settings.certificate is not None:
        proof = settings.certificate
        cert, key = _text(str(proof.certificate)), _text(str(proof.key))
        options = f"certfile = {cert}, keyfile = {key}, verify = verify_none"
        lines.append(f"listeners.ssl.default.ssl_options {{{options}}}")
    return [*lines, *(f"listeners.{kind}.default.enable = false" for kind in others)]


def _users(accounts: Sequence[Account]) -> str:
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(["user_id", "password_hash", "salt", "is_superuser"])
    for account in accounts:
        table.writerow([account.user, *emqx_hash(account), "false"])
    return written.getvalue()


def _rules(account: Account) -> str:
    who = f"{{username, {_text(account.user)}}}"
    asked = (("publish", account.publish), ("subscribe", account.subscribe))
    return "".join(
        f"{{allow, {who}, {action}, [{', '.join(map(_text, topics))}]}}.\n"
        for action, topics in asked
    )


def _path(folder: Path) -> str:
    return _text(str(folder / "acl.conf"))


def _text(value: str) -> str:
    # Of HOCON and of Erlang alike: quotes and backslashes with a backslash.
    return json.dumps(value, ensure_ascii=False)
