"""Rows of cells to rows of values by a table's columns. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.exchange.columns import Column, value_of
from server.exchange.faults import RowFault, fault
from server.exchange.kinds import Kind
from server.exchange.reading import Row

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's rows.

    Attributes:
        rows: Number and values of every row; what is faulty is None.
        faults: What is wrong with heads and cells.
    """

    rows: list[tuple[int, Values]]
    faults: list[RowFault]


def parsed(kind: Kind, rows: Sequence[Row]) -> Parsed:
    """Return the values of a file whose first row are the heads."""
    faults: list[RowFault] = []
    if not rows:
        text = ("文件没有内容", "the file holds nothing")
        allowed = ("首行为列名，如模板", "heads in the first row, as in the template")
        return Parsed([], [fault(0, "", "empty", text=text, allowed=allowed)])
    number, heads = rows[0]
    places = _places(kind, heads, number, faults)
    if faults:
        return Parsed([], faults)
    found = []
    for row, cells in rows[1:]:
        values: Values = {
            column.name: value_of(column, cells[at] if at < len(cells) else None, row, faults)
            for column, at in places
        }
        found.append((row, values))
    return Parsed(found, faults)


def _places(
    kind: Kind, heads: Sequence[Any], row: int, faults: list[RowFault]
) -> list[tuple[Column, int]]:
    by_head = {
        word.casefold(): column
        for column in kind.columns
        for word in (column.name, column.zh, column.head)
    }
    known = ("、".join(one.zh for one in kind.columns), ", ".join(one.name for one in kind.columns))
    places: dict[str, tuple[Column, int]] = {}
    for at, head in enumerate(heads):
        text = str(head or "").strip().rstrip("*").strip()
        if not text:
            continue
        column = by_head.get(text.casefold())
        if column is None:
            said = (f"第{at + 1}列的列名不在模板中", f"column {at + 1}: a head that is not known")
            faults.append(fault(row, "", "unknown_column", text=said, allowed=known))
        elif column.name in places:
            said = ("列名重复", "the column stands twice")
            once = ("每列一次", "each column once")
            faults.append(fault(row, column.name, "repeated_column", text=said, allowed=once))
        else:
            places[column.name] = (column, at)
    for column in kind.columns:
        if column.required and column.name not in places:
            said = (f"缺少列{column.zh}", f"column {column.name} is missing")
            faults.append(fault(row, column.name, "missing_column", text=said, allowed=known))
    return list(places.values())
