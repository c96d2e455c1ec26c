"""Whether a base backup is what was copied: every file of PostgreSQL's own manifest, and ours."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from guitu.backups.place import DATABASE, GATEWAY, Base

_MANIFEST: Final = "backup_manifest"
# Replayed by the server, which checks each record's CRC: the manifest does not list it.
_LOG: Final = "pg_wal"


def digests(folder: Path) -> dict[str, str]:
    """Return what a base backup has beside PostgreSQL's manifest: SHA-256 by path."""
    paths = [folder / DATABASE / _MANIFEST]
    paths += sorted(path for path in (folder / GATEWAY).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): _sha256(path) for path in paths}


def first_fault(base: Base) -> str | None:
    """Return the first file that is not as it was copied, and how; None: all are."""
    return next(_faults(base), None)


def _faults(base: Base) -> Iterator[str]:
    told = base.facts["digests"]
    for name, digest in told.items():
        path = base.folder / name
        if not path.is_file():
            yield f"{name} is gone"
        elif _sha256(path) != digest:
            yield f"{name} was changed"
    database = base.folder / DATABASE
    listed = {_path(one): one for one in json.loads((database / _MANIFEST).read_text())["Files"]}
    for name, one in listed.items():
        path = database / name
        if not path.is_file():
            yield f"{DATABASE}/{name} is gone"
        elif path.stat().st_size != one["Size"] or _sha256(path) != one["Checksum"]:
            yield f"{DATABASE}/{name} was changed"
    for path in sorted(database.rglob("*")):
        name = str(path.relative_to(database))
        if path.is_file() and name not in listed and name.split("/")[0] not in (_MANIFEST, _LOG):
            yield f"{DATABASE}/{name} was added"


def _path(entry: dict[str, str]) -> str:
    # Hexadecimal where the name is no UTF-8.
    return entry.get("Path") or bytes.fromhex(entry["Encoded-Path"]).decode(
        errors="surrogateescape"
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
