"""What is wrong with a file of rows: the row, the column, the rule, and what would be allowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from server.errors import ConflictError, Refusal

MOST_FAULTS: Final = 2_000
"""Most faults that one answer lists; it says how many there are."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """One fault.

    Attributes:
        row: Its row as a spreadsheet counts them, from 1; 0: the whole file.
        column: Name of the column; empty: the whole row.
        why: The rule that it breaks.
    """

    row: int
    column: str
    why: Refusal

    def described(self) -> dict[str, Any]:
        """Return it as the interface says it."""
        return {"row": self.row, "column": self.column, **self.why.described()}


def fault(
    row: int,
    column: str,
    rule: str,
    *,
    text: tuple[str, str],
    allowed: tuple[str, str],
    article: str | None = None,
) -> RowFault:
    """Return a fault; texts are Chinese, then English, and repeat no content of the cell."""
    pointer = f"/{row}/{column}" if column else f"/{row}"
    return RowFault(row, column, Refusal(pointer, rule, article, *text, *allowed))


def in_order(faults: Sequence[RowFault]) -> list[RowFault]:
    """Return faults by row; those of one row as they were found."""
    return sorted(faults, key=lambda one: one.row)


class FaultyFileError(ConflictError):
    """A file has faults, and nothing of it was taken."""

    slug, title = "refused", "Refused"

    def __init__(self, faults: Sequence[RowFault], *, rows: int) -> None:
        first = "; ".join(f"row {one.row} {one.column}: {one.why.en}" for one in faults[:3])
        super().__init__(f"{len(faults)} faults in {rows} rows, nothing was taken: {first}")
        self.members = {
            "rows": rows,
            "fault_count": len(faults),
            "errors": [one.described() for one in faults[:MOST_FAULTS]],
        }
