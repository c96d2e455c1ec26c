"""Bodies and answers of calls on groups, as docs/http-alerts.md says."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from server.alerts.lifecycle import Severity, State
from server.alerts.schemas import AlertGroup, Note
from server.schema import Strict


class GroupAct(Strict):
    """The same for all that wait in a group. A fact is confirmed one by one."""

    action: Literal["acknowledge", "resolve", "shelve"]
    verdict: Literal["false", "technical", "excused"] | None = None
    until: Annotated[AwareDatetime | None, Field(description="end of a shelving")] = None
    note: Note

    @model_validator(mode="after")
    def _says_what_it_wants(self) -> "GroupAct":
        if (self.action == "resolve") is (self.verdict is None):
            raise ValueError("verdict goes with resolve, and resolve wants one")
        if (self.action == "shelve") is (self.until is None):
            raise ValueError("until goes with shelve, and shelve wants one")
        return self


class MemberOutcome(BaseModel):
    """What became of one member: done, or the problem that kept it as it was."""

    id: str
    status: int
    problem: dict[str, Any] | None


class LeftOut(BaseModel):
    """A call for help, a strap or a case that waits about the same people: it is in no group."""

    id: str
    rule: str
    severity: Severity
    state: State
    raised_at: datetime


class GroupOutcomes(BaseModel):
    """What an act on a group came to; `more`: members wait that were too many for one act."""

    group: AlertGroup
    items: list[MemberOutcome]
    left_out: list[LeftOut]
    more: bool
