"""The SHA-256 of every file that leaves, as an act in the sealed record, and who took a file."""

import hashlib
import secrets
from datetime import datetime
from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk, Person
from server.db import Connection
from server.errors import NotFoundError
from server.exchange import digest_store as store
from server.law.articles import article

_ARTICLES: Final = (article("pipl-51").key,)
_MOST: Final = 100


def new_number() -> str:
    """Return what an export is called in log, act and file."""
    return f"ex-{secrets.token_hex(6)}"


class Digest:
    """The SHA-256 of a file that is written part by part."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._sha256 = hashlib.sha256()
        self.size_bytes = 0

    def add(self, part: bytes) -> bytes:
        """Take a part in, and return it."""
        self._sha256.update(part)
        self.size_bytes += len(part)
        return part

    def hex(self) -> str:
        """Return the digest of what was added."""
        return self._sha256.hexdigest()


async def note_file(desk: Desk, number: str, kind: str, content: bytes) -> None:
    """Note the digest of a whole file before it leaves."""
    digest = Digest()
    digest.add(content)
    await note_digest(desk.connection, desk.person, digest, number=number, kind=kind, at=desk.now)


async def note_digest(
    connection: Connection, person: Person, digest: Digest, *, number: str, kind: str, at: datetime
) -> None:
    """Note the digest of a file: an act of who takes it, which the evidence chain seals."""
    body = {"sha256": digest.hex(), "bytes": digest.size_bytes, "kind": kind}
    act = Act(
        *("export.file", person.org_id, None, "export", number, at),
        articles=_ARTICLES,
        body=body,
    )
    await record(connection, act, person)


async def taken_as(desk: Desk, sha256: str) -> list[dict[str, Any]]:
    """Return who took a file of this digest within the scope, the newest first.

    Raises:
        NotFoundError: Nobody: it was changed since, or did not come from here.
    """
    found = await store.of_digest(desk.connection, sha256, limit=_MOST)
    if not found:
        raise NotFoundError(
            "no file of this SHA-256 left your scope: it was changed, or is foreign"
        )
    return found
