"""What a person owes again and again: by which article, how often, how much.

How often is the province's where the law leaves it (Policy); what is 0 is not asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from server.law.articles import article
from server.law.policy import Policy
from server.law.text import Text
from server.measures.kinds import Category

DutyKind = Literal[
    "periodic_report",
    "written_report",
    "health_report",
    "medical_review",
    "visits",
    "talks",
    "education",
    "community_work",
    "assessment",
]
ReportKind = Literal[
    "periodic_report", "written_report", "health_report", "medical_review", "change"
]
"""What the person tells; `change` is reported at once (measures-24) and has no schedule."""
SupervisionClass = Literal["strict", "general", "lenient"]
Unit = Literal["times", "minutes"]

CLASSES: Final[tuple[SupervisionClass, ...]] = ("strict", "general", "lenient")
EXTENSION_CLOCK: Final = "medical_review_extension"
_EVERYBODY: Final[frozenset[Category]] = frozenset({"control", "probation", "parole", "medical"})
_MEDICAL: Final[frozenset[Category]] = frozenset({"medical"})


@dataclass(frozen=True, slots=True)
class DutyRule:
    """What is fixed about a kind of duty.

    Attributes:
        clock: The clock of a period.
        by_class: Each supervision class has a clock of its own, named after it.
        amount: Parameter that says how often or how many hours in a period; None: once.
        amount_by_class: Each class has a parameter of its own, named after it.
        unit: What records are counted in.
    """

    text: Text
    article: str
    clock: str
    by_class: bool = False
    amount: str | None = None
    amount_by_class: bool = False
    unit: Unit = "times"
    categories: frozenset[Category] = _EVERYBODY

    def clock_for(self, supervision_class: SupervisionClass) -> str:
        """Return the clock of a period for a class."""
        return f"{self.clock}_{supervision_class}" if self.by_class else self.clock

    def wanted(self, supervision_class: SupervisionClass, policy: Policy) -> int:
        """Return how much a period asks for, in times or minutes; 0: nothing."""
        if self.amount is None:
            return 1
        suffix = f"_{supervision_class}" if self.amount_by_class else ""
        number = policy.number(self.amount + suffix)
        return number * 60 if self.unit == "minutes" else number


DUTIES: Final[Mapping[DutyKind, DutyRule]] = MappingProxyType(
    {
        "periodic_report": DutyRule(
            Text("定期报告", "periodic report"),
            article("measures-24").key,
            "periodic_report",
            by_class=True,
        ),
        "written_report": DutyRule(
            Text("书面思想汇报", "written report"), article("measures-24").key, "written_report"
        ),
        "health_report": DutyRule(
            Text("报告身体情况", "report on health"),
            article("measures-24").key,
            "health_report",
            categories=_MEDICAL,
        ),
        "medical_review": DutyRule(
            Text("提交病情复查", "medical review"),
            article("measures-24").key,
            "medical_review",
            categories=_MEDICAL,
        ),
        "visits": DutyRule(
            Text("实地查访", "visits"), article("law-26").key, "visits", amount="visits_per_quarter"
        ),
        "talks": DutyRule(
            Text("个别谈话", "talks"),
            article("law-36").key,
            "talks",
            amount="talks_per_quarter",
            amount_by_class=True,
        ),
        "education": DutyRule(
            Text("教育学习", "education"),
            article("law-36").key,
            "education",
            amount="education_hours",
            amount_by_class=True,
            unit="minutes",
        ),
        "community_work": DutyRule(
            Text("公益活动", "community work"),
            article("law-42").key,
            "community_work",
            amount="community_work_hours",
            amount_by_class=True,
            unit="minutes",
        ),
        "assessment": DutyRule(
            Text("考核", "assessment"), article("measures-32").key, "assessment"
        ),
    }
)

DUTY_CLOCKS: Final[tuple[str, ...]] = (
    *sorted({rule.clock_for(one) for rule in DUTIES.values() for one in CLASSES}),
    EXTENSION_CLOCK,
)
"""Every clock that a period of a duty may run by."""


def owed(
    category: Category, supervision_class: SupervisionClass, policy: Policy
) -> tuple[DutyKind, ...]:
    """Return what a person of a category and class owes under a policy."""
    return tuple(
        kind
        for kind, rule in DUTIES.items()
        if category in rule.categories and rule.wanted(supervision_class, policy) > 0
    )
