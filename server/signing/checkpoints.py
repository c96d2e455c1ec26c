"""Signs checkpoints (Ed25519, RFC 8032)."""

import base64
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.errors import SettingsError
from server.signing.keys import key_id, read_key

_KEY_BYTES: Final = 32


class CheckpointSigner:
    """Holds the private key; in memory only, and in its file.

    Attributes:
        key_id: Name of the key.
        public: Its public half, 32 bytes.
    """

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Take the key."""
        self._key = key
        self.public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = key_id(self.public)

    def sign(self, statement: str) -> bytes:
        """Return the signature of a statement."""
        return self._key.sign(statement.encode())


def read_checkpoint_signer(path: Path) -> CheckpointSigner:
    """Return the signer of a file with an Ed25519 private key (PEM, PKCS #8).

    Raises:
        SettingsError: The file cannot be read, is open to others, or holds no such key.
    """
    return CheckpointSigner(read_key(path, setting="GUITU_SERVER_AUDIT_KEY_FILE"))


class TrustedKeys:
    """Public keys by name: whose signatures count."""

    def __init__(self, *public: bytes) -> None:
        """Take keys of 32 bytes each."""
        self.by_id = {key_id(one): one for one in public}

    def signed(self, statement: str, name: str, signature: bytes) -> bool:
        """Return whether a key of that name signed the statement."""
        public = self.by_id.get(name)
        if public is None:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, statement.encode())
        except InvalidSignature:
            return False
        return True


def read_public_keys(path: Path) -> TrustedKeys:
    """Return the keys of a file with the base64 of 32 bytes on each line.

    Raises:
        SettingsError: The file cannot be read, or a line is no key.
    """
    try:
        lines = [line.strip() for line in path.read_text().splitlines() if line.strip()]
        keys = [base64.b64decode(line, validate=True) for line in lines]
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} holds no public keys: base64 of 32 bytes a line") from error
    if not keys or any(len(key) != _KEY_BYTES for key in keys):
        raise SettingsError(f"{path} holds no public keys: base64 of 32 bytes a line")
    return TrustedKeys(*keys)
