"""Loads the code tables and answers what a code means.

A code is never removed and never changes its meaning: it gets a last day, and another comes. So
old files stay readable.
"""

import re
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import msgspec

from server.law.articles import ARTICLES
from server.law.errors import LawError, UnknownNameError
from server.law.package_data import read
from server.law.text import Text

_NAME: Final = re.compile(r"[a-z][a-z_]{0,39}")


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One code.

    Attributes:
        name: What databases and interfaces carry.
        number: What forms and files of the field carry.
        valid_from: First day on which it may be entered; None: always.
        valid_to: Last day on which it may be entered; None: still.
    """

    name: str
    number: str
    text: Text
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid_on(self, day: date) -> bool:
        """Return whether it may be entered on a day."""
        after = self.valid_from is None or self.valid_from <= day
        return after and (self.valid_to is None or day <= self.valid_to)


class CodeTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table.

    Attributes:
        version: Changes with every change of the table.
        article: The article that asks for it.
        source: Where codes and numbers come from.
    """

    table: str
    text: Text
    version: str
    article: str
    source: str
    codes: tuple[Code, ...]


def table(name: str) -> CodeTable:
    """Return a code table.

    Raises:
        UnknownNameError: No such table.
    """
    found = TABLES.get(name)
    if found is None:
        raise UnknownNameError("code table", name, TABLES)
    return found


def code(table_name: str, name: str) -> Code:
    """Return a code by table and name, whether or not it may still be entered.

    Raises:
        UnknownNameError: No such table or code.
    """
    known = table(table_name).codes
    for one in known:
        if one.name == name:
            return one
    raise UnknownNameError(f"code of {table_name}", name, [one.name for one in known])


def codes(table_name: str, day: date) -> tuple[Code, ...]:
    """Return the codes of a table that may be entered on a day, in the order of the table.

    Raises:
        UnknownNameError: No such table.
    """
    return tuple(one for one in table(table_name).codes if one.is_valid_on(day))


def _load() -> Mapping[str, CodeTable]:
    folder = files("server.law").joinpath("codes")
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".json"))
    found = {}
    for name in names:
        one = read(f"codes/{name}", CodeTable)
        for fault in _faults(one, name):
            raise LawError(f"codes/{name}: {fault}")
        found[one.table] = one
    return MappingProxyType(found)


def _faults(one: CodeTable, file_name: str) -> list[str]:
    names = [entry.name for entry in one.codes]
    numbers = [entry.number for entry in one.codes]
    checks = {
        f"holds table {one.table}, which belongs into {one.table}.json": (
            file_name == f"{one.table}.json"
        ),
        f"{one.article} is not in articles.json": one.article in ARTICLES,
        "has no code": bool(names),
        "a name stands twice": len(set(names)) == len(names),
        "a number stands twice": len(set(numbers)) == len(numbers),
        "a name is lower case letters and underscores": all(map(_NAME.fullmatch, names)),
        "a code ends before it begins": all(
            entry.valid_from is None or entry.valid_to is None or entry.valid_from <= entry.valid_to
            for entry in one.codes
        ),
    }
    return [fault for fault, holds in checks.items() if not holds]


TABLES: Final[Mapping[str, CodeTable]] = _load()
"""Every code table, by name."""
