"""Every article that acts in this product, and whether its text was read.

A rule says which article it follows by `article("law-29")`; tests name it by the marker of the
same name; `docs/law.md` lists both.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from server.law.errors import LawError, UnknownNameError
from server.law.numerals import chinese
from server.law.package_data import read
from server.law.text import Text

Status = Literal["verified", "unverified"]

_KEY: Final = re.compile(r"[a-z]+-[0-9]+")


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One statute or rule.

    Attributes:
        whole: Its name in full.
        short: Its name as cited.
        in_force: Date (ISO 8601) since when, empty when unknown.
        numbered: Cited by article; otherwise the number is that of the document itself.
    """

    whole: Text
    short: Text
    in_force: str
    numbered: bool


class Article(msgspec.Struct, frozen=True):
    """One article and what it is about.

    Attributes:
        key: Source and number, as `law-29`.
        source: Key of the source in `SOURCES`.
        title: What it rules, in our words; no quotation.
        status: `verified` when its text was read; else it acts on our knowledge only.
        basis: Where the text was read, or why it counts as unverified.
    """

    key: str
    source: str
    number: str
    title: Text
    status: Status
    basis: str

    @property
    def cited(self) -> Text:
        """How a document cites it: 《社区矫正法》第二十九条."""
        origin = SOURCES[self.source]
        if not origin.numbered:
            return Text(f"《{origin.short.zh}》", origin.short.en)
        return Text(
            f"《{origin.short.zh}》第{chinese(int(self.number))}条",
            f"{origin.short.en}, Art. {self.number}",
        )


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    zh: str
    en: str
    basis: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sources: dict[str, Source]
    bases: dict[str, tuple[Status, str]]
    articles: tuple[_Row, ...]


def article(key: str) -> Article:
    """Return an article by its key, as `law-29`.

    Raises:
        UnknownNameError: No such article acts here.
    """
    found = ARTICLES.get(key)
    if found is None:
        raise UnknownNameError("article", key, ARTICLES)
    return found


def _load(tables: _File) -> Mapping[str, Article]:
    found: dict[str, Article] = {}
    for row in tables.articles:
        source, _, number = row.key.partition("-")
        if not _KEY.fullmatch(row.key) or source not in tables.sources or row.key in found:
            raise LawError(f"articles.json: {row.key}: a known source, a dash, a number; once")
        if row.basis not in tables.bases:
            raise LawError(f"articles.json: {row.key}: basis is one of {', '.join(tables.bases)}")
        status, basis = tables.bases[row.basis]
        found[row.key] = Article(row.key, source, number, Text(row.zh, row.en), status, basis)
    return MappingProxyType(found)


_TABLES: Final = read("articles.json", _File)

SOURCES: Final[Mapping[str, Source]] = MappingProxyType(_TABLES.sources)
"""Statutes and rules, by the first part of an article's key."""

ARTICLES: Final[Mapping[str, Article]] = _load(_TABLES)
"""Every article that acts, by key, in the order of the file."""
