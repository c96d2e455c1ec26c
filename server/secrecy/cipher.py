"""The envelope: one content sealed under one key for one place.

Bytes: `G1`, the algorithm (1: AES-256-GCM, NIST SP 800-38D; 2: SM4-GCM, GB/T 32907 and RFC 8998),
a random nonce of 12, ciphertext with its tag of 16. The first three and the context are the
additional authenticated data, so that a content opens with its key, in its place and as its
algorithm only.
"""

import hashlib
import hmac
import json
import secrets
from typing import Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.secrecy.errors import SealError

Algorithm = Literal["aes-256-gcm", "sm4-gcm"]

KEY_BYTES: Final = 32
_SM4_KEY_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEADS: Final[dict[Algorithm, bytes]] = {"aes-256-gcm": b"G1\x01", "sm4-gcm": b"G1\x02"}
_HEAD_BYTES: Final = 3


def context_of(*parts: str) -> bytes:
    """Return what names a place: no two lists of parts give the same bytes."""
    return json.dumps(parts, ensure_ascii=False).encode()


def derived(key: bytes, purpose: str) -> bytes:
    """Return a key of KEY_BYTES for one purpose (HMAC-SHA-256): no two purposes share one."""
    return hmac.new(key, purpose.encode(), hashlib.sha256).digest()


def is_sealed(content: bytes) -> bool:
    """Return whether a content begins as an envelope does."""
    return content[:_HEAD_BYTES] in _HEADS.values()


def seal(
    key: bytes, content: bytes, *, context: bytes, algorithm: Algorithm = "aes-256-gcm"
) -> bytes:
    """Return a content that opens with this key of KEY_BYTES and this context only."""
    head, nonce = _HEADS[algorithm], secrets.token_bytes(_NONCE_BYTES)
    if algorithm == "aes-256-gcm":
        return head + nonce + AESGCM(key).encrypt(nonce, content, head + context)
    cipher = Cipher(algorithms.SM4(_sm4_key(key)), modes.GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(head + context)
    return head + nonce + cipher.update(content) + cipher.finalize() + cipher.tag


def unseal(key: bytes, sealed: bytes, *, context: bytes) -> bytes:
    """Return the content.

    Raises:
        SealError: Another key or context sealed it, or it was changed.
    """
    head, rest = sealed[:_HEAD_BYTES], sealed[_HEAD_BYTES:]
    nonce, closed = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
    if head not in _HEADS.values() or len(closed) < _TAG_BYTES:
        raise SealError("is no sealed content, or was cut off")
    try:
        if head == _HEADS["aes-256-gcm"]:
            return AESGCM(key).decrypt(nonce, closed, head + context)
        body, tag = closed[:-_TAG_BYTES], closed[-_TAG_BYTES:]
        cipher = Cipher(algorithms.SM4(_sm4_key(key)), modes.GCM(nonce, tag)).decryptor()
        cipher.authenticate_additional_data(head + context)
        return cipher.update(body) + cipher.finalize()
    except InvalidTag as error:
        raise SealError("does not open with this key, or was changed") from error


def _sm4_key(key: bytes) -> bytes:
    return derived(key, "sm4-gcm")[:_SM4_KEY_BYTES]
