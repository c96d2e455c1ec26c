"""Resident identity numbers (公民身份号码): GB 11643-1999. Pure."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

_NUMBER: Final = re.compile(r"[0-9]{17}[0-9Xx]")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# Clause 4.4: ISO 7064 MOD 11-2.
_CHECKS: Final = "10X98765432"


@dataclass(frozen=True, slots=True)
class Said:
    """What a number says of its holder."""

    birth_date: date
    sex: Literal["male", "female"]


def is_resident_number(number: str) -> bool:
    """Return whether it has the form of one; others are passports and permits."""
    return _NUMBER.fullmatch(number) is not None


def said_by(number: str) -> Said | None:
    """Return what a resident's number says, None when its check digit or date is wrong."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    if _CHECKS[total % 11] != number[17].upper():
        return None
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return Said(born, "male" if int(number[16]) % 2 else "female")
