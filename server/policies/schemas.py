"""Bodies of the policy calls."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from server.schema import Strict, Words

Source = Annotated[
    str,
    Field(
        min_length=4,
        max_length=400,
        description="the document that sets it, with its number",
        examples=["浙司〔2026〕12号"],
    ),
]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,79}$")]


class ParameterInfo(BaseModel):
    """A figure that the law leaves open, or that is unverified."""

    name: str
    value: int
    unit: str
    article: str
    status: str
    source: str
    text: Words
    low: int
    high: int


class PolicyInfo(BaseModel):
    """The figures in force."""

    version: str
    at: datetime
    parameters: list[ParameterInfo]


class PolicyEntry(Strict):
    """What an organisation sets for itself and those below it, instead of what it set before."""

    overrides: Annotated[
        dict[Name, int],
        Field(max_length=200, examples=[{"report_interval_days_general": 7}]),
    ]
    source: Source
    valid_from: Annotated[
        AwareDatetime | None, Field(description="now if none; never in the past")
    ] = None


class HolidayEntry(Strict):
    """The State Council's arrangement of a year's days off (放假安排)."""

    year: Annotated[int, Field(ge=2020, le=2099)]
    off: Annotated[list[date], Field(max_length=60, description="without work, weekends aside")]
    worked: Annotated[list[date], Field(max_length=60, description="days of weekends with work")]
    source: Source
