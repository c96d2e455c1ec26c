"""Makes a newer directory of the one at hand and what changed (docs/wire/directory-v1.md)."""

import hashlib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gateway.errors import DirectoryError

Rows = list[msgspec.Raw]
_Place = Annotated[int, Meta(ge=0)]


class _Change(msgspec.Struct, forbid_unknown_fields=True):
    """A section's change: `remove` are places in the older section."""

    add: Rows = []
    remove: list[_Place] = []
    gone: bool = False


class _Delta(msgspec.Struct, forbid_unknown_fields=True):
    """What makes the newer body of the one whose digest is `base`."""

    base: str
    format: Literal["guitu-directory-delta/1"]
    heads: dict[str, msgspec.Raw]
    sections: dict[str, _Change]


def digest_of(body: bytes) -> str:
    """Return the name of a body: its SHA-256 as lower-case hex."""
    return hashlib.sha256(body).hexdigest()


def apply_delta(older: bytes, delta: bytes) -> bytes:
    """Return the newer body.

    Its members stand in the order of their names and its rows in the order of their bytes.

    Raises:
        DirectoryError: The delta is of another body, or does not hold to its form.
    """
    try:
        change = msgspec.json.decode(delta, type=_Delta)
        members = msgspec.json.decode(older, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DirectoryError("delta", str(error)) from error
    if change.base != digest_of(older):
        raise DirectoryError("delta.base", "is of another directory than the one in force")
    sections = {name: raw for name, raw in members.items() if bytes(raw)[:1] == b"["}
    newer = {name: bytes(raw) for name, raw in change.heads.items()}
    newer |= {
        name: _section(name, sections.get(name), change.sections.get(name))
        for name in sections.keys() | change.sections.keys()
        if not (name in change.sections and change.sections[name].gone)
    }
    named = (msgspec.json.encode(name) + b":" + newer[name] for name in sorted(newer))
    return b"{" + b",".join(named) + b"}"


def _section(name: str, older: msgspec.Raw | None, change: _Change | None) -> bytes:
    if change is None:
        return bytes(older or b"[]")
    rows = [] if older is None else msgspec.json.decode(older, type=Rows)
    removed = frozenset(change.remove)
    if removed and max(removed) >= len(rows):
        raise DirectoryError(f"delta.sections.{name}", f"has no row {max(removed)} to remove")
    kept = [bytes(row) for place, row in enumerate(rows) if place not in removed]
    return b"[" + b",".join(sorted([*kept, *map(bytes, change.add)])) + b"]"
