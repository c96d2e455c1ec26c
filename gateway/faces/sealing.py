"""Faces at rest: AES-256-GCM with a key for each office under the vault's own (SP 800-38D)."""

import base64
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.errors import FaceVaultError

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class OfficeKeys:
    """Seals and opens by office; the first key seals, every one opens."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Derive offices' keys from the vault's (RFC 5869).

        Args:
            keys: 32 bytes each, the newest first.
        """
        self._keys = list(keys)
        self._ciphers: dict[tuple[int, str], AESGCM] = {}

    def seal(self, org: str, content: bytes, context: str) -> bytes:
        """Return `content` sealed for an office; whoever opens it has to say the same context."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher(0, org).encrypt(nonce, content, context.encode())

    def open(self, org: str, sealed: bytes, context: str) -> bytes:
        """Return what was sealed.

        Raises:
            FaceVaultError: It was sealed with another key, for another office or context, or
                changed.
        """
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        for index in range(len(self._keys)):
            try:
                return self._cipher(index, org).decrypt(nonce, rest, context.encode())
            except InvalidTag:
                continue
        raise FaceVaultError(
            f"what the vault of faces holds for {org!r} ({context}) was sealed with another key or "
            "was changed; restore the key file that it was made with"
        )

    def _cipher(self, index: int, org: str) -> AESGCM:
        found = self._ciphers.get((index, org))
        if found is None:
            info = b"guitu/faces/" + org.encode()
            made = HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._keys[index])
            found = self._ciphers[index, org] = AESGCM(made)
        return found


def read_keys(path: Path) -> OfficeKeys:
    """Read a key file of `guitu keys new`: a line of URL-safe base64 each, the newest first.

    Raises:
        FaceVaultError: It cannot be read, is open to others, or holds no such keys.
    """
    try:
        if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            raise FaceVaultError(f"key file {path} is open to others; chmod 600 it")
        lines = path.read_text(encoding="ascii").split()
        keys = [base64.b64decode(line + "=", altchars=b"-_", validate=True) for line in lines]
    except (OSError, ValueError) as error:
        raise FaceVaultError(f"key file {path} cannot be read: {error}") from error
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise FaceVaultError(f"key file {path} holds no keys of {KEY_BYTES} bytes: guitu keys new")
    return OfficeKeys(keys)
