"""Bodies and answers of plans, classes, exit bans and identity checks."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from server.cases.schemas import Line, Note
from server.schema import Strict

Class = Literal["strict", "general", "lenient"]


class NewPlan(Strict):
    """A plan (矫正方案): what it rests on, and its measures."""

    basis: Annotated[str, Field(min_length=4, max_length=4000)]
    measures: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=1000)]],
        Field(min_length=1, max_length=50),
    ]


class NewPlanReview(Strict):
    """Whether the plan still fits; `to_adjust` asks for another version."""

    outcome: Literal["kept", "to_adjust"]
    note: Note


class PlanInfo(BaseModel):
    """A version of a plan."""

    subject: str
    version: int


class NewClassProposal(Strict):
    """A change of supervision class that is proposed."""

    to_class: Class
    reason: Note


class Decision(Strict):
    """A decision on what somebody else proposed."""

    approve: bool
    note: Note | None = None


class ClassProposal(BaseModel):
    """A proposal to change the supervision class (管理类别)."""

    id: str
    subject: str
    org: str
    from_class: Class | None
    to_class: Class
    reason: str
    state: Literal["proposed", "approved", "refused"]
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    assessment: str | None
    version: int


class ClassProposalPage(BaseModel):
    """Proposals, newest first."""

    items: list[ClassProposal]
    next_cursor: str | None


class ExitBanStep(Strict):
    """A step of the exit-ban filing (不准出境报备): filed, answered, lifting asked, ended."""

    step: Literal["file", "answer", "ask_lifting", "end"]
    instrument: Line
    happened_time: AwareDatetime | None = None


class ExitBan(BaseModel):
    """The exit-ban filing of a person."""

    id: str
    subject: str
    state: Literal["filed", "answered", "lifting", "ended"]
    filed_at: datetime
    answered_at: datetime | None
    lifting_at: datetime | None
    ended_at: datetime | None
    version: int


class NewIdentityCheck(Strict):
    """A regular check that the person is who the file says."""

    outcome: Literal["same", "differs", "not_done"]
    note: Note
    happened_time: AwareDatetime | None = None
