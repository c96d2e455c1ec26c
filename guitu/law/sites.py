"""Finds articles in sources: where a rule names one, and which test proves it.

A rule names an article by its key as a string of its own (`"law-29"`), in Python or in a table
of data beside it. A test names it by the marker `@pytest.mark.article("law-29")`.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeGuard

from guitu.errors import GuituError
from server.law.articles import ARTICLES, SOURCES

_KEY: Final = re.compile(rf"(?:{'|'.join(SOURCES)})-[0-9]+")
_IN_DATA: Final = re.compile(rf'"({_KEY.pattern})"')
_DATA: Final = (".json", ".toml", ".yaml", ".yml")
# The list of articles names all of them; the console is built from what the server says.
_ASIDE: Final = ("law/articles.json", "web/", "_web/")
_MARKER: Final = "article"


class Site(NamedTuple):
    """One place: a path from the folder above the root, and a name inside, empty for the file."""

    path: str
    name: str

    def __str__(self) -> str:
        """Return `path::name`, as test runners write it."""
        return f"{self.path}::{self.name}" if self.name else self.path


class UnknownArticleError(GuituError):
    """A source names an article that is not in the list."""

    def __init__(self, site: Site, key: str) -> None:
        super().__init__(f"{site} names {key}, which is not in server/law/articles.json: add it")


class HiddenArticleError(GuituError):
    """A test's marker names its article by something other than a string."""

    def __init__(self, path: str, line: int) -> None:
        super().__init__(f"{path}:{line}: write the article as a string of its own, as 'law-29'")


Sites = Mapping[str, tuple[Site, ...]]
"""Article to its places, each once, in the order of paths."""


def rule_sites(root: Path) -> Sites:
    """Return where rules under a folder name articles.

    Raises:
        UnknownArticleError: One is not in the list.
    """
    return _gathered(_rules(root))


def proof_sites(root: Path) -> Sites:
    """Return which tests under a folder prove articles.

    Raises:
        UnknownArticleError: One is not in the list.
        HiddenArticleError: One is not written as a string.
    """
    return _gathered(_proofs(root))


def _gathered(found: Iterator[tuple[str, Site]]) -> Sites:
    sites: dict[str, set[Site]] = defaultdict(set)
    for key, site in found:
        if key not in ARTICLES:
            raise UnknownArticleError(site, key)
        sites[key].add(site)
    return {key: tuple(sorted(places)) for key, places in sites.items()}


def _rules(root: Path) -> Iterator[tuple[str, Site]]:
    for path, shown in _files(root, (".py", *_DATA)):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            yield from ((key, Site(shown, "")) for key in _IN_DATA.findall(text))
        elif _KEY.search(text):
            for node, name in _named_nodes(ast.parse(text)):
                if isinstance(node, ast.Constant) and _is_key(node.value):
                    yield str(node.value), Site(shown, name)


def _proofs(root: Path) -> Iterator[tuple[str, Site]]:
    for path, shown in _files(root, (".py",)):
        text = path.read_text(encoding="utf-8")
        if f"mark.{_MARKER}" not in text:
            continue
        for node, name in _named_nodes(ast.parse(text)):
            if _is_marker(node):
                yield from ((_literal(one, shown), Site(shown, name)) for one in node.args)


def _files(root: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).as_posix()
        if path.suffix in suffixes and not inside.startswith(_ASIDE):
            yield path, f"{root.name}/{inside}"


def _named_nodes(tree: ast.AST, name: str = "") -> Iterator[tuple[ast.AST, str]]:
    """Yield every node with the function or class that it lies in; a decorator is part of it."""
    for node in ast.iter_child_nodes(tree):
        inner = name
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{name}.{node.name}" if name else node.name
        yield node, inner
        yield from _named_nodes(node, inner)


def _literal(argument: ast.expr, path: str) -> str:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    raise HiddenArticleError(path, argument.lineno)


def _is_key(value: object) -> bool:
    return isinstance(value, str) and _KEY.fullmatch(value) is not None


def _is_marker(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == _MARKER
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == "mark"
    )
