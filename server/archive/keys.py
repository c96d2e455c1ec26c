"""Data keys: one for each holder and legal basis, wrapped by the master key."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from server.archive import store
from server.archive.ownership import Owner
from server.db import Connection
from server.secrecy.cipher import KEY_BYTES, derived
from server.secrecy.key_file import KeyFile, KeyService


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """A data key and its number in the database."""

    id: int
    key: bytes

    def for_part(self, place: str) -> bytes:
        """Return the key of one part: no two are sealed with the same."""
        return derived(self.key, f"part {place}")


class MasterKey:
    """What wraps the data keys; in memory only, and in its file."""

    def __init__(self, keys: KeyService) -> None:
        """Take what wraps."""
        self._keys = keys

    def wrap(self, key: bytes, purpose: str) -> bytes:
        """Return a secret sealed for one purpose."""
        return self._keys.wrap(key, purpose)

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """Return a secret that `wrap` sealed.

        Raises:
            SealError: Another master key or purpose sealed it.
        """
        return self._keys.unwrap(wrapped, purpose)


def read_master_key(path: Path, setting: str = "GUITU_SERVER_ARCHIVE_KEY_FILE") -> MasterKey:
    """Return the master keys of a file: 256 random bits in URL-safe base64, a line each.

    Args:
        path: The file.
        setting: What named it, for the errors.

    Raises:
        SettingsError: The file cannot be read, is open to others, or holds no such keys.
    """
    return MasterKey(KeyFile(path, setting))


async def data_keys(
    connection: Connection, master: MasterKey, owners: Iterable[Owner], orgs: Mapping[Owner, str]
) -> dict[Owner, DataKey]:
    """Return the keys of owners; who has none is given one, in his organisation.

    Raises:
        SealError: The master key is not the one that wrapped them.
    """
    wanted = sorted(owners)
    known = await store.keys_of(connection, wanted, orgs)
    fresh = {
        owner: master.wrap(secrets.token_bytes(KEY_BYTES), key_purpose(owner))
        for owner in wanted
        if owner not in known
    }
    if fresh:
        await store.add_keys(connection, fresh, orgs)
        # Again: another gateway may have been faster, and its key is the one that counts.
        known = await store.keys_of(connection, wanted, orgs)
    return {
        owner: DataKey(number, master.unwrap(wrapped, key_purpose(owner)))
        for owner, (number, wrapped) in known.items()
    }


def opened(master: MasterKey, owner: Owner, number: int, wrapped: bytes) -> DataKey:
    """Return a stored data key.

    Raises:
        SealError: The master key is not the one that wrapped it.
    """
    return DataKey(number, master.unwrap(wrapped, key_purpose(owner)))


def digest_purpose(gateway_id: str) -> str:
    """Return what the digest of a gateway's journal is wrapped for."""
    return f"journal digest {gateway_id}"


def key_purpose(owner: Owner) -> str:
    """Return what an owner's key is wrapped for."""
    return f"archive key {owner.kind}/{owner.holder}/{owner.order}"
