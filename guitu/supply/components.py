"""The components: Python packages as installed, and the packages that the console is built of."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from guitu.errors import SupplyError

_PRODUCT: Final = "guitu"
_NAME: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")
_LOCK: Final = Path("server") / "web" / "package-lock.json"
_MODULES: Final = "node_modules/"


@dataclass(frozen=True, order=True)
class Component:
    """One package.

    Attributes:
        ecosystem: As advisories name it: PyPI or npm.
        licence: As the package says it, or empty.
        needs: Names of those of its ecosystem that it needs.
    """

    ecosystem: str
    name: str
    version: str
    licence: str = ""
    needs: tuple[str, ...] = ()

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
    needs = tuple(sorted(set(_names(asked))))
    return Component("PyPI", _PRODUCT, project["version"], installed.licence, needs)


def python_components(of: Component) -> list[Component]:
    """Return all that the product needs and that is installed here, by name."""
    found: dict[str, Component] = {}
    wanted = list(of.needs)
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        try:
            found[name] = _component(distribution(name))
        except PackageNotFoundError:
            continue  # of another system, or of an extra that was not asked for
        wanted += found[name].needs
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


def _component(found: Distribution) -> Component:
    said = found.metadata
    licence = next((said[name] for name in ("License-Expression", "License") if name in said), "")
    # Some put the whole text there.
    first = licence.strip().splitlines()[0][:80] if licence.strip() else ""
    needs = tuple(sorted(set(_names(found.requires or ()))))
    return Component("PyPI", normal(said["Name"]), found.version, first, needs)


def _names(requirements: Iterable[str]) -> Iterator[str]:
    for line in requirements:
        requirement, _, marker = line.partition(";")
        name = _NAME.match(requirement.strip())
        if name is not None and "extra ==" not in marker:
            yield normal(name[0])
