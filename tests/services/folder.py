"""Folders that another user may pass through: under root the database runs as one."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - only for folders that mkdtemp makes
_MEMORY_LEAST_BYTES: Final = 4 << 30


def quick_place() -> Path | None:
    """Where files are in memory, if there is room to spare; None: wherever temporary files are."""
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _MEMORY_LEAST_BYTES:
        return None
    return _MEMORY


@contextmanager
def passable_folder(inside: Path | None = None) -> Iterator[Path]:
    """A fresh folder, gone afterwards; pytest's own are closed to everybody else."""
    folder = Path(tempfile.mkdtemp(prefix="guitu-test-", dir=inside))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
