"""Outcome events as docs/wire/uplink-v1.md says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from server.alerts.lifecycle import Category, Change

_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
_IdOrNone = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,40}$")]
_EventId = Annotated[str, Field(min_length=1, max_length=128)]


class Title(BaseModel):
    """What a rule is called."""

    model_config = ConfigDict(frozen=True)

    zh: Annotated[str, Field(max_length=200)]
    en: Annotated[str, Field(max_length=200)]


class Explanation(BaseModel):
    """Why an outcome came, complete without a look-up."""

    model_config = ConfigDict(frozen=True)

    zh: Annotated[str, Field(max_length=4_000)]
    en: Annotated[str, Field(max_length=4_000)]


class OutcomeData(BaseModel):
    """What the engine found; no subject: about the organisation, no device: none decided."""

    model_config = ConfigDict(frozen=True)

    entry_seq: Annotated[int, Field(ge=1)]
    episode: _EventId
    change: Change
    org: _Id
    rule: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    severity: Literal["critical", "major", "minor"]
    category: Category = "violation"
    title: Title | None = None
    explanation: Explanation | None = None
    subject: _IdOrNone
    device: _IdOrNone
    fence: _Id | None
    fence_version: Annotated[int, Field(ge=1)] | None
    begin_time: AwareDatetime
    end_time: AwareDatetime | None
    late: bool
    evidence: dict[str, Any]


class OutcomeEvent(BaseModel):
    """A CloudEvent around it."""

    model_config = ConfigDict(frozen=True)

    specversion: Literal["1.0"]
    id: _EventId
    source: Annotated[str, Field(min_length=1, max_length=200)]
    type: Annotated[str, Field(pattern=r"^guitu\.outcome\.v1\.[a-z]+$")]
    subject: _IdOrNone = ""
    time: AwareDatetime
    data: OutcomeData

    @model_validator(mode="after")
    def _is_consistent(self) -> "OutcomeEvent":
        if self.type != f"guitu.outcome.v1.{self.data.change}":
            raise ValueError(f"type {self.type} does not go with change {self.data.change}")
        if self.subject != self.data.subject:
            raise ValueError("subject differs from data.subject")
        return self


class LocalData(BaseModel):
    """A gateway told a terminal on duty of an alert by itself, or the terminal's person saw it."""

    model_config = ConfigDict(frozen=True)

    entry_seq: Annotated[int, Field(ge=1)]
    episode: _Id
    change: Literal["told", "seen"]
    org: _Id
    device: _Id
    at: AwareDatetime


class LocalEvent(BaseModel):
    """A CloudEvent around it."""

    model_config = ConfigDict(frozen=True)

    specversion: Literal["1.0"]
    id: _EventId
    source: Annotated[str, Field(min_length=1, max_length=200)]
    type: Annotated[str, Field(pattern=r"^guitu\.local\.v1\.[a-z]+$")]
    time: AwareDatetime
    data: LocalData

    @model_validator(mode="after")
    def _is_consistent(self) -> "LocalEvent":
        if self.type != f"guitu.local.v1.{self.data.change}":
            raise ValueError(f"type {self.type} does not go with change {self.data.change}")
        return self


class MediaData(BaseModel):
    """A recorder announced a recording."""

    model_config = ConfigDict(frozen=True)

    entry_seq: Annotated[int, Field(ge=1)]
    org: _Id
    device: _Id
    media: _Id
    media_type: Literal["image", "audio", "video", "other"]
    begin_time: AwareDatetime
    end_time: AwareDatetime
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size_bytes: Annotated[int, Field(ge=1, le=2**40)]
    officer: _Id | None
    case: _Id | None
    at: AwareDatetime

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "MediaData":
        if self.end_time < self.begin_time:
            raise ValueError("end_time is before begin_time")
        return self


class MediaEvent(BaseModel):
    """A CloudEvent around it."""

    model_config = ConfigDict(frozen=True)

    specversion: Literal["1.0"]
    id: _EventId
    source: Annotated[str, Field(min_length=1, max_length=200)]
    type: Literal["guitu.media.v1.announced"]
    time: AwareDatetime
    data: MediaData


class CheckInData(BaseModel):
    """A gateway judged an attempt to check in."""

    model_config = ConfigDict(frozen=True)

    entry_seq: Annotated[int, Field(ge=1)]
    org: _Id
    device: _Id
    subject: _Id
    attempt: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    challenge_time: AwareDatetime
    response_time: AwareDatetime
    received_at: AwareDatetime
    verdict: Literal["match", "no_match", "inconclusive"]
    causes: Annotated[
        list[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]], Field(max_length=16)
    ]
    capture: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


class CheckInEvent(BaseModel):
    """A CloudEvent around it."""

    model_config = ConfigDict(frozen=True)

    specversion: Literal["1.0"]
    id: _EventId
    source: Annotated[str, Field(min_length=1, max_length=200)]
    type: Literal["guitu.checkin.v1.judged"]
    time: AwareDatetime
    data: CheckInData


CHECKIN_EVENTS: TypeAdapter[list[CheckInEvent]] = TypeAdapter(list[CheckInEvent])
MEDIA_EVENTS: TypeAdapter[list[MediaEvent]] = TypeAdapter(list[MediaEvent])
LOCAL_EVENTS: TypeAdapter[list[LocalEvent]] = TypeAdapter(list[LocalEvent])
OUTCOME_EVENTS: TypeAdapter[list[OutcomeEvent]] = TypeAdapter(list[OutcomeEvent])


class Taken(BaseModel):
    """Through which journal entry a stream has been taken, and how many of the batch were refused.

    `quarantined` is absent when it is 0.
    """

    through: int
    quarantined: int = 0


class Marks(BaseModel):
    """Both streams' marks."""

    outcomes: int
    telemetry: int


@dataclass(frozen=True, slots=True)
class Taking:
    """What became of a batch: the metrics' word, new rows, and refused ones by reason."""

    result: Literal["taken", "repeated"]
    count: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
