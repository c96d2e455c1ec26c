"""处置预案: what is to be done, by whom, within what time. Pure.

The product's own ship as `plans.json`; an organisation adds plans, or sets its own in place of one.
"""

from importlib.resources import files
from typing import Annotated, Any, Final, Literal

import msgspec

Who = Literal["commander", "duty_officer", "duty_lead", "county"]

MOST_TASKS: Final = 100
VERSION: Final = "product/1"
"""Of the plans that ship here."""

_Words = Annotated[str, msgspec.Meta(min_length=2, max_length=500)]


class PlanText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    zh: _Words
    en: _Words


class PlanTask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to do, from the opening of the incident on."""

    text: PlanText
    who: Who
    within_minutes: Annotated[int, msgspec.Meta(ge=1, le=10_080)]


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan.

    Attributes:
        version: Whose, and which of theirs: `product/1`, `county-a/3`.
        source: The document that sets it; empty: the product's own.
    """

    key: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    title: PlanText
    tasks: Annotated[tuple[PlanTask, ...], msgspec.Meta(min_length=1, max_length=MOST_TASKS)]
    version: str = VERSION
    source: str = ""


def library() -> dict[str, Plan]:
    """Return the plans that ship with the product, by key."""
    return dict(_LIBRARY)


def entered(key: str, body: Any, *, version: str, source: str) -> Plan:
    """Return a plan that an organisation entered.

    Raises:
        msgspec.ValidationError: It does not hold to the shape.
    """
    return msgspec.convert({**body, "key": key, "version": version, "source": source}, Plan)


def _read() -> dict[str, Plan]:
    raw = files("server.incidents").joinpath("plans.json").read_bytes()
    return {plan.key: plan for plan in msgspec.json.decode(raw, type=tuple[Plan, ...])}


_LIBRARY: Final = _read()
