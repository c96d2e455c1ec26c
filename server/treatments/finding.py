"""What a close proposes of rewards and restrictions, and which in force it doubts. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.scoring.policy import Grade, Policy, Treatment

Row = Mapping[str, Any]
Grades = Mapping[int, Grade]
"""Of a person: by closed month."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What follows from a close; nothing of it applies a treatment.

    Attributes:
        proposed: Treatments for a person's decision, as rows of `score_treatment`.
        lapsed: Ids of proposals whose reason went before anybody decided.
        doubted: Ids of treatments in force whose reason went, with the grade of now.
        sure: Ids of treatments in force that an earlier close doubted, and this one does not.
        over: Ids of treatments in force of people who are not supervised here any more.
    """

    proposed: tuple[dict[str, Any], ...]
    lapsed: tuple[str, ...]
    doubted: tuple[tuple[str, Grade], ...]
    sure: tuple[str, ...]
    over: tuple[str, ...]


def steps(
    people: Mapping[str, Grades], standing: Iterable[Row], month: int, policy: Policy
) -> Steps:
    """Return what a close proposes and doubts.

    Args:
        people: Who is supervised and has a grade at the end of the month, with earlier months.
        standing: Treatments proposed or in force: `id`, `subject_id`, `treatment`, `state`,
            `doubted_month`.
        month: The month that was closed.
        policy: In force then.
    """
    known = {one.id: one for one in policy.treatments}
    taken: set[tuple[str, str]] = set()
    lapsed: list[str] = []
    doubted: list[tuple[str, Grade]] = []
    sure: list[str] = []
    over: list[str] = []
    for row in standing:
        grades, treatment = people.get(row["subject_id"]), known.get(row["treatment"])
        holds = (
            grades is not None
            and treatment is not None
            and since(grades, treatment, month) is not None
        )
        if holds:
            taken.add((row["subject_id"], row["treatment"]))
            if row["doubted_month"] is not None:
                sure.append(row["id"])
        elif row["state"] == "proposed":
            lapsed.append(row["id"])
        elif grades is None:
            over.append(row["id"])
        else:
            taken.add((row["subject_id"], row["treatment"]))
            doubted.append((row["id"], grades[month]))
    proposed = [
        _row(subject, grades, treatment, month, policy)
        for subject, grades in sorted(people.items())
        for treatment in policy.treatments
        if (subject, treatment.id) not in taken and since(grades, treatment, month) is not None
    ]
    return Steps(tuple(proposed), tuple(lapsed), tuple(doubted), tuple(sure), tuple(over))


def since(grades: Grades, treatment: Treatment, month: int) -> int | None:
    """Return from which month on a person kept a treatment's grades; None: not long enough.

    A month without a close breaks the run.
    """
    first = month
    while grades.get(first) in treatment.grades:
        first -= 1
    return first + 1 if month - first >= treatment.months else None


def by_person(rows: Sequence[Row]) -> dict[str, dict[int, Grade]]:
    """Return grades by person and month."""
    people: dict[str, dict[int, Grade]] = {}
    for row in rows:
        people.setdefault(row["subject_id"], {})[row["month"]] = row["grade"]
    return people


def _row(
    subject: str, grades: Grades, treatment: Treatment, month: int, policy: Policy
) -> dict[str, Any]:
    return {
        "subject_id": subject,
        "treatment": treatment.id,
        "kind": treatment.kind,
        "zh": treatment.text.zh,
        "en": treatment.text.en,
        "policy_version": policy.version,
        "since_month": since(grades, treatment, month),
        "month": month,
        "grade": grades[month],
    }
