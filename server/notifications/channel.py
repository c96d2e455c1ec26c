"""A channel, and what is sealed of it: its address and its secrets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time
from functools import lru_cache
from typing import Final, Literal

import msgspec

from server.archive.keys import MasterKey
from server.notifications.errors import RefusedSendError
from server.notifications.message import Tells
from server.notifications.template import Language
from server.secrecy.errors import SealError

_MOST_OPEN: Final = 512

Kind = Literal["apprise", "robot", "webhook", "terminal"]


class Address(msgspec.Struct, frozen=True):
    """Where a channel leads.

    Attributes:
        url: Of HTTP, or Apprise's own.
        secret: What a robot's platform wants signed requests with, if it does.
    """

    url: str
    secret: str | None = None

    def __repr__(self) -> str:
        return "Address(…)"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as the worker uses it.

    Attributes:
        login: Whose it is; None: the organisation's.
        sealed: The address; None: a terminal, which is found by whom it is bound to.
        sealed_secrets: What signs a webhook, by id.
    """

    id: str
    org_id: str
    login: str | None
    kind: Kind
    tells: Tells
    languages: Sequence[Language]
    quiet_from: time | None
    quiet_to: time | None
    sealed: bytes | None = field(repr=False)
    sealed_secrets: Sequence[tuple[str, bytes]] = field(repr=False)


class Sealer:
    """Seals what channels hold; each sealing opens at its own place only."""

    def __init__(self, key: MasterKey) -> None:
        """Take the site's key for notifications."""
        self._key = key
        # A burst over one channel would be opened for every message.
        self._open = lru_cache(_MOST_OPEN)(key.unwrap)

    def seal_address(self, channel_id: str, address: Address) -> bytes:
        """Return an address sealed."""
        return self._key.wrap(msgspec.json.encode(address), address_purpose(channel_id))

    def address(self, channel: Channel) -> Address:
        """Return a channel's address.

        Raises:
            RefusedSendError: Another key sealed it.
        """
        try:
            opened = self._open(channel.sealed or b"", address_purpose(channel.id))
        except SealError as error:
            raise RefusedSendError("another key sealed the address: enter it anew") from error
        return msgspec.json.decode(opened, type=Address)

    def seal_secret(self, secret_id: str, secret: str) -> bytes:
        """Return a secret sealed."""
        return self._key.wrap(secret.encode(), secret_purpose(secret_id))

    def secrets(self, channel: Channel) -> list[str]:
        """Return what signs a webhook now.

        Raises:
            RefusedSendError: Another key sealed one.
        """
        try:
            return [
                self._open(sealed, secret_purpose(secret_id)).decode()
                for secret_id, sealed in channel.sealed_secrets
            ]
        except SealError as error:
            raise RefusedSendError("another key sealed a secret: change it") from error


def address_purpose(channel_id: str) -> str:
    """Return what a channel's address is sealed for."""
    return f"notification channel {channel_id}"


def secret_purpose(secret_id: str) -> str:
    """Return what a channel's secret is sealed for."""
    return f"notification secret {secret_id}"
