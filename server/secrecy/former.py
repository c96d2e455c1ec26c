"""Opens what servers sealed before the one envelope; nothing is sealed like this any more.

Journals, data keys and addresses were Parquet files of one binary value with an encrypted footer
(decision 0014); second factors a nonce and AES-256-GCM.
"""

from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pyarrow.parquet import encryption

from server.secrecy.cipher import derived
from server.secrecy.errors import SealError

_PARQUET: Final = b"PARE"
_NONCE_BYTES: Final = 12

# The stubs of pyarrow know the key-management classes only, not this one.
_encryption: Any = encryption


def is_parquet(sealed: bytes) -> bool:
    """Return whether a content is a Parquet file with an encrypted footer."""
    return sealed.startswith(_PARQUET)


def unseal_parquet(key: bytes, sealed: bytes, *, context: str) -> bytes:
    """Return the content.

    Raises:
        SealError: Another key or context sealed it, or it was changed.
    """
    properties = _encryption.create_decryption_properties(
        footer_key=key, aad_prefix=context.encode()
    )
    try:
        table = pq.read_table(pa.BufferReader(sealed), decryption_properties=properties)
        content: bytes = table.column("content")[0].as_py()
    except (OSError, pa.ArrowException, KeyError, IndexError) as error:
        raise SealError(f"{context}: does not open with this key, or was changed") from error
    return content


def unwrap_former(key: bytes, wrapped: bytes, purpose: str) -> bytes:
    """Return a secret that a master key wrapped in one of the two forms.

    Raises:
        SealError: Another key or purpose sealed it, or it was changed.
    """
    if is_parquet(wrapped):
        return unseal_parquet(derived(key, f"wrap {purpose}"), wrapped, context=purpose)
    nonce, rest = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
    try:
        return AESGCM(derived(key, purpose)).decrypt(nonce, rest, purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise SealError("does not open with this key and purpose, or was changed") from error
