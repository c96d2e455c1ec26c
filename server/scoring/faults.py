"""What is wrong with a scoring policy, and where."""

from dataclasses import asdict, dataclass
from typing import Literal

FaultKind = Literal[
    "syntax",
    "missing",
    "unknown_key",
    "wrong_value",
    "missing_text",
    "wrong_count",
    "repeated",
    "unknown_fact",
    "fact_twice",
    "excluded_input",
    "missing_exclusion",
    "cap_below_step",
    "overlapping_grades",
    "wrong_bounds",
    "wrong_total",
    "wrong_sign",
    "wrong_unit",
    "wrong_treatment",
]


@dataclass(frozen=True, slots=True, order=True)
class PolicyFault:
    """A fault of a policy.

    Attributes:
        line: Of the file, from 1.
        column: Of the line, from 1.
    """

    line: int
    column: int
    kind: FaultKind
    zh: str
    en: str

    def described(self) -> dict[str, str | int]:
        """Return it for JSON."""
        return asdict(self)
