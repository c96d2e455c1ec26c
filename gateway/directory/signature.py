"""Whether a directory is the server's own word (Ed25519, RFC 8032)."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.errors import DirectoryError, DirectoryKeyError

_KEY_BYTES: Final = 32
_NAME_CHARS: Final = 16


class DirectoryKeys:
    """The public keys that may sign: one, or two while the server's key is changed."""

    def __init__(self, keys: Mapping[str, Ed25519PublicKey]) -> None:
        """Take the keys by name."""
        self._keys = dict(keys)

    def check(self, header: str | None, *, org: str, version: int, digest: str) -> None:
        """Refuse a directory that none of the keys signed.

        Raises:
            DirectoryError: There is no signature, by no known key, or not of this directory.
        """
        name, _, text = (header or "").partition(":")
        key = self._keys.get(name)
        if key is None:
            known = ", ".join(sorted(self._keys))
            raise DirectoryError("signature", f"is by {name or 'nobody'}; keys here: {known}")
        try:
            signature = base64.b64decode(text, validate=True)
            key.verify(signature, f"guitu-directory/1 {org} {version} {digest}".encode())
        except (binascii.Error, InvalidSignature) as error:
            raise DirectoryError("signature", "is not of this directory") from error


def read_keys(path: Path) -> DirectoryKeys:
    """Return the keys of a file: base64 of 32 bytes, one in a line.

    Raises:
        DirectoryKeyError: The file cannot be read, or holds anything else.
    """
    try:
        lines = path.read_text(encoding="ascii").split()
        raw = [base64.b64decode(line, validate=True) for line in lines]
    except OSError as error:
        raise DirectoryKeyError(path, str(error.strerror)) from error
    except (ValueError, binascii.Error) as error:
        raise DirectoryKeyError(path, "is not base64 of 32 bytes in each line") from error
    if not raw or any(len(key) != _KEY_BYTES for key in raw):
        raise DirectoryKeyError(path, "holds no public key: base64 of 32 bytes in each line")
    names = [hashlib.sha256(key).hexdigest()[:_NAME_CHARS] for key in raw]
    return DirectoryKeys(
        dict(zip(names, map(Ed25519PublicKey.from_public_bytes, raw), strict=True))
    )
