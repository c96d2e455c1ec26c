"""Who may speak to the broker, and about what. In MQTT's terms, for any broker."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import bcrypt

from firmware_protocols.credential import device_password, device_user
from firmware_protocols.topics import BULK_FILTERS, KINDS, URGENT_FILTERS
from guitu.errors import SettingsError

STATUS_FILTER: Final = "guitu/v1/+/+/+/status"
"""Births and wills of all devices."""

# The secrets are 256 random bits or derived from them: no dictionary reaches them, and a county's
# 550 devices reconnect at once. Cost 4 (the least) takes about a millisecond each.
_BCRYPT_PREFIX: Final = b"$2b$04$"
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")
_BCRYPT_ALPHABET: Final = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
)


@dataclass(frozen=True, order=True)
class DeviceRow:
    """A credential of a device as the broker must know it.

    Attributes:
        device: Device id; the first credential's user name.
        org: Organisation in its topics.
        kind: Device kind in its topics.
        generation: Number of the credential.
    """

    device: str
    org: str
    kind: str
    generation: int = 0

    def __post_init__(self) -> None:
        """Refuse what would change the meaning of a topic or of a configuration file.

        Raises:
            SettingsError: An id or the kind is not allowed.
        """
        for name, value in (("device", self.device), ("org", self.org)):
            if not _ID.match(value):
                raise SettingsError(f"{name} {value!r} is not 1 to 40 of A-Z a-z 0-9 _ -")
        if self.kind not in KINDS:
            raise SettingsError(
                f"kind {self.kind!r} of device {self.device} is not one of {sorted(KINDS)}"
            )


@dataclass(frozen=True)
class Account:
    """A broker account.

    Attributes:
        user: User name.
        password: In the clear; only hashes of it are written.
        publish: MQTT topic filters it may publish to.
        subscribe: MQTT topic filters it may subscribe to.
        is_persistent: It keeps a session with QoS 1 subscriptions.
    """

    user: str
    password: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    is_persistent: bool = False


def gateway_account(user: str, password: str) -> Account:
    """Return a gateway's account: hears every device, speaks on the down-links."""
    return Account(
        user=user,
        password=password,
        publish=("guitu/v1/+/+/+/down/+",),
        subscribe=(*BULK_FILTERS, *URGENT_FILTERS, STATUS_FILTER),
        is_persistent=True,
    )


def device_account(row: DeviceRow, site_key: bytes) -> Account:
    """Return a device's account: speaks and hears under its own prefix only.

    A phone speaks OwnTracks' layout beside Guitu's.

    Raises:
        ValueError: The site key is too short.
    """
    prefix = f"guitu/v1/{row.org}/{row.kind}/{row.device}"
    publish = [f"{prefix}/up/+", f"{prefix}/up-urgent/+", f"{prefix}/status"]
    subscribe = [f"{prefix}/down/+"]
    if row.kind == "phone":
        publish.append(f"owntracks/{row.device}/+")
        subscribe.append(f"owntracks/{row.device}/+/cmd")
    return Account(
        user=device_user(row.device, row.generation),
        password=device_password(site_key, row.device, row.generation),
        publish=tuple(publish),
        subscribe=tuple(subscribe),
    )


def device_accounts(rows: Iterable[DeviceRow], site_key: bytes) -> list[Account]:
    """Return the accounts of all devices, ordered by device."""
    return [device_account(row, site_key) for row in sorted(rows)]


def bcrypt_hash(account: Account) -> str:
    """Return the account's password as a bcrypt hash.

    The salt comes from user and password, so that the same accounts render to the same file: a
    changed file then means a changed account.
    """
    digest = hmac.new(account.password.encode(), b"salt\0" + account.user.encode(), hashlib.sha256)
    salt = base64.b64encode(digest.digest()[:16]).rstrip(b"=").translate(_BCRYPT_ALPHABET)
    return bcrypt.hashpw(account.password.encode(), _BCRYPT_PREFIX + salt).decode()


def mosquitto_hash(account: Account, *, iterations: int = 101) -> str:
    """Return the account's password in Mosquitto's `$7$` form, PBKDF2 with SHA-512.

    101 iterations is what mosquitto_passwd writes; the salt is as in `bcrypt_hash`.
    """
    digest = hmac.new(account.password.encode(), b"salt\0" + account.user.encode(), hashlib.sha256)
    salt = digest.digest()[:12]
    key = hashlib.pbkdf2_hmac("sha512", account.password.encode(), salt, iterations)
    return f"$7${iterations}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"
