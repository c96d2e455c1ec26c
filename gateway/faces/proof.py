"""Whether an attempt is the kiosk's own word: its Ed25519 signature (RFC 8032)."""

import base64
import binascii
from typing import Final, Literal, get_args

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from firmware_protocols.message import CheckIn

Forgery = Literal["unsigned", "wrong_signature"]
FORGED: Final[frozenset[str]] = frozenset(get_args(Forgery))
"""Causes of what may not be the kiosk's own word."""

_KEY_BYTES: Final = 32


def public_key(text: str) -> Ed25519PublicKey:
    """Return the key of a camera's file.

    Raises:
        ValueError: It is none; the text says what is wanted.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise ValueError("key: base64 of an Ed25519 public key's 32 bytes is wanted")
    return Ed25519PublicKey.from_public_bytes(raw)


def proof_fault(said: CheckIn, key: str | None) -> Forgery | None:
    """Return why an attempt is not the kiosk's own word; None: it is, or no key was given.

    Args:
        said: The attempt; what was signed, and the signature, stand in `extra`.
        key: The camera's.
    """
    if key is None:
        return None
    signed, signature = said.extra.get("signed"), said.extra.get("signature")
    if signed is None or signature is None:
        return "unsigned"
    try:
        public_key(key).verify(bytes.fromhex(signature), signed.encode())
    except InvalidSignature:
        return "wrong_signature"
    return None
