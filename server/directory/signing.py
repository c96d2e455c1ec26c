"""Signs directories (Ed25519, RFC 8032): what a gateway tracks by is the server's own word."""

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.signing.keys import key_id, read_key


class DirectorySigner:
    """Holds the private key; in memory only, and in its file."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Take the key."""
        self._key = key
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._name = key_id(public)

    def sign(self, *, org: str, version: int, digest: str) -> str:
        """Return the value of the header `Guitu-Signature`: the key's name and the signature."""
        signature = self._key.sign(signed_text(org, version, digest))
        return f"{self._name}:{base64.b64encode(signature).decode()}"


def signed_text(org: str, version: int, digest: str) -> bytes:
    """Return what is signed: the organisation, the version and the body's digest."""
    return f"guitu-directory/1 {org} {version} {digest}".encode()


def read_signer(path: Path) -> DirectorySigner:
    """Return the signer of a file with an Ed25519 private key (PEM, PKCS #8).

    Raises:
        SettingsError: The file cannot be read, is open to others, or holds no such key.
    """
    return DirectorySigner(read_key(path, setting="GUITU_SERVER_DIRECTORY_KEY_FILE"))
