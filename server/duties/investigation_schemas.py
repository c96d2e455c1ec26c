"""Bodies and answers of the investigation calls, as docs/http-duties.md says."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from server.schema import Strict

InvestigationState = Literal["received", "reported", "answered", "closed", "withdrawn"]
Commissioner = Literal["court", "procuratorate", "police", "prison", "investigator"]
Opinion = Literal["suitable", "unsuitable"]
_Part = Annotated[str | None, Field(max_length=800)]


class NewInvestigation(Strict):
    """A commission (委托函) as it came."""

    commissioner_kind: Commissioner
    commissioner: Annotated[str, Field(min_length=2, max_length=100, examples=["青溪县人民法院"])]
    number: Annotated[
        str, Field(min_length=1, max_length=80, examples=["（2026）青溪刑委字第21号"])
    ]
    name: Annotated[str, Field(min_length=1, max_length=100, description="of the person")]
    is_fast: Annotated[bool, Field(description="速裁程序: five working days instead of ten")] = (
        False
    )
    received_time: AwareDatetime
    office: Annotated[str | None, Field(max_length=40, description="who shall investigate")] = None


class Extension(Strict):
    """协商延长: agreed with who commissioned it."""

    agreement: Annotated[
        str, Field(min_length=4, max_length=500, examples=["与法院承办人电话商定"])
    ]


class Report(Strict):
    """What the investigation found."""

    home: Annotated[str, Field(min_length=2, max_length=800)]
    family: Annotated[str, Field(min_length=2, max_length=800)]
    conduct: _Part = None
    consequences: _Part = None
    views: _Part = None
    danger: _Part = None
    impact: _Part = None
    prohibitions: Annotated[list[str], Field(max_length=20, default_factory=list)]
    opinion: Opinion
    opinion_text: Annotated[str, Field(min_length=4, max_length=2000)]


class Answering(Strict):
    """The county's answer: the opinion is issued, or the report goes back."""

    outcome: Literal["answered", "returned"]
    note: Annotated[str, Field(max_length=500)] = ""


class Adoption(Strict):
    """Whether who commissioned it followed the opinion, as its paper says."""

    adoption: Literal["adopted", "not_adopted"]
    happened_time: AwareDatetime
    note: Annotated[str, Field(max_length=500)] = ""


class Withdrawal(Strict):
    """The commission was taken back."""

    note: Annotated[str, Field(min_length=2, max_length=500)]


class InvestigationInfo(BaseModel):
    """An investigation, worked on by `org`; `due_at` is 24:00 of its last working day."""

    id: str
    org: str
    county: str
    commissioner_kind: Commissioner
    commissioner: str
    number: str
    name: str
    is_fast: bool
    received_time: datetime
    due_at: datetime
    extended_to: datetime | None
    extension: str | None
    state: InvestigationState
    report: dict[str, Any] | None
    opinion: Opinion | None
    reported_by: str | None
    reported_at: datetime | None
    answered_by: str | None
    answered_at: datetime | None
    is_late: bool | None
    document: str | None
    adoption: Literal["adopted", "not_adopted"] | None
    adoption_time: datetime | None
    adoption_note: str | None
    entered_by: str
    entered_at: datetime
    version: int


class InvestigationPage(BaseModel):
    """Investigations, the newest first."""

    items: list[InvestigationInfo]
    next_cursor: str | None


class Statistics(BaseModel):
    """Of those commissioned in a time; `adoption_rate` is adopted of told, null without any."""

    commissioned: int
    answered: int
    late: int
    told: int
    adopted: int
    adoption_rate: float | None
