"""A bill of materials in CycloneDX 1.6 (ECMA-424), the same for the same components."""

import uuid
from collections.abc import Sequence
from typing import Any

from guitu.supply.components import Component


def bill(product: Component, components: Sequence[Component]) -> dict[str, Any]:
    """Return the document; its serial number follows from what is in it."""
    by_name = {(one.ecosystem, one.name): one.purl for one in components}
    everything = "\n".join(one.purl for one in (product, *components))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, everything)}",
        "version": 1,
        "metadata": {"component": _described(product, "application")},
        "components": [_described(one, "library") for one in components],
        "dependencies": [
            {
                "ref": one.purl,
                "dependsOn": [
                    by_name[one.ecosystem, name]
                    for name in one.needs
                    if (one.ecosystem, name) in by_name
                ],
            }
            for one in (product, *components)
        ],
    }


def _described(one: Component, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": kind,
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
    }
    if one.licence:
        found["licenses"] = [{"license": {"name": one.licence}}]
    return found
