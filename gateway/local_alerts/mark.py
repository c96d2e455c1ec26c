"""How far the server had confirmed outcomes when the gateway last knew: it outlives the program.

Written without waiting for the disk: an older mark only lets an alert be told once more.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

FILE: Final = "outcomes-confirmed"


def read_mark(folder: Path) -> int:
    """Return the entry; 0 when nothing readable is there."""
    try:
        return int((folder / FILE).read_text())
    except (OSError, ValueError):
        return 0


def write_mark(folder: Path, seq: int) -> None:
    """Replace the mark; a disk that does not take it keeps the older one."""
    draft = folder / f"{FILE}.new"
    with suppress(OSError):
        draft.write_text(str(seq))
        draft.replace(folder / FILE)
