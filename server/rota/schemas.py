"""Bodies and answers of the rota, as docs/http-rota.md says."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from server.rota.on_duty import Post
from server.schema import Strict

Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
AbsenceKind = Literal["leave", "sick", "training", "other"]


class NewShift(Strict):
    """One person's turn."""

    login: Login
    post: Post
    begins_at: Annotated[
        AwareDatetime | None, Field(description="now if none; never in the past")
    ] = None
    ends_at: AwareDatetime


class NewShifts(Strict):
    """Turns of one organisation, all entered or none."""

    org: Annotated[str | None, Field(max_length=40, description="the own if none")] = None
    shifts: Annotated[list[NewShift], Field(min_length=1, max_length=200)]


class ShiftInfo(BaseModel):
    """A turn; one that was cut short holds until `cancelled_at`."""

    id: str
    version: int
    org: str
    login: str
    name: str | None
    post: Post
    begins_at: datetime
    ends_at: datetime
    entered_by: str
    entered_at: datetime
    cancelled_by: str | None
    cancelled_at: datetime | None


class ShiftList(BaseModel):
    """Turns, the earliest first."""

    items: list[ShiftInfo]


class NewAbsence(Strict):
    """Somebody is away."""

    login: Annotated[Login | None, Field(description="the own if none")] = None
    kind: AbsenceKind
    begins_at: Annotated[
        AwareDatetime | None, Field(description="now if none; never in the past")
    ] = None
    ends_at: AwareDatetime
    substitute: Annotated[Login | None, Field(description="who takes the person's shifts")] = None


class AbsenceInfo(BaseModel):
    """An absence; one that ended earlier holds until `ended_at`."""

    id: str
    version: int
    org: str
    login: str
    name: str | None
    kind: AbsenceKind
    begins_at: datetime
    ends_at: datetime
    substitute: str | None
    entered_by: str
    entered_at: datetime
    ended_by: str | None
    ended_at: datetime | None


class RotaInfo(BaseModel):
    """What is planned of one organisation; `truncated`: ask for a shorter time."""

    org: str
    begin: datetime
    end: datetime
    shifts: list[ShiftInfo]
    absences: list[AbsenceInfo]
    truncated: bool


class OnDutyInfo(BaseModel):
    """Somebody on duty; `stands_in_for` is whose turn it is, if not the own."""

    login: str
    name: str | None
    post: Post
    shift: str
    until: datetime
    stands_in_for: str | None


class OnDutyList(BaseModel):
    """Who is on duty at an instant; nobody: the rota is empty then."""

    org: str
    at: datetime
    items: list[OnDutyInfo]


class NewHandover(Strict):
    """What the next shift must know (交接班记录)."""

    note: Annotated[str, Field(min_length=2, max_length=4000, pattern=r"\S")]


class Signature(Strict):
    """I have taken over."""

    remark: Annotated[str | None, Field(max_length=2000)] = None


class OpenAlert(BaseModel):
    """An alert that was open when a shift ended."""

    id: str
    rule: str
    severity: str
    state: str
    assigned_to: str | None


class HandoverInfo(BaseModel):
    """A hand-over note with the alerts that were open then; signed by the next shift."""

    id: str
    version: int
    org: str
    shift: str
    note: str
    open_alerts: list[OpenAlert]
    written_by: str
    written_at: datetime
    signed_by: str | None
    signed_at: datetime | None
    remark: str | None


class HandoverPage(BaseModel):
    """Hand-over notes, newest first."""

    items: list[HandoverInfo]
    next_cursor: str | None
