"""Which organisation and which months a figure is about, and whose figures its reader may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import numpy as np
from fastapi import Query

from server.auth.person import Desk
from server.errors import InvalidError, NotFoundError
from server.scoring.closing import last_month
from server.trends import store
from server.trends.hiding import hidden_units

_DECEMBER: Final = 12

MonthText = Annotated[
    str | None,
    Query(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$",
        description="a month that is over, `2026-10`; the last one that was closed if none",
    ),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """An organisation, with what is below it.

    Attributes:
        org: The organisation's row.
        units: It and those below it, by their paths.
        hidden: Organisations of which the reader is told nothing.
        month: The month that the figures are of.
    """

    org: Mapping[str, Any]
    units: list[dict[str, Any]]
    hidden: frozenset[str]
    month: int

    @property
    def is_hidden(self) -> bool:
        """Whether the reader is told nothing of the organisation."""
        return self.org["id"] in self.hidden

    @property
    def orgs(self) -> list[str]:
        """Ids, in the order of `units`."""
        return [one["id"] for one in self.units]

    def places(self, org: str) -> list[int]:
        """Return the places of an organisation and those below it."""
        path = next(one["path"] for one in self.units if one["id"] == org)
        return [place for place, one in enumerate(self.units) if str(one["path"]).startswith(path)]


def month_text(month: int) -> str:
    """Return a month as `2026-10`."""
    year, number = divmod(month, _DECEMBER)
    return f"{year}-{number + 1:02d}"


def month_of_text(text: str) -> int:
    """Return the number of a month `2026-10`."""
    year, number = map(int, text.split("-"))
    return year * _DECEMBER + number - 1


async def asked(desk: Desk, org: str | None, month: str | None) -> Asked:
    """Return what was asked for.

    What is hidden is found in the reader's whole scope, not in what was asked for: who could ask
    for all organisations but one would else know that one.

    Raises:
        NotFoundError: No such organisation in the scope.
        InvalidError: The month is not over.
    """
    number = over(desk, month, "month")
    scope = await store.tree(desk.connection, desk.person.org_id)
    top = next((one for one in scope if one["id"] == (org or desk.person.org_id)), None)
    if top is None:
        raise NotFoundError("no such organisation in your scope")
    grid = await store.grid(desk.connection, desk.person.org_id, number, number)
    sizes = np.bincount(grid.org[:, 0], minlength=len(scope))
    counts = {one["id"]: int(size) for one, size in zip(scope, sizes, strict=True)}
    paths = {one["id"]: one["path"] for one in scope}
    units = [one for one in scope if str(one["path"]).startswith(top["path"])]
    return Asked(top, units, hidden_units(counts, paths, desk.person.org_id), number)


def over(desk: Desk, month: str | None, name: str) -> int:
    """Return the number of a month that was asked for, the last closed one of none.

    Raises:
        InvalidError: It is not over, or not closed yet.
    """
    last, _ = last_month(desk.now)
    number = last if month is None else month_of_text(month)
    if number > last:
        raise InvalidError([(name, f"is closed later: {month_text(last)} is the last one")])
    return number
