"""Passwords: argon2id, off the event loop, at the same cost for a login that is not there."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

MAX_PASSWORD_CHARS: Final = 200

# RFC 9106's second recommendation: 3 passes over 64 MiB.
_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)

# Two at a time: each takes 64 MiB and a core for 50 ms, and anybody may ask for one.
_CHECKERS: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")


def hash_password(password: str) -> str:
    """Return the argon2id hash with its salt and parameters; takes about 50 ms of a core."""
    return _HASHER.hash(password)


async def is_password(password: str, password_hash: str | None) -> bool:
    """Return whether this is the password; None (no such login) costs the same and is False."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_CHECKERS, _verify, password, password_hash)


def _verify(password: str, password_hash: str | None) -> bool:
    try:
        _HASHER.verify(password_hash or _nobodys_hash(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody has this password")
