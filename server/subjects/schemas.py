"""Answers of the subject calls, as docs/http.md says."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from server.cases.standing import Category, Stage
from server.cases.work_schemas import Class
from server.scoring.schemas import ScoreInfo


class SubjectSummary(BaseModel):
    """A line of the list; `is_wearing`: an order is in force and a device is bound."""

    id: str
    name: str
    category: Category
    is_minor: bool
    is_wearing: bool
    org: str
    stage: Stage
    supervision_class: Class | None


class OrderInfo(BaseModel):
    """The order in force: ground 1 to 5 of Art. 29."""

    id: str
    ground: int
    valid_from: datetime
    valid_to: datetime


class BoundDevice(BaseModel):
    """A device that the person has now."""

    device: str
    kind: str


class BoundFence(BaseModel):
    """A fence that binds the person now."""

    fence: str
    version: int
    name: str
    use: Literal["inclusion", "exclusion", "curfew", "route", "leave"]


class Subject(SubjectSummary):
    """The file; `score` is null for roles that do not see it."""

    term_from: date
    term_to: date
    order: OrderInfo | None
    devices: list[BoundDevice]
    fences: list[BoundFence]
    score: ScoreInfo | None


class SubjectPage(BaseModel):
    """A page of subjects, wearers first."""

    items: list[SubjectSummary]
    next_cursor: str | None


class PositionSpan(BaseModel):
    """What one hour or one day of Beijing time says; a box in 1e-6 degrees WGS-84.

    The box and the times are absent where no report had a place.
    """

    begin: datetime
    reports: int
    places: int
    first_place_time: datetime | None
    last_place_time: datetime | None
    west: int | None
    south: int | None
    east: int | None
    north: int | None
    speed_max_mps: float | None
    battery_min_pct: int | None


class PositionSpans(BaseModel):
    """Spans that have reports, in order of time."""

    by: Literal["hour", "day"]
    spans: list[PositionSpan]


class Track(BaseModel):
    """Raw fixes in fix-time order; `lon` and `lat` in 1e-6 degrees WGS-84."""

    fix_time_ms: list[int]
    lon: list[int]
    lat: list[int]
    accuracy_m: list[float | None]
    speed_mps: list[float | None]
    device: list[str]
    backlog: list[bool]
    truncated: bool
