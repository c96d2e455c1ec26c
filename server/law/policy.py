"""What the law leaves open, or what is not yet verified: parameters with value, source and bounds.

The national default ships as `policy.json`. A province overrides figures by name; every change
gives another version, and the bounds keep what the law fixes.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from server.law.articles import ARTICLES
from server.law.errors import LawError, OverrideError, UnknownNameError
from server.law.package_data import read
from server.law.text import Text

Unit = Literal[
    "minutes",
    "hours",
    "days",
    "working_days",
    "months",
    "years",
    "metres",
    "times",
    "hours_per_month",
    "allowed",
    "hundredths",
]
ParameterStatus = Literal["verified", "unverified", "provincial", "product"]

_MOST_SOURCE: Final = 400


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One figure.

    Attributes:
        article: The article that it fills or stands for.
        status: `verified`: the article's text gives it. `unverified`: an article is known to give
            it, its text was not read. `provincial`: left to the province, or set by it.
            `product`: no rule gives a figure; ours, so that nothing waits without end.
        source: Where the figure comes from.
        low: Least that an override may set.
        high: Most that an override may set; equal to `low` where the law leaves no choice.
    """

    name: str
    value: int
    unit: Unit
    article: str
    status: ParameterStatus
    source: str
    text: Text
    low: int
    high: int


class Policy(msgspec.Struct, frozen=True):
    """One version of all figures."""

    version: str
    parameters: Mapping[str, Parameter]
    ordered: tuple[tuple[str, str], ...]
    """Pairs of which the first may not exceed the second."""

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by name.

        Raises:
            UnknownNameError: No such parameter.
        """
        found = self.parameters.get(name)
        if found is None:
            raise UnknownNameError("parameter", name, self.parameters)
        return found

    def number(self, name: str) -> int:
        """Return a parameter's value, in its own unit.

        Raises:
            UnknownNameError: No such parameter.
        """
        return self.parameter(name).value


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    parameters: tuple[Parameter, ...]
    ordered: tuple[tuple[str, str], ...]


def national() -> Policy:
    """Return the national default."""
    return _NATIONAL


def with_overrides(policy: Policy, values: Mapping[str, int], source: str) -> Policy:
    """Return a policy in which a province's or organisation's own figures stand.

    The version names the figures: the same overrides give the same version.

    Args:
        policy: What is overridden.
        values: Parameter to value, in the parameter's unit.
        source: The document that sets them.

    Raises:
        OverrideError: An unknown name, a value out of bounds or out of order, or no source;
            lists every fault, and nothing is overridden.
    """
    source = source.strip()
    faults = list(_value_faults(policy, values))
    if not 0 < len(source) <= _MOST_SOURCE:
        faults.append(("source", f"the document that sets it, 1 to {_MOST_SOURCE} characters"))
    if faults:
        raise OverrideError(faults)
    if not values:
        return policy
    changed = {
        name: msgspec.structs.replace(
            policy.parameters[name], value=value, source=source, status="provincial"
        )
        for name, value in values.items()
    }
    parameters = MappingProxyType({**policy.parameters, **changed})
    if faults := list(_order_faults(parameters, policy.ordered)):
        raise OverrideError(faults)
    said = json.dumps([policy.version, sorted(values.items()), source], ensure_ascii=False)
    digest = hashlib.sha256(said.encode()).hexdigest()[:12]
    return Policy(f"{_NATIONAL.version}+{digest}", parameters, policy.ordered)


def _value_faults(policy: Policy, values: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        known = policy.parameters.get(name)
        if known is None:
            yield name, str(UnknownNameError("parameter", name, policy.parameters))
        elif type(value) is not int:
            yield name, f"{value!r} is no whole number of {known.unit}"
        elif not known.low <= value <= known.high:
            yield (
                name,
                (f"{value} is outside {known.low} to {known.high} {known.unit} ({known.article})"),
            )


def _order_faults(
    parameters: Mapping[str, Parameter], ordered: tuple[tuple[str, str], ...]
) -> Iterator[tuple[str, str]]:
    for low, high in ordered:
        if parameters[low].value > parameters[high].value:
            yield low, f"{parameters[low].value} may not exceed {high} {parameters[high].value}"


def _load(tables: _File) -> Policy:
    parameters = {one.name: one for one in tables.parameters}
    if len(parameters) != len(tables.parameters):
        raise LawError("policy.json: a name stands twice")
    for one in tables.parameters:
        if one.article not in ARTICLES:
            raise LawError(f"policy.json: {one.name}: {one.article} is not in articles.json")
        if not one.low <= one.value <= one.high:
            raise LawError(f"policy.json: {one.name}: {one.value} is outside its own bounds")
    policy = Policy(tables.version, MappingProxyType(parameters), tables.ordered)
    if faults := list(_order_faults(parameters, tables.ordered)):
        raise OverrideError(faults)
    return policy


_NATIONAL: Final = _load(read("policy.json", _File))
