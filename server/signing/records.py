"""Signs what proves a fact (Ed25519, RFC 8032), and checks it without a server."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.signing.canonical import canonical
from server.signing.commitments import opened
from server.signing.errors import FactRecordError
from server.signing.keys import key_id, read_key

_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, and the name of its key."""

    key_id: str
    signature: bytes


class FactSigner:
    """Holds the private key; in memory only, and in its file."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Take the key."""
        self._key = key
        self._id = key_id(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, content: str) -> Signature:
        """Return the signature of a record."""
        return Signature(self._id, self._key.sign(signed_text(content)))


def read_fact_signer(path: Path) -> FactSigner:
    """Return the signer of a file with an Ed25519 private key (PEM, PKCS #8).

    Raises:
        SettingsError: The file cannot be read, is open to others, or holds no such key.
    """
    return FactSigner(read_key(path, setting="GUITU_SERVER_FACT_KEY_FILE"))


def sha256_of(content: str) -> bytes:
    """Return the hash of a record."""
    return hashlib.sha256(content.encode()).digest()


def signed_text(content: str) -> bytes:
    """Return what is signed: the format's name and the record's hash."""
    return b"guitu-fact/2 " + sha256_of(content).hex().encode()


def verify_record(record: Mapping[str, Any], public_key: str) -> dict[str, Any]:
    """Return the content of a record as GET /api/v1/facts/{id} gave it, if it is whole.

    What was destroyed is left as its commitment.

    Args:
        record: With `content`, `openings`, `sha256`, `key_id` and `signature`.
        public_key: Base64 of the 32 bytes.

    Raises:
        FactRecordError: It was changed, is not signed, or not by this key.
    """
    content, claimed = record.get("content"), record.get("sha256")
    if not isinstance(content, str):
        raise FactRecordError("the file has no member content: save GET /api/v1/facts/{id} whole")
    if sha256_of(content).hex() != claimed:
        raise FactRecordError("the content is not what was hashed: it was changed")
    public = _decoded(public_key.strip(), "the key")
    if len(public) != _KEY_BYTES:
        raise FactRecordError("the key is no Ed25519 public key: base64 of 32 bytes is wanted")
    if record.get("key_id") is None or not isinstance(record.get("signature"), str):
        raise FactRecordError("the record is not signed: the site had no key for it")
    if record["key_id"] != key_id(public):
        raise FactRecordError(f"signed with key {record['key_id']}, this is {key_id(public)}")
    signature = _decoded(record["signature"], "the signature")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed_text(content))
    except InvalidSignature as error:
        raise FactRecordError("the signature is not of this content") from error
    found: dict[str, Any] = json.loads(content)
    if canonical(found) != content:
        raise FactRecordError("the content is not in its one form")
    openings = record.get("openings")
    if not isinstance(openings, dict):
        raise FactRecordError("the file has no member openings: save GET /api/v1/facts/{id} whole")
    whole: dict[str, Any] = opened(found, openings)
    return whole


def _decoded(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FactRecordError(f"{what} is not base64") from error
