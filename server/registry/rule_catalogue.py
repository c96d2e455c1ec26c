"""Which rule parameters gateways know and within which bounds (`rule_parameters.json`).

Two parameters of which one must be below the other are set together or not at all: then layers
that are right alone are right over each other, whoever enters them.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

_FILE: Final = "rule_parameters.json"


def layer_faults(pointer: str, layer: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """Yield what a gateway would refuse of a layer of parameters, with its JSON pointer."""
    catalogue = _catalogue()
    for name, value in layer.items():
        fault = _fault(catalogue["parameters"].get(name), value)
        if fault is not None:
            yield f"{pointer}/{name}", fault
    for low, high in catalogue["ordered"]:
        if (low in layer) != (high in layer):
            yield pointer, f"{low} and {high} are set together or not at all"
        elif low in layer and layer[high] <= layer[low]:
            yield pointer, f"{high} must be above {low}"


def _fault(known: dict[str, Any] | None, value: float) -> str | None:
    if known is None:
        return "is no parameter: see docs/rules.md"
    if known["whole"] and not isinstance(value, int):
        return "is a whole number"
    if not known["least"] <= value <= known["most"]:
        return f"is outside {known['least']} to {known['most']}"
    return None


@cache
def _catalogue() -> dict[str, Any]:
    text = files("server.registry").joinpath(_FILE).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
