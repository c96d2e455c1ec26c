"""考核: what the record of a quarter suggests, as grade and class. Pure.

Grades and classes are the province's (measures-21, measures-32); the figures come from the policy.
A person decides: what is suggested only has to be answered with a reason when it is not followed.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from server.duties.kinds import SupervisionClass
from server.law.days import LegalCalendar
from server.law.policy import Policy

Grade = Literal["good", "qualified", "unqualified"]


@dataclass(frozen=True, slots=True)
class Quarter:
    """What the record says of a person and a period.

    Attributes:
        missed: Duties that lapsed in it.
        penalties: Standing penalties that were decided in it.
        penalties_ever: Standing penalties of the whole term.
        praises: Standing praises that were decided in it.
        hours_lacking: Minutes of education and community work that were owed and not done.
        supervision_class: The class in force.
        in_class_since: Since when.
        term_from: First day of correction.
    """

    missed: int
    penalties: int
    penalties_ever: int
    praises: int
    hours_lacking: int
    supervision_class: SupervisionClass
    in_class_since: date
    term_from: date

    def described(self) -> dict[str, str | int]:
        """Return it as the assessment keeps it."""
        return {
            "missed": self.missed,
            "penalties": self.penalties,
            "penalties_ever": self.penalties_ever,
            "praises": self.praises,
            "minutes_lacking": self.hours_lacking,
            "in_class_since": self.in_class_since.isoformat(),
        }


def suggested_grade(quarter: Quarter) -> Grade:
    """Return the grade that the record suggests.

    Any penalty or lacking education is unqualified; without anything missed it is good.
    """
    if quarter.penalties or quarter.hours_lacking:
        return "unqualified"
    return "good" if not quarter.missed else "qualified"


def suggested_class(
    quarter: Quarter, grade: Grade, today: date, policy: Policy, calendar: LegalCalendar
) -> SupervisionClass:
    """Return the class that the record suggests.

    Strict in the first months, after so many penalties, or when unqualified; lenient after so many
    months in the general class with a good record; from strict the way leads over general.
    """
    first = calendar.add_months(quarter.term_from, policy.number("strict_first_months"))
    is_new = today < first
    is_repeated = quarter.penalties_ever >= policy.number("strict_after_measures")
    if is_new or grade == "unqualified" or (is_repeated and quarter.penalties):
        return "strict"
    if quarter.supervision_class == "strict":
        return "general"
    months = policy.number("lenient_after_months")
    is_proven = today >= calendar.add_months(quarter.in_class_since, months)
    if grade == "good" and (quarter.supervision_class == "lenient" or is_proven):
        return "lenient"
    return "general"
