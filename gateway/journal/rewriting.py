"""What becomes of a journal's older entries when something in them is destroyed."""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from gateway.engine.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A change of older entries; their numbers and digests stay.

    Attributes:
        bodies: What is left of batches, by entry.
        outcomes: What is left of outcomes, by entry and number in it.
        refused: Refused messages whose bytes go, by id.
    """

    bodies: Mapping[int, bytes]
    outcomes: Mapping[tuple[int, int], Outcome]
    refused: Sequence[int]

    def __bool__(self) -> bool:
        return bool(self.bodies or self.outcomes or self.refused)

    def apply(self, connection: sqlite3.Connection, *, by: int) -> None:
        """Make the change within the running transaction; `by` is the entry that says so."""
        connection.executemany(
            "UPDATE entry SET body = ? WHERE seq = ?",
            [(body, seq) for seq, body in self.bodies.items()],
        )
        connection.executemany(
            "INSERT OR REPLACE INTO rewritten VALUES (?, ?, ?)",
            [(seq, by, hashlib.sha256(body).digest()) for seq, body in self.bodies.items()],
        )
        connection.executemany(
            "UPDATE outcome SET body = ? WHERE seq = ? AND nth = ?",
            [(msgspec.msgpack.encode(one), *place) for place, one in self.outcomes.items()],
        )
        connection.executemany(
            "UPDATE quarantine SET payload = NULL WHERE id = ?", [(one,) for one in self.refused]
        )
