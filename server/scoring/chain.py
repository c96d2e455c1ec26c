"""The ledger's hash chain: what was written cannot be changed without it showing.

An entry's commitment is SHA-256 over its salt and its content; its hash is SHA-256 over the
hash before it and the commitment. Whoever holds only the chain learns nothing of the content.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

GENESIS: Final = bytes(32)
CONTENT: Final = (
    *("org_id", "subject_id", "part", "dimension", "indicator", "points", "effective_at"),
    *("fact_id", "policy_version", "author", "evidence", "recorded_at"),
)
"""The columns that the commitment covers."""


def commitment_of(entry: Mapping[str, Any]) -> bytes:
    """Return the commitment of an entry from its salt and content columns."""
    content = {name: _plain(entry[name]) for name in CONTENT}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(entry["salt"] + text.encode()).digest()


def hash_of(prev_hash: bytes, commitment: bytes) -> bytes:
    """Return the hash of an entry."""
    return hashlib.sha256(prev_hash + commitment).digest()


def first_fault(entries: Iterable[Mapping[str, Any]]) -> str | None:
    """Return where one organisation's chain breaks, or None when it holds.

    Args:
        entries: All entries of the organisation with every column, in id order.
    """
    prev_hash = GENESIS
    for entry in entries:
        if entry["prev_hash"] != prev_hash:
            return f"entry {entry['id']}: does not follow the entry before it"
        if entry["commitment"] != commitment_of(entry):
            return f"entry {entry['id']}: its content is not what was committed to"
        if entry["hash"] != hash_of(prev_hash, entry["commitment"]):
            return f"entry {entry['id']}: its hash is not of its commitment"
        prev_hash = entry["hash"]
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
