"""Snapshots of the engine's state: a restart is the newest one plus the journal's tail."""

import hashlib
import os
from pathlib import Path
from typing import Any, Final

import msgspec

KEPT: Final = 2
"""The older one is where a replay "from zero" begins once the journal has been trimmed."""

_DIGEST_BYTES: Final = 32


class Snapshot(msgspec.Struct, kw_only=True):
    """State after the entry `seq`, whose digest is `digest`."""

    seq: int
    digest: bytes
    directory: bytes
    state: dict[str, Any]


def write_snapshot(folder: Path, snapshot: Snapshot) -> Path:
    """Write a snapshot durably under its final name, or not at all; keep the newest KEPT.

    Raises:
        OSError: It could not be written; older ones are untouched.
    """
    body = msgspec.msgpack.encode(snapshot)
    path = folder / f"snapshot-{snapshot.seq:015d}.bin"
    draft = path.with_suffix(".new")
    try:
        with draft.open("wb") as file:
            file.write(hashlib.sha256(body).digest() + body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    for old in _paths(folder)[:-KEPT]:
        old.unlink()
    return path


def read_snapshots(folder: Path) -> list[Snapshot]:
    """Return the readable snapshots, oldest first; a damaged one is passed over."""
    found = []
    for path in _paths(folder):
        raw = path.read_bytes()
        body = raw[_DIGEST_BYTES:]
        if hashlib.sha256(body).digest() == raw[:_DIGEST_BYTES]:
            found.append(msgspec.msgpack.decode(body, type=Snapshot))
    return found


def oldest_seq(folder: Path) -> int:
    """Return the entry of the oldest snapshot, 0 without any."""
    paths = _paths(folder)
    return _seq_of(paths[0]) if paths else 0


def drop_snapshots(folder: Path, *, before: int = 0, after: int | None = None) -> None:
    """Remove the snapshots of entries before one entry, and after another."""
    for path in _paths(folder):
        seq = _seq_of(path)
        if seq < before or (after is not None and seq > after):
            path.unlink()


def _paths(folder: Path) -> list[Path]:
    return sorted(folder.glob("snapshot-*.bin"))


def _seq_of(path: Path) -> int:
    return int(path.stem.removeprefix("snapshot-"))
