"""Bodies and answers of the calls on trials, as docs/scoring.md says."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from server.schema import Strict
from server.scoring.policy import Grade
from server.trends.schemas import Hidden, WatchFigure

Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-10"])]


class NewTrial(Strict):
    """Over which months that are over a draft is tried, and on whose people."""

    since: Month
    until: Month
    org: Annotated[str | None, Field(max_length=40, description="with those below it; yours")] = (
        None
    )


class NewWhatIf(NewTrial):
    """The same of a policy that nobody has proposed yet."""

    content: Annotated[str, Field(min_length=1, max_length=262_144)]


class TrialPolicy(BaseModel):
    """Which draft was tried, and the digest of its text."""

    version: str
    sha256: str


class IndicatorChange(BaseModel):
    """An indicator that moved people, for how many, and by how much on average."""

    indicator: str
    zh: str
    en: str
    people: int
    mean: float


class Interval(BaseModel):
    """A difference and its 95 % interval."""

    value: float
    low: float
    high: float


class GroupFigures(BaseModel):
    """What a draft does to one group; null where it is hidden."""

    group: str
    hidden: Hidden
    people: int | None = None
    mean_before: float | None = None
    mean_after: float | None = None
    good_before: Annotated[float | None, Field(description="share of green and blue")] = None
    good_after: float | None = None
    better: int | None = None
    worse: int | None = None
    gap: Annotated[Interval | None, Field(description="mean less the others', bootstrap")] = None
    share: Annotated[Interval | None, Field(description="good less the others', Newcombe")] = None
    ratio: Annotated[float | None, Field(description="of good to the best group's")] = None


class AttributeFigures(BaseModel):
    """Groups by one attribute."""

    attribute: Literal["sex", "age", "category", "org"]
    zh: str
    en: str
    groups: list[GroupFigures]


class TrialWarning(BaseModel):
    """A difference that whoever signs has to acknowledge."""

    code: Literal["share_ratio", "mean_gap"]
    attribute: str
    group: str
    zh: str
    en: str


class TrialFigures(BaseModel):
    """What a draft would have done; null where people are too few."""

    format: Literal["guitu-score-trial/1"]
    policy: TrialPolicy
    org: str
    since: str
    until: str
    parameters: list[WatchFigure]
    people: int | None
    moved: int | None
    better: int | None
    worse: int | None
    matrix: dict[Grade, dict[Grade, int]] | None
    mean_before: float | None
    mean_after: float | None
    indicators: list[IndicatorChange]
    fairness: list[AttributeFigures]
    warnings: list[TrialWarning]


class IndicatorReason(BaseModel):
    """How many points an indicator counts more or less."""

    indicator: str
    zh: str
    en: str
    points: float


class Mover(BaseModel):
    """Somebody who would move between grades, and why; no reason: limits or starting points."""

    subject: str
    org: str
    from_grade: Grade
    to_grade: Grade
    before: float
    after: float
    reasons: list[IndicatorReason]


class WhatIf(BaseModel):
    """A trial that was not kept; 200 who would move at most, the greatest change first."""

    figures: TrialFigures
    movers: list[Mover]


class TrialRow(BaseModel):
    """A trial that was kept; `sha256` is of its figures, as the signer names it."""

    id: str
    policy: str
    of_org: str
    sha256: str
    warnings: int
    made_by: str
    made_at: datetime


class TrialInfo(TrialRow):
    """With its figures."""

    figures: TrialFigures


class TrialRows(BaseModel):
    """A policy's trials, the newest first; 100 at most."""

    items: list[TrialRow]


class Movers(BaseModel):
    """Who would move, by id; 2,000 with the greatest change are kept."""

    items: list[Mover]
    next_cursor: str | None
