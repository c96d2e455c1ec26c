"""The bytes of a directory, and what changed between two: both sides make the same from the same.

A body is a JSON object whose members stand in the order of their names and whose sections' rows
stand in the order of their bytes, so that a gateway that takes a delta ends with the bytes that
the server signed (docs/wire/directory-v1.md).
"""

import hashlib
from typing import Any, Final

import msgspec

DELTA_FORMAT: Final = "guitu-directory-delta/1"


class Body:
    """A directory as it travels.

    Attributes:
        sections: Rows as JSON, in order, by section.
        content: Its bytes.
        digest: Their SHA-256 as lower-case hex.
    """

    def __init__(self, directory: dict[str, Any]) -> None:
        """Take members by name; a list is a section of rows, of which the same one stands once."""
        # A loop of its own, not map(): that would hold the interpreter for a whole section, also in
        # a thread, and the server would answer nobody meanwhile.
        self.sections = {
            name: sorted({msgspec.json.encode(row) for row in rows})
            for name, rows in directory.items()
            if isinstance(rows, list)
        }
        self._heads = {
            name: msgspec.json.encode(value)
            for name, value in directory.items()
            if not isinstance(value, list)
        }
        members = self._heads | {name: _array(rows) for name, rows in self.sections.items()}
        self.content = _object(members)
        self.digest = hashlib.sha256(self.content).hexdigest()

    def delta_from(self, older: "Body") -> bytes:
        """Return what makes this body of an older one.

        `remove` has the places of rows in the older section, `add` the rows that are new.
        """
        sections = {
            name: _object(change)
            for name in sorted(self.sections.keys() | older.sections.keys())
            if (change := _change(older.sections.get(name), self.sections.get(name)))
        }
        members = {
            "format": msgspec.json.encode(DELTA_FORMAT),
            "base": msgspec.json.encode(older.digest),
            "heads": _object(self._heads),
            "sections": _object(sections),
        }
        return _object(members)


def _change(older: list[bytes] | None, newer: list[bytes] | None) -> dict[str, bytes]:
    """Return the members of a section's change; empty: none. `gone`: the section is absent."""
    if newer is None:
        return {"gone": b"true"}
    if older is None:
        return {"remove": b"[]", "add": _array(newer)}
    if older == newer:
        return {}
    kept = set(newer)
    known = set(older)
    remove = [place for place, row in enumerate(older) if row not in kept]
    add = [row for row in newer if row not in known]
    return {"remove": msgspec.json.encode(remove), "add": _array(add)}


def _array(rows: list[bytes]) -> bytes:
    return b"[" + b",".join(rows) + b"]"


def _object(members: dict[str, bytes]) -> bytes:
    named = (msgspec.json.encode(name) + b":" + members[name] for name in sorted(members))
    return b"{" + b",".join(named) + b"}"
