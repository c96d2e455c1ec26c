"""The components: Python packages as installed, and the packages that the console is built of."""

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from guitu.errors import SupplyError

_PRODUCT: Final = "guitu"
_LOCK: Final = Path("server") / "web" / "package-lock.json"
_MODULES: Final = "node_modules/"


@dataclass(frozen=True, order=True)
class Component:
    """One package.

    Attributes:
        ecosystem: As advisories name it: PyPI or npm.
        licence: As the package says it, or empty.
        asks: Those of its ecosystem that it needs, with the extras it wants: `psycopg[binary]`.
    """

    ecosystem: str
    name: str
    version: str
    licence: str = ""
    asks: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of those that it needs."""
        return tuple(one.partition("[")[0] for one in self.asks)

    @property
    def purl(self) -> str:
        """Its package URL."""
        name = self.name.replace("@", "%40")
        return f"pkg:{self.ecosystem.lower()}/{name}@{self.version}"


def product(source: Path | None = None) -> Component:
    """Return the product itself, with what it needs directly.

    Args:
        source: Its source folder, whose list is newer than that of an installation from before.

    Raises:
        SupplyError: The folder has no list.
    """
    installed = _component(distribution(_PRODUCT))
    if source is None:
        return installed
    try:
        project = tomllib.loads((source / "pyproject.toml").read_text())["project"]
        asked = project["dependencies"]
    except (OSError, ValueError, KeyError) as error:
        raise SupplyError(f"{source / 'pyproject.toml'} cannot be read: give the source") from error
    return Component("PyPI", _PRODUCT, project["version"], installed.licence, _asks(asked))


def python_components(of: Component) -> list[Component]:
    """Return all that the product needs and that is installed here, by name."""
    found: dict[str, Component] = {}
    extras: dict[str, set[str]] = {}
    wanted = list(of.asks)
    while wanted:
        one = Requirement(wanted.pop())
        if one.name in found and one.extras <= extras[one.name]:
            continue
        extras.setdefault(one.name, set()).update(one.extras)
        try:
            found[one.name] = _component(distribution(one.name), extras[one.name])
        except PackageNotFoundError:
            continue  # of an extra that was not asked for
        wanted += found[one.name].asks
    return sorted(found.values())


def console_components(source: Path) -> list[Component]:
    """Return the npm packages that the console is built of, from the lock of a source folder.

    Raises:
        SupplyError: The folder has no such lock.
    """
    try:
        packages = json.loads((source / _LOCK).read_text())["packages"]
    except (OSError, ValueError, KeyError) as error:
        raise SupplyError(f"{source / _LOCK} cannot be read: give the source folder") from error
    found = set()
    for place, one in packages.items():
        if place.startswith(_MODULES) and not one.get("dev") and "version" in one:
            name = place.rpartition(_MODULES)[2]
            found.add(Component("npm", name, one["version"], str(one.get("license", ""))))
    return sorted(found)


def normal(name: str) -> str:
    """Return a Python package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _component(found: Distribution, extras: Iterable[str] = ()) -> Component:
    said = found.metadata
    licence = next((said[name] for name in ("License-Expression", "License") if name in said), "")
    # Some put the whole text there.
    first = licence.strip().splitlines()[0][:80] if licence.strip() else ""
    asks = _asks(found.requires or (), extras)
    return Component("PyPI", normal(said["Name"]), found.version, first, asks)


def _asks(requirements: Iterable[str], extras: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what of the requirements holds on this system, for a package with these extras."""
    found = set()
    for line in requirements:
        try:
            one = Requirement(line)
        except InvalidRequirement as error:
            raise SupplyError(f"{line!r} is no requirement (PEP 508): {error}") from error
        if one.marker is None or any(one.marker.evaluate({"extra": e}) for e in ("", *extras)):
            wants = f"[{','.join(sorted(one.extras))}]" if one.extras else ""
            found.add(normal(one.name) + wants)
    return tuple(sorted(found))
