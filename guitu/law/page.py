"""The tables of docs/law.md."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from guitu.law.sites import Sites
from server.law.articles import ARTICLES, SOURCES, Article
from server.law.clocks import CLOCKS, Clock
from server.law.codes import TABLES
from server.law.days import BASIS
from server.law.policy import national

_NOTHING: Final = "—"


def lines(rules: Sites, tests: Sites) -> Iterator[str]:
    """Yield the page from `## Articles that act` on."""
    acting = [one for key, one in ARTICLES.items() if key in rules]
    resting = [one for key, one in ARTICLES.items() if key not in rules]
    yield "## Articles that act"
    yield ""
    yield from _table(
        ("article", "what it rules", "text", "acts in", "proven by"),
        (_acting(one, rules, tests) for one in acting),
    )
    yield ""
    yield "## Articles that no rule names"
    yield ""
    yield from _table(
        ("article", "what it rules", "text"),
        ((_key(one), f"{one.title.zh}<br>{one.title.en}", _read(one)) for one in resting),
    )
    yield ""
    yield from _figures()
    yield ""
    yield from _clocks()
    yield ""
    yield from _codes()
    yield ""
    yield from _sources()


def _acting(one: Article, rules: Sites, tests: Sites) -> Sequence[str]:
    title = f"{one.title.zh}<br>{one.title.en}"
    return (_key(one), title, _read(one), _paths(rules, one.key), _paths(tests, one.key))


def _read(one: Article) -> str:
    return one.status if one.status == "verified" else f"**unverified**: {one.basis}"


def _key(one: Article) -> str:
    return f"`{one.key}`<br>{one.cited.zh}"


def _paths(sites: Sites, key: str) -> str:
    # Files only: the page would change with every test that is added to one.
    paths = dict.fromkeys(site.path for site in sites.get(key, ()))
    return "<br>".join(f"`{path}`" for path in paths) or _NOTHING


def _figures() -> Iterator[str]:
    policy = national()
    yield "## Figures"
    yield ""
    yield f"The national default, version {policy.version}."
    yield ""
    rows = (
        (
            f"`{one.name}`",
            f"{one.text.zh}<br>{one.text.en}",
            f"{one.value} {_unit(one.unit)}",
            "fixed" if one.low == one.high else f"{one.low} ... {one.high}",
            f"`{one.article}`",
            one.status,
            one.source,
        )
        for one in policy.parameters.values()
    )
    yield from _table(("figure", "what", "value", "allowed", "article", "status", "source"), rows)
    yield ""
    pairs = ", ".join(f"`{low}` ≤ `{high}`" for low, high in policy.ordered)
    yield f"In order: {pairs}."


def _clocks() -> Iterator[str]:
    yield "## Clocks"
    yield ""
    basis = ", ".join(f"`{one.key}`" for one in BASIS)
    yield f"Days, months and ages are counted by {basis}."
    yield ""
    rows = (
        (
            f"`{one.kind}`",
            f"{one.text.zh}<br>{one.text.en}",
            f"`{one.article}`",
            f"`{one.parameter}`",
            _unit(one.counts),
            _manner(one),
            f"`{one.warn_before}`",
            one.who,
        )
        for one in CLOCKS.values()
    )
    heads = ("clock", "what is due", "article", "length", "counts", "ends", "warns ahead", "who")
    yield from _table(heads, rows)


def _manner(one: Clock) -> str:
    said = {
        "to the second": one.binds or one.counts == "hours",
        "rolls past days off": one.rolls,
        "counts back": one.back,
        "last day to last day": one.month_end,
    }
    return ", ".join(text for text, holds in said.items() if holds) or _NOTHING


def _codes() -> Iterator[str]:
    yield "## Code tables"
    yield ""
    rows = (
        (
            f"`{one.table}`",
            f"{one.text.zh}<br>{one.text.en}",
            one.version,
            f"`{one.article}`",
            ", ".join(f"`{entry.name}` {entry.text.zh}" for entry in one.codes),
            one.source,
        )
        for one in TABLES.values()
    )
    yield from _table(("table", "what", "version", "article", "codes", "source"), rows)


def _sources() -> Iterator[str]:
    yield "## Sources"
    yield ""
    rows = (
        (f"`{key}`", f"{one.whole.zh}<br>{one.whole.en}", one.in_force or "unknown")
        for key, one in SOURCES.items()
    )
    yield from _table(("key", "name", "in force since"), rows)


def _unit(unit: str) -> str:
    return unit.replace("_", " ")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---' for _ in heads)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
