"""Bodies and answers of the finding calls, as docs/http-measures.md says."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from server.measures.finding import ABSENCES, FindingKind, FindingState, Gravity
from server.measures.kinds import MeasureKind
from server.schema import Strict, Words

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
Said = Annotated[str, Field(min_length=4, max_length=2000, pattern=r"\S")]
EvidenceKind = Literal["finding", "alert", "fact", "act", "document", "measure", "search_step"]


class EvidenceRef(Strict):
    """A thing that proves something; it must be the same person's."""

    kind: EvidenceKind
    id: Id


class NewFinding(Strict):
    """What was noticed; `end_time` only of an absence that is over."""

    kind: FindingKind
    begin_time: Annotated[AwareDatetime, Field(description="when it happened or began")]
    end_time: AwareDatetime | None = None
    description: Annotated[Said, Field(examples=["11月3日、11月10日两次未按规定电话报告"])]
    evidence: Annotated[list[EvidenceRef], Field(max_length=50, default_factory=list)]

    @model_validator(mode="after")
    def _lasts_only_if_an_absence(self) -> "NewFinding":
        if self.end_time is not None and self.kind not in ABSENCES:
            raise ValueError(f"end_time goes with {' and '.join(sorted(ABSENCES))} only")
        if self.end_time is not None and self.end_time < self.begin_time:
            raise ValueError("end_time lies before begin_time")
        return self


class Verification(Strict):
    """What the office found out; `gravity` is wanted for a breach."""

    outcome: Literal["established", "dismissed"]
    gravity: Gravity | None = None
    was_educated: Annotated[bool, Field(description="经教育仍不改正: talked to, in vain")] = False
    has_proper_reason: Annotated[bool, Field(description="有正当理由: then it is no breach")] = (
        False
    )
    end_time: Annotated[AwareDatetime | None, Field(description="when an absence ended")] = None
    verification: Annotated[Said, Field(examples=["电话询问本人和单位，查看考勤，情况属实"])]


class FindingInfo(BaseModel):
    """A finding; `goes_on`: an absence without an end."""

    id: str
    org: str
    subject: str
    kind: FindingKind
    begin_time: datetime
    end_time: datetime | None
    description: str
    evidence: list[EvidenceRef]
    state: FindingState
    gravity: Gravity | None
    was_educated: bool
    has_proper_reason: bool
    verification: str | None
    missing: str | None
    reported_by: str | None
    reported_at: datetime
    verified_by: str | None
    verified_at: datetime | None
    version: int


class FindingPage(BaseModel):
    """Findings, the newest first."""

    items: list[FindingInfo]
    next_cursor: str | None


class GroundInfo(BaseModel):
    """A ground that is fulfilled; `status` says whether the article's text was read."""

    key: str
    measure: MeasureKind
    article: str
    status: str
    text: Words


class Grounds(BaseModel):
    """Which measures a finding allows now, the lightest first; `absence_days` of an absence."""

    items: list[GroundInfo]
    absence_days: int | None
