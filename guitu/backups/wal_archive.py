"""The database's log, kept segment by segment: what leads from a base backup to any moment."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Final

from guitu.backups.place import DATABASE, Base
from guitu.embedded import programs
from guitu.embedded.database import passable_to_database
from guitu.errors import BackupError

_FOLDER: Final = "wal"
_SEGMENT_S: Final = 60
"""A quiet database hands its log over after so long: what a lost machine costs at most."""
_START_FILE: Final = re.compile(r"^START WAL LOCATION: .* \(file ([0-9A-F]{24})\)$", re.MULTILINE)


def wal_folder(backups: Path) -> Path:
    """Return where the log is kept."""
    return backups.resolve() / _FOLDER


def prepare(backups: Path) -> Path:
    """Make the folder of the log, the database's user's own, and return it.

    Raises:
        BackupError: It cannot be made.
        UnreachableFolderError: The database's user cannot pass through to it.
    """
    folder = wal_folder(backups)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        user_id = passable_to_database(folder.parent)
        if user_id is not None:
            os.chown(folder, user_id, user_id)
        folder.chmod(0o700)
    except OSError as error:
        raise BackupError(
            f"log folder {folder} cannot be made ({error.strerror}): choose another --backups"
        ) from error
    return folder


def archive_settings(backups: Path) -> dict[str, str]:
    """Return the server settings that archive the log into a backup folder.

    A segment is synced under another name first, so that one under its own name is whole. One
    that is there already counts only when it is the same: PostgreSQL asks again after a crash.
    """
    target = f"{_shell(wal_folder(backups))}/%f"
    new = f"{_shell(wal_folder(backups))}/%f.new"
    return {
        "archive_mode": "on",
        "archive_timeout": f"{_SEGMENT_S}s",
        "archive_command": (
            f'if test -f {target}; then cmp -s "%p" {target}; '
            f'else cp "%p" {new} && sync {new} && mv {new} {target}; fi'
        ),
    }


def restore_command(backups: Path) -> str:
    """Return the setting by which a recovering server fetches a segment."""
    return f'cp {_shell(wal_folder(backups))}/%f "%p"'


def drop_before(backups: Path, oldest: Base) -> None:
    """Remove the segments that no kept base backup needs.

    Raises:
        BackupError: The base names no segment, or the removal failed.
    """
    label = (oldest.folder / DATABASE / "backup_label").read_text()
    start = _START_FILE.search(label)
    if start is None:
        raise BackupError(f"{oldest.folder} names no first log segment: its backup_label is broken")
    program = str(programs.postgres("pg_archivecleanup"))
    done = subprocess.run(  # noqa: S603 - our own program, no shell
        (program, str(wal_folder(backups)), start[1]), check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise BackupError(f"old log segments were not removed: {done.stderr.strip()}")


def _shell(path: Path) -> str:
    # A percent sign begins a placeholder of PostgreSQL's.
    return shlex.quote(str(path)).replace("%", "%%")
