"""Master keys: what wraps every other key, behind an interface that a key service may stand for."""

import base64
import binascii
import os
import secrets
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, Protocol

from server.errors import SettingsError
from server.secrecy.cipher import KEY_BYTES, Algorithm, context_of, derived, seal, unseal
from server.secrecy.errors import SealError
from server.secrecy.former import unwrap_former

_OTHERS: Final = 0o077
_KEYS_MAX: Final = 16
_FILE_BYTES_MAX: Final = 4_096
_HEAD: Final = b"GW1"
_ID_BYTES: Final = 8
_BEGIN_BYTES: Final = len(_HEAD) + _ID_BYTES


class KeyService(Protocol):
    """What wraps keys and opens them again: a file, or a service that never gives its key away."""

    def current(self) -> str:
        """Return the id of the key that wraps now."""

    def wrap(self, secret: bytes, purpose: str) -> bytes:
        """Return a secret sealed for one purpose under the key of now."""

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """Return a secret that `wrap` sealed under this key or one of before.

        Raises:
            SealError: Another key or purpose sealed it, or it was changed.
        """


class KeyFile:
    """A file with a key in each line, the newest first: the one that wraps. The others open.

    It is read again when it has changed: a rotation needs no restart. A file that cannot be read
    any more is as it was.
    """

    def __init__(self, path: Path, setting: str, *, algorithm: Algorithm = "aes-256-gcm") -> None:
        """Read the file.

        Args:
            path: The file, readable by its owner only.
            setting: What named it, for the errors.
            algorithm: What new secrets are wrapped with.

        Raises:
            SettingsError: It cannot be read, is open to others, or holds no such keys.
        """
        self._path, self._setting, self._algorithm = path, setting, algorithm
        self._seen = _state(path)
        self._keys = {key_id(key): key for key in read_keys(path, setting)}

    def current(self) -> str:
        """Return the id of the key that wraps now."""
        self._read_changed()
        return next(iter(self._keys)).hex()

    def wrap(self, secret: bytes, purpose: str) -> bytes:
        """Return a secret sealed for one purpose under the key of now."""
        self._read_changed()
        number, key = next(iter(self._keys.items()))
        context = context_of("wrap", purpose)
        sealed = seal(
            derived(key, f"wrap {purpose}"), secret, context=context, algorithm=self._algorithm
        )
        return _HEAD + number + sealed

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """Return a secret that `wrap` sealed.

        Raises:
            SealError: No key of the file sealed it for this purpose, or it was changed.
        """
        key = self._key_of(wrapped)
        if key is None:
            return self._unwrap_former(wrapped, purpose)
        context = context_of("wrap", purpose)
        return unseal(derived(key, f"wrap {purpose}"), wrapped[_BEGIN_BYTES:], context=context)

    def _key_of(self, wrapped: bytes) -> bytes | None:
        if not wrapped.startswith(_HEAD):
            return None
        number = wrapped[len(_HEAD) : _BEGIN_BYTES]
        if number not in self._keys:
            self._read_changed()
        return self._keys.get(number)

    def _unwrap_former(self, wrapped: bytes, purpose: str) -> bytes:
        for key in self._keys.values():
            try:
                return unwrap_former(key, wrapped, purpose)
            except SealError:
                continue
        raise SealError(f"{self._setting}: no key of the file opens this, or it was changed")

    def _read_changed(self) -> None:
        try:
            seen = _state(self._path)
            if seen != self._seen:
                self._keys = {key_id(key): key for key in read_keys(self._path, self._setting)}
                self._seen = seen
        except SettingsError:
            return


def wrapped_by(wrapped: bytes) -> str | None:
    """Return the id of the key that wrapped a secret; None: a form of before keys had ids."""
    return wrapped[len(_HEAD) : _BEGIN_BYTES].hex() if wrapped.startswith(_HEAD) else None


def key_id(key: bytes) -> bytes:
    """Return what names a key and tells nothing of it."""
    return derived(key, "key id")[:_ID_BYTES]


def read_keys(path: Path, setting: str) -> list[bytes]:
    """Return the keys of a file: 256 random bits in URL-safe base64 each, a line each.

    Args:
        path: The file.
        setting: What named it, for the errors.

    Raises:
        SettingsError: The file cannot be read, is open to others, or holds no such keys.
    """
    name = f"{setting}={path}"
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            lines = file.read(_FILE_BYTES_MAX).split()
    except OSError as error:
        raise SettingsError(f"{name}: {error.strerror}; give a readable file") from error
    if mode & _OTHERS:
        raise SettingsError(f"{name}: others may read it (mode {mode & 0o777:o}): chmod 600")
    keys = [_decoded(line) for line in lines]
    if not keys or len(keys) > _KEYS_MAX or any(len(key) != KEY_BYTES for key in keys):
        raise SettingsError(
            f"{name}: not 32 random bytes in URL-safe base64 (43 characters) in each line,"
            f" {_KEYS_MAX} lines at most"
        )
    return keys


def add_key(path: Path) -> str:
    """Put a new random key in front of a file's keys, or begin the file; return the key's id.

    The file is written whole or not at all, readable by its owner only.

    Raises:
        SettingsError: It is there and is no such file, or holds as many keys as it may.
    """
    before = read_keys(path, "FILE") if path.exists() else []
    if len(before) == _KEYS_MAX:
        raise SettingsError(f"{path}: holds {_KEYS_MAX} keys: take out what wraps nothing any more")
    key = secrets.token_bytes(KEY_BYTES)
    _write_keys(path, [key, *before])
    return key_id(key).hex()


def drop_keys(path: Path, used: Collection[str]) -> list[str]:
    """Take the keys out of a file that are neither its first nor used; return their ids.

    Raises:
        SettingsError: It cannot be read or written.
    """
    keys = read_keys(path, "FILE")
    kept = [key for key in keys if key == keys[0] or key_id(key).hex() in used]
    if kept != keys:
        _write_keys(path, kept)
    return [key_id(key).hex() for key in keys if key not in kept]


def _write_keys(path: Path, keys: Sequence[bytes]) -> None:
    text = "".join(base64.urlsafe_b64encode(key).decode().rstrip("=") + "\n" for key in keys)
    new = path.with_name(path.name + ".new")
    try:
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}; give a file that can be written") from error


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return b""


def _state(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}; give a readable file") from error
    return found.st_ino, found.st_mtime_ns
