"""Attempts to sign in: counted before they are looked at, by login and by network address."""

import hashlib
import ipaddress

from fastapi import Request

from server.auth import store
from server.errors import LockedOutError
from server.parts import Parts


def login_key(login: str) -> bytes:
    """Return what attempts at a login are counted under."""
    return hashlib.sha256(login.encode()).digest()


def code_key(user_id: int) -> bytes:
    """Return what attempts at an account's second factor are counted under."""
    return hashlib.sha256(f"code of {user_id}".encode()).digest()


def address_of(request: Request) -> str:
    """Return the network address that a request comes from; empty: it is not known."""
    return request.client.host if request.client else ""


def address_key(address: str) -> bytes:
    """Return what attempts from an address are counted under; of IPv6 its network of 64 bits."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return hashlib.sha256(address.encode()).digest()
    kept = found.packed[:8] if found.version == 6 else found.packed  # noqa: PLR2004 - IPv6
    return hashlib.sha256(kept).digest()


async def count(parts: Parts, key: bytes, address: str | None = None) -> None:
    """Count an attempt, in a transaction of its own: it counts though the request is refused.

    Args:
        parts: The app's.
        key: Of the login or the factor.
        address: Counted too; None: the attempt is a signed-in person's.

    Raises:
        LockedOutError: Too many wrong ones; says how long to wait.
    """
    async with parts.database.entrance() as connection:
        wait_s = await store.count_attempt(connection, key)
        if address is not None:
            found_s = await store.count_address(connection, address_key(address))
            wait_s = max(wait_s, found_s)
    if wait_s:
        parts.metrics.sign_ins.labels("locked").inc()
        raise LockedOutError(wait_s=wait_s)


async def forgive(parts: Parts, key: bytes, address: str | None = None) -> None:
    """Forget wrong attempts after a right one; of an address the right one only."""
    async with parts.database.entrance() as connection:
        await store.forgive(connection, key)
        if address is not None:
            await store.uncount_address(connection, address_key(address))
