"""Ed25519 keys (RFC 8032) in files."""

import base64
import hashlib
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from server.errors import SettingsError

_OTHERS: Final = 0o077


def new_key() -> tuple[str, str]:
    """Return a new private key (PEM, PKCS #8) and its public one (base64 of 32 bytes)."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return pem.decode(), base64.b64encode(public).decode() + "\n"


def key_id(public: bytes) -> str:
    """Return the name of a public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def read_key(path: Path, *, setting: str) -> Ed25519PrivateKey:
    """Return the Ed25519 private key (PEM, PKCS #8) of a file that a setting names.

    Raises:
        SettingsError: The file cannot be read, is open to others, or holds no such key.
    """
    name = f"{setting}={path}"
    try:
        if path.stat().st_mode & _OTHERS:
            raise SettingsError(f"{name} is open to others: chmod 600 it")
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise SettingsError(f"{name} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SettingsError(f"{name} holds no private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"{name} holds a key of another kind: Ed25519 is wanted")
    return key
