"""Where backups lie: base backups by the time of their start, and the log of the database.

base-20261122T010203Z/   database/, gateway/, manifest.json (written last)
wal/                     segments of PostgreSQL's log, archived by the running database
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from guitu.errors import BackupError

DATABASE: Final = "database"
GATEWAY: Final = "gateway"
_MANIFEST: Final = "manifest.json"
_FORMAT: Final = "guitu-backup/1"
_STAMP: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Base:
    """A finished base backup.

    Attributes:
        folder: Where it lies.
        facts: Its manifest.
    """

    folder: Path
    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name, which sorts by time."""
        return self.folder.name


def new_base(backups: Path, now: datetime) -> Path:
    """Return the folder of a new base backup, made.

    Raises:
        BackupError: The folder cannot be made, or another backup began in this second.
    """
    folder = backups / f"base-{now.astimezone(UTC).strftime(_STAMP)}"
    try:
        backups.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise BackupError(
            f"backup folder {folder} cannot be made ({error.strerror}): choose another with --to, "
            "or wait a second when two were started at once"
        ) from error
    return folder


def finish(folder: Path, facts: Mapping[str, Any]) -> Base:
    """Write the manifest, which makes a backup whole."""
    text = json.dumps({"format": _FORMAT, **facts}, indent=2)
    (folder / _MANIFEST).write_text(text + "\n")
    return Base(folder, facts)


def bases(backups: Path) -> list[Base]:
    """Return the finished base backups, oldest first; what was cut off has no manifest.

    Raises:
        BackupError: A manifest is of another format.
    """
    found = []
    for manifest in sorted(backups.glob(f"base-*/{_MANIFEST}")):
        facts = json.loads(manifest.read_text())
        if facts.get("format") != _FORMAT:
            raise BackupError(
                f"{manifest} is of format {facts.get('format')!r}; this version reads {_FORMAT}"
            )
        found.append(Base(manifest.parent, facts))
    return found


def chosen(backups: Path, name: str | None, until: datetime | None) -> Base:
    """Return the base backup to start from: the named one, or the last one before a moment.

    Raises:
        BackupError: There is none; the text lists those that are there.
    """
    have = bases(backups)
    fit = [
        base
        for base in have
        if (name is None or base.name == name)
        and (until is None or datetime.fromisoformat(base.facts["ended_at"]) <= until)
    ]
    if not fit:
        listed = ", ".join(base.name for base in have) or "none"
        wanted = name or "base backup"
        moment = "" if until is None else f" that ended by {until.isoformat()}"
        raise BackupError(f"{backups} holds no {wanted}{moment}; whole ones: {listed}")
    return fit[-1]
