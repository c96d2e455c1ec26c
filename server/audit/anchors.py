"""Anchors: signed checkpoints in an append-only file outside the database.

One JSON object a line: `statement`, `key_id`, `signature` (base64). What is in the file can not be
taken back from within the database.
"""

import base64
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from server.audit.errors import AnchorError
from server.errors import SettingsError

ANCHOR_FILE: Final = "anchors.jsonl"
_MOST_LINE: Final = 4096


@dataclass(frozen=True, slots=True)
class Anchor:
    """A checkpoint as it left the database.

    Attributes:
        place: File and line.
    """

    place: str
    statement: str
    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class BrokenAnchor:
    """A line that is no anchor."""

    place: str


def anchor_line(row: Mapping[str, Any]) -> bytes:
    """Return the line of a checkpoint, without its end."""
    content = {
        "key_id": row["key_id"],
        "signature": base64.b64encode(row["signature"]).decode(),
        "statement": row["statement"],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def require_anchor_folder(folder: Path | None) -> None:
    """Refuse a folder that nothing can be appended in.

    Raises:
        SettingsError: It is not there, or not writable.
    """
    if folder is not None and not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise SettingsError(
            f"GUITU_SERVER_AUDIT_ANCHOR_DIR={folder} is no folder that this server may write to"
        )


def append_anchors(folder: Path, lines: Sequence[bytes]) -> None:
    """Append lines and return once they are on the disk.

    Raises:
        AnchorError: They are not; none of them counts then.
    """
    path = folder / ANCHOR_FILE
    try:
        is_new = not path.exists()
        with path.open("ab+") as file:
            # A write that a power failure cut short ends here, and its checkpoint comes again.
            torn = file.tell() > 0 and not _ends_a_line(file.fileno(), file.tell())
            file.write((b"\n" if torn else b"") + b"".join(line + b"\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            _sync_folder(folder)
    except OSError as error:
        raise AnchorError(f"{path} cannot be appended to: {error.strerror}") from error


def read_anchors(folder: Path) -> Iterator[Anchor | BrokenAnchor]:
    """Yield the anchors of every *.jsonl file of a folder.

    A line that a power failure cut short is passed over if the next one begins alike.

    Raises:
        AnchorError: The folder or a file cannot be read.
    """
    try:
        for path in sorted(folder.resolve(strict=True).glob("*.jsonl")):
            yield from _read(path)
    except OSError as error:
        raise AnchorError(f"anchors in {folder} cannot be read: {error.strerror}") from error


def _read(path: Path) -> Iterator[Anchor | BrokenAnchor]:
    torn: tuple[str, bytes] | None = None
    with path.open("rb") as file:
        number = 0
        while line := file.readline(_MOST_LINE):
            number += 1
            place = f"{path.name}:{number}"
            whole = line.endswith(b"\n")
            anchor = _parsed(place, line[:-1]) if whole else None
            if torn is not None and not line.startswith(torn[1]):
                yield BrokenAnchor(torn[0])
            torn = None
            if anchor is None:
                torn = (place, line.rstrip(b"\n"))
            else:
                yield anchor
    # What has no end yet is being written, or its checkpoint will come again.
    if torn is not None and whole:
        yield BrokenAnchor(torn[0])


def _parsed(place: str, line: bytes) -> Anchor | None:
    try:
        found = json.loads(line)
        anchor = Anchor(
            place,
            found["statement"],
            found["key_id"],
            base64.b64decode(found["signature"], validate=True),
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    is_text = isinstance(anchor.statement, str) and isinstance(anchor.key_id, str)
    row = {"statement": anchor.statement, "key_id": anchor.key_id, "signature": anchor.signature}
    # Only the one form: a bit that changes nothing but the blanks is a change all the same.
    return anchor if is_text and anchor_line(row) == line else None


def _ends_a_line(descriptor: int, size: int) -> bool:
    return os.pread(descriptor, 1, size - 1) == b"\n"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
