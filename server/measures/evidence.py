"""证据固定: copies of what proves a measure, as they stood when it was proposed.

A copy is canonical JSON (keys sorted, no blanks, UTF-8) and its SHA-256; the measure keeps the
SHA-256 over theirs in order, so that neither a copy nor the list can be changed unseen.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from server.db import Connection
from server.errors import InvalidError, TooLargeError
from server.measures import store

MOST_BYTES: Final = 200_000
"""Of one copy; a finding, an alert or an act has a few hundred."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One frozen copy."""

    kind: str
    ref_id: str
    content: str

    @property
    def sha256(self) -> bytes:
        """Hash of the content."""
        return hashlib.sha256(self.content.encode()).digest()


def canonical(content: Mapping[str, Any]) -> str:
    """Return the one text of a JSON object."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def list_sha256(copies: Iterable[Copy]) -> bytes:
    """Return the hash over a list of copies: kind, id and hash of each, in order."""
    digest = hashlib.sha256()
    for copy in copies:
        digest.update(f"{copy.kind}\n{copy.ref_id}\n".encode() + copy.sha256)
    return digest.digest()


async def freeze(
    connection: Connection, subject_id: str, refs: Iterable[tuple[str, str]]
) -> list[Copy]:
    """Return copies of these things of a person, each once, in the order given.

    Args:
        connection: In the scope of who proposes.
        subject_id: Whose things they must be.
        refs: Kind and id of each.

    Raises:
        InvalidError: One is not there, or another person's.
        TooLargeError: A copy is larger than a measure may keep.
    """
    copies = []
    for index, (kind, ref_id) in enumerate(dict.fromkeys(refs)):
        content = await store.copy_of(connection, kind, ref_id, subject_id)
        if content is None:
            raise InvalidError([(f"/evidence/{index}", f"{kind} {ref_id} is not of this person")])
        copy = Copy(kind, ref_id, canonical(content))
        if len(copy.content.encode()) > MOST_BYTES:
            raise TooLargeError(f"{kind} {ref_id} is larger than {MOST_BYTES} bytes")
        copies.append(copy)
    return copies


async def keep(
    connection: Connection, copies: Iterable[Copy], *, org_id: str, subject_id: str, measure_id: str
) -> None:
    """Keep frozen copies with their measure."""
    rows = [
        {
            "org_id": org_id,
            "subject_id": subject_id,
            "measure_id": measure_id,
            "kind": copy.kind,
            "ref_id": copy.ref_id,
            "content": copy.content,
            "sha256": copy.sha256,
        }
        for copy in copies
    ]
    await store.insert_evidence(connection, rows)
