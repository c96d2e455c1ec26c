"""What the place rules ask: one question is one episode at a time."""

from typing import Final, NamedTuple

from geofence.use import USES, FenceUse


class Question(NamedTuple):
    """One rule about one subject and one target.

    Attributes:
        rule: Name of the rule.
        subject: Pseudonym.
        target: Fence id; empty for `dwell`, whose sites the record names.
    """

    rule: str
    subject: str
    target: str


RULE_OF: Final[dict[FenceUse, str]] = {
    "inclusion": "inclusion",
    "exclusion": "exclusion",
    "curfew": "curfew",
    "route": "route",
    "leave": "leave_place",
}
"""The rule that a fence of each use is judged by."""

PLACED_RULES: Final = frozenset({*RULE_OF.values(), "leave_overdue", "dwell"})
"""All rules that fences, leaves and sites decide."""

USE_NUMBER: Final = {use: number for number, use in enumerate(USES)}
INCLUSION: Final = USE_NUMBER["inclusion"]
CURFEW: Final = USE_NUMBER["curfew"]
LEAVE: Final = USE_NUMBER["leave"]
ROUTE: Final = USE_NUMBER["route"]

APPROVED: Final[frozenset[FenceUse]] = frozenset({"leave", "route"})
"""Uses that hold while an approved leave or trip names the fence."""
