"""Reads back which accounts a broker's files hold, and whether a password is an account's."""

import base64
import csv
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import bcrypt

from guitu.brokers.emqx import ITERATIONS
from guitu.errors import SettingsError

Kind = Literal["nats", "mosquitto", "emqx"]

_TEXT: Final = r'"(?:[^"\\]|\\.)*"'
_NATS_USER: Final = re.compile(rf"\{{\s*user: ({_TEXT}), password: ({_TEXT})")
_FILES: Final[dict[Kind, str]] = {
    "nats": "nats.conf",
    "mosquitto": "passwords",
    "emqx": "users.csv",
}


@dataclass(frozen=True)
class KeptAccount:
    """An account as a broker's file has it.

    Attributes:
        secret: What the file holds of the password, with its salt.
        is_clear: That is the password itself.
        is_superuser: No ACL binds it.
        holds: Returns whether a password is this account's; None: the hash is of no known kind.
    """

    user: str
    secret: str = field(repr=False)
    holds: Callable[[str], bool] | None = field(repr=False)
    is_clear: bool = False
    is_superuser: bool = False


def kept_accounts(kind: Kind, folder: Path) -> list[KeptAccount]:
    """Return the accounts of a broker's files, in their order.

    Raises:
        SettingsError: The file is not there, or is none that `guitu broker config` writes.
    """
    path = folder / _FILES[kind]
    try:
        text = path.read_text(encoding="utf-8")
        found = list(_READERS[kind](text))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}; give the broker's folder") from error
    except (ValueError, KeyError) as error:
        raise SettingsError(f"{path} holds no accounts of {kind}: {error!r}") from error
    if not found:
        raise SettingsError(f"{path} holds no accounts of {kind}: guitu broker config writes them")
    return found


def lets_anybody_in(kind: Kind, folder: Path) -> bool:
    """Return whether the broker's main file lets in who names no account."""
    if kind == "nats":
        return "authorization {" not in (folder / "nats.conf").read_text(encoding="utf-8")
    name = "mosquitto.conf" if kind == "mosquitto" else "emqx.conf"
    path = folder / name
    if not path.exists():
        return False
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    if kind == "mosquitto":
        return "allow_anonymous true" in lines
    return not any(line.startswith("authentication = [{") for line in lines)


def _nats(text: str) -> Iterator[KeptAccount]:
    for user, password in _NATS_USER.findall(text):
        yield _account(json.loads(user), json.loads(password))


def _mosquitto(text: str) -> Iterator[KeptAccount]:
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            user, _, secret = line.partition(":")
            yield _account(user, secret)


def _emqx(text: str) -> Iterator[KeptAccount]:
    for row in csv.DictReader(text.splitlines()):
        is_superuser = row.get("is_superuser") == "true"
        if "password" in row:
            yield _clear(row["user_id"], row["password"], is_superuser=is_superuser)
            continue
        key, salt = row["password_hash"], row["salt"]
        yield KeptAccount(
            row["user_id"], f"{salt}${key}", _pbkdf2(key, salt), is_superuser=is_superuser
        )


_READERS: Final[dict[Kind, Callable[[str], Iterator[KeptAccount]]]] = {
    "nats": _nats,
    "mosquitto": _mosquitto,
    "emqx": _emqx,
}


def _account(user: str, secret: str) -> KeptAccount:
    if secret.startswith("$2"):
        return KeptAccount(
            user, secret, lambda password: bcrypt.checkpw(password.encode(), secret.encode())
        )
    if secret.startswith("$7$"):
        return KeptAccount(user, secret, _mosquitto_pbkdf2(secret))
    if secret.startswith("$"):
        return KeptAccount(user, secret, None)
    return _clear(user, secret)


def _clear(user: str, password: str, *, is_superuser: bool = False) -> KeptAccount:
    return KeptAccount(
        user, password, lambda given: given == password, is_clear=True, is_superuser=is_superuser
    )


def _mosquitto_pbkdf2(secret: str) -> Callable[[str], bool]:
    _, _, iterations, salt, key = secret.split("$")
    count, salted, wanted = int(iterations), base64.b64decode(salt), base64.b64decode(key)

    def holds(password: str) -> bool:
        found = hashlib.pbkdf2_hmac("sha512", password.encode(), salted, count, len(wanted))
        return hmac.compare_digest(found, wanted)

    return holds


def _pbkdf2(key: str, salt: str) -> Callable[[str], bool]:
    wanted = bytes.fromhex(key)

    def holds(password: str) -> bool:
        found = hashlib.pbkdf2_hmac(
            "sha256", password.encode(), salt.encode(), ITERATIONS, len(wanted)
        )
        return hmac.compare_digest(found, wanted)

    return holds
