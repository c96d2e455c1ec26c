"""Outcome events as docs/wire/uplink-v1.md says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from server.alerts.lifecycle import Change

_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
_EventId = Annotated[str, Field(min_length=1, max_length=128)]


class OutcomeData(BaseModel):
    """What the engine found."""

    model_config = ConfigDict(frozen=True)

    entry_seq: Annotated[int, Field(ge=1)]
    episode: _EventId
    change: Change
    org: _Id
    rule: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    severity: Literal["critical", "major", "minor"]
    subject: _Id
    device: _Id
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
    subject: _Id
    time: AwareDatetime
    data: OutcomeData

    @model_validator(mode="after")
    def _is_consistent(self) -> "OutcomeEvent":
        if self.type != f"guitu.outcome.v1.{self.data.change}":
            raise ValueError(f"type {self.type} does not go with change {self.data.change}")
        if self.subject != self.data.subject:
            raise ValueError("subject differs from data.subject")
        return self


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
