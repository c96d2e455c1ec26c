"""A base backup of a running site: database first, then the gateway's folder.

In this order the journal is never behind the database, so that a gateway that is restored with
the database of the same backup sends again what the database lacks.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict

from guitu.backups import wal_archive
from guitu.backups.place import DATABASE, GATEWAY, Base, bases, finish, new_base
from guitu.backups.soundness import digests
from guitu.embedded import programs
from guitu.embedded.database import OWNER
from guitu.errors import BackupError

_JOURNAL: Final = "journal.db"
_NOT_COPIED: Final = (f"{_JOURNAL}-wal", f"{_JOURNAL}-shm", "journal.lock")
_PAGES_AT_ONCE: Final = 1_000


def back_up(data: Path, backups: Path, *, clock: Callable[[], datetime]) -> Base:
    """Copy a running site's database and gateway folder; secrets stay where they are.

    Args:
        data: The site's data folder.
        backups: Where base backups and the log lie.
        clock: Our clock.

    Raises:
        BackupError: Something could not be read or copied; what was begun is removed.
    """
    secrets = data / "secrets"
    try:
        dsn = conninfo_to_dict((secrets / "ingest.dsn").read_text())
        password = (secrets / "database-owner").read_text()
    except OSError as error:
        raise BackupError(
            f"{data} is no data folder of `guitu up` that has been started: {error.strerror}: "
            f"{error.filename}"
        ) from error
    began_at = clock()
    folder = new_base(backups, began_at)
    try:
        _copy_database(folder / DATABASE, port=str(dsn["port"]), password=password)
        entries = _copy_gateway(data / GATEWAY, folder / GATEWAY)
    except (BackupError, OSError, sqlite3.Error) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise BackupError(f"no backup was made: {error}") from error
    return finish(
        folder,
        {
            "version": version("guitu"),
            "began_at": began_at.isoformat(),
            "ended_at": clock().isoformat(),
            "journal_entries": entries,
            "digests": digests(folder),
        },
    )


def drop_older(backups: Path, keep: int) -> list[str]:
    """Remove all base backups but the newest `keep`, and the log before them; return the names."""
    have = bases(backups)
    dropped = have[:-keep]
    for base in dropped:
        shutil.rmtree(base.folder)
    if dropped and wal_archive.wal_folder(backups).is_dir():
        wal_archive.drop_before(backups, have[-keep:][0])
    return [base.name for base in dropped]


def _copy_database(target: Path, *, port: str, password: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own program, no shell
        (
            *(str(programs.postgres("pg_basebackup")), "--pgdata", str(target)),
            *("--host", "127.0.0.1", "--port", port, "--username", OWNER, "--no-password"),
            *("--wal-method", "stream", "--checkpoint", "fast"),
            *("--manifest-checksums", "SHA256"),
        ),
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PGPASSWORD": password},
    )
    if done.returncode != 0:
        raise BackupError(f"the database was not copied: {done.stderr.strip()}")


def _copy_gateway(source: Path, target: Path) -> int:
    """Copy the gateway's folder, its journal by SQLite's own backup; return its newest entry."""
    if not source.is_dir():
        return 0
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(_JOURNAL, *_NOT_COPIED))
    if not (source / _JOURNAL).exists():
        return 0
    with (
        closing(sqlite3.connect(f"{(source / _JOURNAL).as_uri()}?mode=ro", uri=True)) as journal,
        closing(sqlite3.connect(target / _JOURNAL)) as copy,
    ):
        journal.backup(copy, pages=_PAGES_AT_ONCE)
        entries: int = copy.execute("SELECT coalesce(max(seq), 0) FROM entry").fetchone()[0]
    (target / _JOURNAL).chmod(0o600)
    return entries
