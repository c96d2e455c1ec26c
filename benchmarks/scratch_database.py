"""A migrated database of a benchmark's own, and how each role gets there."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psycopg.conninfo import make_conninfo

from guitu.embedded.database import Cluster, EmbeddedDatabase
from guitu.embedded.ports import free_port
from server.migrate import migrate

_ROLES: Final = ("app", "ingest", "worker")


@dataclass(frozen=True, slots=True)
class Scratch:
    """A running database, gone with its folder afterwards; the connection string of each role."""

    folder: Path
    owner: str
    app: str
    ingest: str
    worker: str


@contextmanager
def scratch_database() -> Iterator[Scratch]:
    """Start one; its folder may be passed through by the database's user."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        database = EmbeddedDatabase(
            Cluster(folder / "database", free_port()), secrets.token_hex(16)
        )
        database.start()
        try:
            passwords = {role: secrets.token_hex(16) for role in _ROLES}
            owner = database.dsn()
            migrate(owner, **{f"{role}_password": said for role, said in passwords.items()})
            dsns = {
                role: make_conninfo(owner, user=f"guitu_{role}", password=password)
                for role, password in passwords.items()
            }
            yield Scratch(folder, owner, **dsns)
        finally:
            database.stop()
