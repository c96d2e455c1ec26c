"""Back from a base backup and the log: to the backup itself, to a moment, or to the log's end."""

import os
import shutil
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import psycopg

from guitu.backups import wal_archive
from guitu.backups.place import DATABASE, GATEWAY, Base
from guitu.backups.soundness import first_fault
from guitu.embedded.child import Child
from guitu.embedded.database import (
    DATABASE_NAME,
    Cluster,
    is_accepting,
    passable_to_database,
)
from guitu.embedded.ports import free_port
from guitu.errors import BackupError

Until = datetime | Literal["backup"] | None

_POLL_S: Final = 0.1


@dataclass(frozen=True)
class Restored:
    """What came back.

    Attributes:
        base: The base backup that it started from.
        log_ahead: Journal entries that the database has and the restored journal lacks; a gateway
            does not go on with such a journal.
    """

    base: Base
    log_ahead: int


def restore(
    data: Path, backups: Path, base: Base, *, until: Until, timeout_s: float = 3600.0
) -> Restored:
    """Bring database and gateway folder back into a data folder that has neither.

    Args:
        data: Holds the site's `secrets` already; they are kept apart from backups.
        backups: Where the log is.
        base: From `guitu.backups.place.chosen`.
        until: `backup`: the moment of the base backup; a moment; None: all that the log has.
        timeout_s: Longest wait for the log to be gone through.

    Raises:
        BackupError: The folder is in use, secrets are absent, the backup is damaged, or the log
            does not reach so far; what was begun is removed.
    """
    password = _owner_password(data)
    for name in (DATABASE, GATEWAY):
        if (data / name).exists():
            raise BackupError(f"{data / name} is there: restore into a folder without it")
    if (fault := first_fault(base)) is not None:
        raise BackupError(f"{base.folder} is damaged: {fault}; take an older one with --backup")
    cluster = Cluster(
        data / DATABASE, free_port(), {**_target(backups, until), "log_min_messages": "log"}
    )
    try:
        _place(base.folder / DATABASE, cluster)
        mark = _recover(cluster, password, data / "restore.log", timeout_s)
        if (base.folder / GATEWAY).is_dir():
            shutil.copytree(base.folder / GATEWAY, data / GATEWAY)
    except BackupError:
        shutil.rmtree(data / DATABASE, ignore_errors=True)
        raise
    except OSError as error:
        shutil.rmtree(data / DATABASE, ignore_errors=True)
        raise BackupError(f"nothing was restored: {error}") from error
    return Restored(base, max(0, mark - int(base.facts["journal_entries"])))


def _owner_password(data: Path) -> str:
    try:
        return (data / "secrets" / "database-owner").read_text()
    except OSError as error:
        raise BackupError(
            f"{data / 'secrets'} is absent or not ours: put the site's secrets there first; they "
            "are kept apart from backups, which open with them only"
        ) from error


def _target(backups: Path, until: Until) -> dict[str, str]:
    settings = {"recovery_target_action": "promote"}
    if until == "backup":
        return settings | {"recovery_target": "immediate", "restore_command": "false"}
    if not wal_archive.wal_folder(backups).is_dir():
        raise BackupError(
            f"{backups} has no log (wal): only `--until backup` is possible; run `guitu up` with "
            "--backups for the rest"
        )
    settings["restore_command"] = wal_archive.restore_command(backups)
    if until is not None:
        settings["recovery_target_time"] = until.isoformat()
    return settings


def _place(source: Path, cluster: Cluster) -> None:
    cluster.folder.mkdir(parents=True, mode=0o700)
    shutil.copytree(source, cluster.data)
    (cluster.data / "recovery.signal").touch()
    user_id = passable_to_database(cluster.folder.parent)
    if user_id is not None:
        for path in (cluster.folder, *cluster.folder.rglob("*")):
            os.chown(path, user_id, user_id)
    cluster.data.chmod(0o700)


def _recover(cluster: Cluster, password: str, log: Path, timeout_s: float) -> int:
    """Let the server go through the log and stop it; return the last journal entry it has."""
    child = Child(cluster.spec(), log)
    child.start()
    dsn = cluster.dsn(password=password, dbname=DATABASE_NAME)
    deadline = time.monotonic() + timeout_s
    try:
        while not is_accepting(dsn) or _is_recovering(dsn):
            if not child.is_running or time.monotonic() > deadline:
                raise BackupError(
                    f"the log was not gone through (does it reach so far?); {log} ends: "
                    f"{child.log_tail()}"
                )
            time.sleep(_POLL_S)
        with psycopg.connect(dsn) as connection:
            row = connection.execute("SELECT coalesce(max(through_seq), 0) FROM gateway_mark")
            return int((row.fetchone() or (0,))[0])
    finally:
        child.stop()


def _is_recovering(dsn: str) -> bool:
    try:
        with psycopg.connect(dsn) as connection:
            row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
    except psycopg.OperationalError:
        return True
    return row is None or bool(row[0])
