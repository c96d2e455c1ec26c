"""Advisories in the Open Source Vulnerability format (OSV 1.6), from a file that was downloaded.

Such a file is what osv.dev offers for an ecosystem: a ZIP of JSON records. A JSON record alone, or
one a line, is taken too.
"""

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from guitu.errors import SupplyError
from guitu.supply.components import Component, normal

_MOST_RECORD_BYTES: Final = 16 << 20


@dataclass(frozen=True, order=True)
class Match:
    """A component that an advisory is about.

    Attributes:
        advisory: Its id.
        summary: In its own words.
    """

    component: Component
    advisory: str
    summary: str


def matches(components: Iterable[Component], path: Path) -> list[Match]:
    """Return the components that the advisories of a file are about.

    Raises:
        SupplyError: The file is absent, or holds no records.
    """
    by_name: dict[tuple[str, str], list[Component]] = {}
    for one in components:
        by_name.setdefault((one.ecosystem, one.name), []).append(one)
    found = set()
    for record in _records(path):
        if "withdrawn" in record:
            continue
        for affected in record.get("affected", ()):
            package = affected.get("package", {})
            ecosystem, name = package.get("ecosystem", ""), package.get("name", "")
            key = ecosystem, normal(name) if ecosystem == "PyPI" else name
            found |= {
                Match(one, record.get("id", "?"), record.get("summary", ""))
                for one in by_name.get(key, ())
                if _is_affected(one.version, affected)
            }
    return sorted(found)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    if entry.filename.endswith(".json") and entry.file_size <= _MOST_RECORD_BYTES:
                        yield json.loads(archive.read(entry))
            return
        text = path.read_text(encoding="utf-8").strip()
        try:
            yield json.loads(text)
        except json.JSONDecodeError:
            yield from (json.loads(line) for line in text.splitlines() if line.strip())
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise SupplyError(
            f"{path} holds no advisories (OSV, as JSON or a ZIP of it): {type(error).__name__}"
        ) from error


def _is_affected(version: str, affected: dict[str, Any]) -> bool:
    if version in affected.get("versions", ()):
        return True
    at = _order(version)
    for span in affected.get("ranges", ()):
        if span.get("type") == "GIT":
            continue
        is_in = False
        # In the order of versions, as the format has it; the last that is not later counts.
        for event in span.get("events", ()):
            if "introduced" in event and at >= _order(event["introduced"]):
                is_in = True
            if "fixed" in event and at >= _order(event["fixed"]):
                is_in = False
            if "last_affected" in event and at > _order(event["last_affected"]):
                is_in = False
        if is_in:
            return True
    return False


def _order(version: str) -> tuple[tuple[int, ...], int]:
    """Return what versions are compared by: numbers, then a release after its candidates."""
    head, *rest = re.split(r"[-+]|(?<=\d)(?=[a-z])", version.lower().lstrip("v"), maxsplit=1)
    numbers = [int(part) for part in re.findall(r"\d+", head)]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    is_early = bool(rest) and not rest[0].startswith("post")
    return tuple(numbers), 0 if is_early else 1
