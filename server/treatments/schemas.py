"""Bodies and answers of the calls on rewards and restrictions, as docs/scoring.md says."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from server.schema import Strict, Words
from server.scoring.policy import Grade, TreatmentKind

TreatmentState = Literal["proposed", "lapsed", "set_aside", "in_force", "ended"]
_Note = Annotated[str, Field(min_length=2, max_length=2000, pattern=r"\S")]


class TreatmentObjection(BaseModel):
    """The person's word against a treatment, and its answer."""

    id: str
    words: str
    filed_by: str
    filed_at: datetime
    state: Literal["open", "upheld", "rejected"]
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


class ScoreTreatment(BaseModel):
    """A reward or restriction: why it was proposed, what a person decided, whether it holds."""

    id: str
    org: str
    subject: str
    treatment: str
    kind: TreatmentKind
    text: Words
    reason: Words
    policy_version: str
    since: Annotated[str, Field(description="the first month's end at such a grade")]
    month: Annotated[str, Field(description="the close that proposed it")]
    grade: Grade
    made_at: datetime
    state: TreatmentState
    is_carried_out: Annotated[
        bool, Field(description="in force, and no objection to a restriction waits")
    ]
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    doubted: Annotated[
        str | None, Field(description="the close whose grade speaks for an end of it")
    ]
    doubted_grade: Grade | None
    ended_by: str | None
    ended_at: datetime | None
    end_note: str | None
    objection: TreatmentObjection | None
    version: int


class ScoreTreatments(BaseModel):
    """Treatments, the newest month first."""

    items: list[ScoreTreatment]
    next_cursor: str | None


class OwnTreatments(BaseModel):
    """What was decided for oneself, the newest first; 200 at most."""

    items: list[ScoreTreatment]


class TreatmentDecision(Strict):
    """A person's word on a proposal, with the reason that the person concerned reads."""

    outcome: Literal["in_force", "set_aside"]
    note: _Note


class TreatmentEnding(Strict):
    """A person's word on a treatment in force."""

    outcome: Literal["ended", "kept"]
    note: _Note


class TreatmentWords(Strict):
    """What the person says against it."""

    words: Annotated[str, Field(min_length=2, max_length=4000, pattern=r"\S")]


class TreatmentAnswer(Strict):
    """Answer to an objection: `upheld` lifts a restriction, or gives a reward."""

    outcome: Literal["upheld", "rejected"]
    answer: Annotated[str, Field(min_length=2, max_length=4000, pattern=r"\S")]
