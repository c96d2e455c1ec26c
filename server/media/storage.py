"""Where sealed recordings lie: a folder, or S3-compatible storage."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from server.errors import SettingsError
from server.media.errors import StorageError

_FOLDER: Final = "store"


class MediaStore:
    """Keeps, reads and destroys objects by name."""

    def __init__(self, folder: Path, address: str | None) -> None:
        """Open the store.

        Args:
            folder: The site's folder of recordings.
            address: s3://BUCKET/PREFIX, whose credentials are in the environment (AWS_...); None:
                files lie in the folder.

        Raises:
            SettingsError: The address is none that is known, or the folder cannot be made.
        """
        self._root = None if address else folder / _FOLDER
        # One of several classes of the library without a common one.
        self._store: Any
        try:
            if self._root is None:
                self._store = from_url(address or "")
            else:
                self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._store = LocalStore(self._root)
        except (BaseError, OSError, ValueError) as error:
            text = f"GUITU_SERVER_MEDIA_STORE: {error}; give s3://BUCKET/PREFIX or nothing"
            raise SettingsError(text) from error

    async def keep(self, name: str, chunks: Iterator[bytes]) -> None:
        """Keep an object; it is on the disk, or with the storage, when this returns.

        Raises:
            StorageError: It could not be kept.
        """
        try:
            await obstore.put_async(self._store, name, chunks)
            if self._root is not None:
                await asyncio.to_thread(_sync, self._root / name)
        except (BaseError, OSError, ValueError) as error:
            raise StorageError(f"object {name} cannot be kept: {type(error).__name__}") from error

    async def read(self, name: str, begin: int, end: int) -> bytes:
        """Return the bytes [begin, end) of an object.

        Raises:
            StorageError: They cannot be read.
        """
        try:
            found = await obstore.get_range_async(self._store, name, start=begin, end=end)
        except (BaseError, OSError, ValueError) as error:
            raise StorageError(f"object {name} cannot be read: {type(error).__name__}") from error
        if len(found) != end - begin:
            raise StorageError(f"object {name} is shorter than it was")
        return bytes(found)

    async def destroy(self, name: str) -> None:
        """Delete an object; one that is not there is no error.

        Raises:
            StorageError: It could not be deleted.
        """
        try:
            await obstore.delete_async(self._store, name)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            text = f"object {name} cannot be deleted: {type(error).__name__}"
            raise StorageError(text) from error


def _sync(path: Path) -> None:
    for one in (path, path.parent):
        number = os.open(one, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
