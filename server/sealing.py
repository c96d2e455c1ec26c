"""Seals small secrets under a key file that the database does not have."""

from pathlib import Path
from typing import Final

from server.errors import ServerError
from server.secrecy.errors import SealError
from server.secrecy.key_file import KeyFile, KeyService

_SETTING: Final = "GUITU_SERVER_SECOND_FACTOR_KEY_FILE"


class UnsealError(ServerError):
    """Another key or purpose sealed it, or it was changed."""


class Sealer:
    """What seals and opens under a master key."""

    def __init__(self, keys: KeyService) -> None:
        """Take what wraps."""
        self._keys = keys

    def seal(self, content: bytes, *, purpose: str) -> bytes:
        """Return a content that opens for the same purpose only."""
        return self._keys.wrap(content, purpose)

    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
        """Return the content.

        Raises:
            UnsealError: Another key or purpose sealed it, or it was changed.
        """
        try:
            return self._keys.unwrap(sealed, purpose)
        except SealError as error:
            text = "does not open with this key and purpose, or was changed"
            raise UnsealError(text) from error


def read_sealer(path: Path, setting: str = _SETTING) -> Sealer:
    """Return what seals second factors.

    Raises:
        SettingsError: The file cannot be read, is open to others, or holds no such key.
    """
    return Sealer(KeyFile(path, setting))
