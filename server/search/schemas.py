"""Bodies and answers of the search calls, as docs/http-duties.md says."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from server.schema import Strict
from server.search.lifecycle import CloseReason, Kind, Means, Result, State

Said = Annotated[str, Field(min_length=2, max_length=2000, pattern=r"\S")]


class NewSearch(Strict):
    """Somebody is out of supervision."""

    kind: Kind
    absent_since: Annotated[AwareDatetime, Field(description="contact lost, or report due")]
    alert: Annotated[str | None, Field(max_length=200, description="the alert that told")] = None
    note: Annotated[Said, Field(examples=["电话关机，家属称前一日晚离家未归"])]


class NewStep(Strict):
    """What was done to find the person, when, with what result."""

    means: Means
    result: Result
    happened_time: AwareDatetime
    note: Annotated[Said, Field(examples=["到居住地查访，邻居称三日未见"])]


class Found(Strict):
    """The person was found, or came back."""

    found_time: AwareDatetime
    circumstances: Annotated[Said, Field(examples=["在邻县姐姐家中找到，称外出探亲"])]
    has_proper_reason: bool = False


class Closing(Strict):
    """The search ends without the person."""

    reason: CloseReason
    circumstances: Said


class Notice(Strict):
    """What the notice (查找通知书) says beyond the record."""

    officer: Annotated[str, Field(min_length=1, max_length=100, examples=["李四"])]
    phone: Annotated[str, Field(min_length=3, max_length=60, examples=["0000-1234567"])]
    description: Annotated[str | None, Field(max_length=300)] = None
    whereabouts: Annotated[str | None, Field(max_length=300)] = None
    mobile: Annotated[str | None, Field(max_length=60)] = None


class StepInfo(BaseModel):
    """A step of a search."""

    id: int
    means: Means
    result: Result
    happened_time: datetime
    note: str
    by_login: str
    noted_at: datetime


class SearchInfo(BaseModel):
    """A search; `absence_days` are legal days after the first, until found or as of now."""

    id: str
    org: str
    subject: str
    kind: Kind
    absent_since: datetime
    source_kind: Literal["officer", "deadline", "alert"]
    source_id: str | None
    note: str
    opened_by: str | None
    opened_at: datetime
    state: State
    found_time: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    circumstances: str | None
    has_proper_reason: bool | None
    close_reason: CloseReason | None
    absence_days: int | None
    finding: str | None
    document: str | None
    version: int


class SearchWhole(SearchInfo):
    """A search with its steps, and the thresholds that the absence has passed."""

    steps: list[StepInfo]
    is_more_than_ten_days: bool
    is_more_than_a_month: bool


class SearchPage(BaseModel):
    """Searches, the newest first."""

    items: list[SearchInfo]
    next_cursor: str | None


class Hint(BaseModel):
    """What hints that somebody is missing: an alert's rule, or a clock that lapsed."""

    source_kind: Literal["alert", "deadline"]
    source_id: str
    subject: str
    about: str
    since: datetime


class Hints(BaseModel):
    """The oldest first."""

    items: list[Hint]
    next_cursor: str | None
