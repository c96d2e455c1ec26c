"""A scoring policy from its YAML file, or every fault of it with line and column."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from server.law.text import Text
from server.scoring.errors import PolicyError
from server.scoring.faults import PolicyFault
from server.scoring.located import Spot, located
from server.scoring.members import Reader
from server.scoring.policy import (
    WHOLE,
    Dimension,
    GradeLimit,
    Group,
    Indicator,
    Policy,
    Redemption,
    RedemptionItem,
    Treatment,
)
from server.scoring.policy_rules import check_file, check_indicator
from server.scoring.redemption_rules import check_redemption
from server.scoring.treatment_rules import check_treatments

FORMAT: Final = "guitu-score-policy/1"
DEFAULT_FILE: Final = "guitu-2026-11.2.yaml"

_INDICATOR: Final = (
    *("month_cap", "term_cap", "half_life_months", "window_months", "not_before_months"),
    *("facts", "points", "unit", "source", "inactive"),
)


def lint(text: str) -> list[PolicyFault]:
    """Return every fault of a policy, in the order of the file."""
    try:
        reader, _ = _read(text)
    except PolicyError as error:
        return list(error.faults)
    return sorted(set(reader.faults))


@lru_cache(maxsize=64)
def policy_of(text: str) -> Policy:
    """Return a policy.

    Raises:
        PolicyError: It has faults.
    """
    reader, policy = _read(text)
    if reader.faults:
        raise PolicyError(sorted(set(reader.faults)))
    return policy


@lru_cache(maxsize=1)
def default_text() -> str:
    """Return the text of the policy that is in force where no other is."""
    return files("server.scoring").joinpath("policies", DEFAULT_FILE).read_text(encoding="utf-8")


def default() -> Policy:
    """Return the policy that is in force where no other is."""
    return policy_of(default_text())


def _read(text: str) -> tuple[Reader, Policy]:
    reader, root = Reader(), located(text)
    wanted = ("format", "version", "title", "source", "excluded", "public", "grades", "dimensions")
    members = reader.table(root, wanted, ("takes_over", "treatments", "redemption"))
    named = members.get("format")
    if named is not None and named.value != FORMAT:
        reader.fault(named, "wrong_value", f"格式应当是{FORMAT}", f"format is not {FORMAT}")
    public = reader.table(members["public"], ("share", "most")) if "public" in members else {}
    dimensions = tuple(_dimension(reader, one) for one in reader.items(members, "dimensions"))
    indicators = {
        one.id: one for dimension in dimensions for group in dimension.groups
        for one in group.indicators
    }  # fmt: skip
    policy = Policy(
        version=reader.word(members, "version"),
        takes_over=tuple(str(one.value) for one in reader.items(members, "takes_over")),
        title=reader.text(members.get("title")),
        source=reader.text(members.get("source")),
        public_share=(reader.milli(public, "share") or 0) * (WHOLE // 1000),
        public_most=reader.milli(public, "most") or 0,
        dimensions=dimensions,
        grades=tuple(_grade(reader, one) for one in reader.items(members, "grades")),
        indicators=MappingProxyType(indicators),
        of_fact=MappingProxyType(_of_fact(indicators)),
        treatments=tuple(_treatment(reader, one) for one in reader.items(members, "treatments")),
        redemption=_redemption(reader, members.get("redemption")),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    check_treatments(reader, members, policy)
    check_redemption(reader, members, policy)
    check_file(reader, root, members, policy)
    return reader, policy


def _of_fact(indicators: Mapping[str, Indicator]) -> dict[str, Indicator]:
    active = [one for one in indicators.values() if one.inactive is None]
    return {fact: one for one in active for fact in one.facts}


def _dimension(reader: Reader, spot: Spot) -> Dimension:
    members = reader.table(spot, ("id", "zh", "en", "start", "least", "most", "groups"))
    id_ = reader.word(members, "id")
    return Dimension(
        id=id_,
        text=reader.text(spot, among=members),
        start=reader.milli(members, "start") or 0,
        least=reader.milli(members, "least") or 0,
        most=reader.milli(members, "most") or 0,
        groups=tuple(_group(reader, one, id_) for one in reader.items(members, "groups")),
    )


def _group(reader: Reader, spot: Spot, dimension: str) -> Group:
    members = reader.table(spot, ("id", "zh", "en", "indicators"))
    found = (_indicator(reader, one, dimension) for one in reader.items(members, "indicators"))
    return Group(reader.word(members, "id"), reader.text(spot, among=members), tuple(found))


def _indicator(reader: Reader, spot: Spot, dimension: str) -> Indicator:
    members = reader.table(spot, ("id", "zh", "en"), _INDICATOR)
    unit: Any = str(members["unit"].value) if "unit" in members else "time"
    source = members.get("source")
    inactive = members.get("inactive")
    indicator = Indicator(
        id=reader.word(members, "id"),
        text=reader.text(spot, among=members),
        dimension=dimension,
        facts=tuple(str(one.value) for one in reader.items(members, "facts")),
        points=reader.milli(members, "points") or 0,
        unit=unit,
        source=reader.text(source) if source else None,
        month_cap=reader.milli(members, "month_cap"),
        term_cap=reader.milli(members, "term_cap"),
        half_life_months=reader.count(members, "half_life_months"),
        window_months=reader.count(members, "window_months"),
        not_before_months=reader.count(members, "not_before_months", least=0) or 0,
        inactive=reader.text(inactive) if inactive else None,
    )
    check_indicator(reader, spot, members, indicator)
    return indicator


def _grade(reader: Reader, spot: Spot) -> GradeLimit:
    members = reader.table(spot, ("grade", "zh", "en", "of_1000", "of_600"))
    grade: Any = reader.word(members, "grade")
    return GradeLimit(
        grade=grade,
        text=reader.text(spot, among=members) if members else Text("", ""),
        of_1000=reader.milli(members, "of_1000") or 0,
        of_600=reader.milli(members, "of_600") or 0,
    )


def _treatment(reader: Reader, spot: Spot) -> Treatment:
    members = reader.table(spot, ("id", "kind", "grades", "months", "zh", "en"))
    kind: Any = reader.word(members, "kind")
    grades: Any = tuple(str(one.value) for one in reader.items(members, "grades"))
    return Treatment(
        id=reader.word(members, "id"),
        text=reader.text(spot, among=members) if members else Text("", ""),
        kind=kind,
        grades=grades,
        months=reader.count(members, "months") or 1,
    )


def _redemption(reader: Reader, spot: Spot | None) -> Redemption | None:
    if spot is None:
        return None
    members = reader.table(spot, ("per_point", "dimensions", "month_most", "items"))
    return Redemption(
        per_point=reader.milli(members, "per_point") or 0,
        dimensions=tuple(str(one.value) for one in reader.items(members, "dimensions")),
        month_most=reader.milli(members, "month_most") or 0,
        items=tuple(_item(reader, one) for one in reader.items(members, "items")),
    )


def _item(reader: Reader, spot: Spot) -> RedemptionItem:
    members = reader.table(spot, ("id", "cost", "zh", "en"))
    text = reader.text(spot, among=members) if members else Text("", "")
    return RedemptionItem(reader.word(members, "id"), text, reader.milli(members, "cost") or 0)
