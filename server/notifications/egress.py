"""Where this server may send to: no request for somebody else reaches into the own network."""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final
from urllib.parse import urlsplit

from server.errors import SettingsError
from server.notifications.errors import RefusedSendError, SendError

_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network

_MOST_URL_CHARS: Final = 2_000
# NAT64 (RFC 6052): the IPv4 address behind it could be anybody's.
_NAT64: Final = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: a name, and the one address that was looked at.

    Attributes:
        is_inside: The address lies in a network that the site's settings allow.
    """

    host: str
    port: int
    address: str
    is_inside: bool


class Egress:
    """Looks names up and lets through what is public, or in a network that the site allows."""

    def __init__(self, networks: Sequence[_Network]) -> None:
        """Take the site's own networks that may be sent to."""
        self._networks = networks

    async def target(self, host: str, port: int) -> Target:
        """Look a name up; all of its addresses must be allowed.

        Raises:
            RefusedSendError: One is loopback, link-local, private or otherwise not public, and in
                no allowed network.
            SendError: The name is not known now.
        """
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError) as error:
            raise SendError("the receiver's name is not known") from error
        addresses = [ip_address(str(info[4][0]).partition("%")[0]) for info in found]
        if not addresses:
            raise SendError("the receiver's name has no address")
        if any(not self._is_allowed(address) for address in addresses):
            raise RefusedSendError(
                "the receiver is in a network that this site does not send to"
                " (GUITU_SERVER_NOTIFICATION_NETWORKS)"
            )
        is_inside = all(self._is_inside(address) for address in addresses)
        return Target(host, port, str(addresses[0]), is_inside)

    def _is_inside(self, address: _Address) -> bool:
        return any(address in network for network in self._networks)

    def _is_allowed(self, address: _Address) -> bool:
        if isinstance(address, IPv6Address):
            if address.ipv4_mapped is not None:
                return self._is_allowed(address.ipv4_mapped)
            hides = address.sixtofour or address.teredo or address in _NAT64
            if hides:
                return False
        is_public = address.is_global and not (address.is_multicast or address.is_reserved)
        return is_public or self._is_inside(address)


def networks_of(text: str) -> tuple[_Network, ...]:
    """Return the networks of a setting: CIDR, with commas between.

    Raises:
        SettingsError: One is none.
    """
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(
            f"GUITU_SERVER_NOTIFICATION_NETWORKS: {error}; networks such as 10.20.0.0/16,fd00::/8"
        ) from error


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An HTTP address in its parts.

    Attributes:
        path: With the query.
    """

    is_secure: bool
    host: str
    port: int
    path: str

    @property
    def shown(self) -> str:
        """What may be shown: a path or a query holds secrets as often as not."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.is_secure else 80
        port = "" if self.port == default else f":{self.port}"
        return f"{'https' if self.is_secure else 'http'}://{host}{port}"


def web_address(url: str) -> WebAddress:
    """Return the parts of a URL.

    Raises:
        ValueError: It is no URL of http or https with a host, or holds a login; the text does not
            repeat it.
    """
    if len(url) > _MOST_URL_CHARS or not url.isascii() or any(c <= " " for c in url):
        raise ValueError(f"is not an address in ASCII of at most {_MOST_URL_CHARS} characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError("is not an address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an address that begins with https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a login: requests are signed instead")
    is_secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return WebAddress(is_secure, parts.hostname, port or (443 if is_secure else 80), path)
