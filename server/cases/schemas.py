"""Bodies and answers of reception, release and the whole file."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from server.cases.group import Sex
from server.cases.lifecycle import Ground, Reason, Step
from server.cases.standing import Category, Stage
from server.schema import Strict

Note = Annotated[str, Field(min_length=4, max_length=2000)]
Line = Annotated[str, Field(min_length=1, max_length=200)]
Address = Annotated[str, Field(min_length=4, max_length=400)]
Phone = Annotated[str, Field(pattern=r"^[0-9+() -]{5,40}$")]
IdentityNumber = Annotated[str, Field(pattern=r"^[0-9A-Za-z()-]{5,40}$")]
OrgId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


class NewSubject(Strict):
    """A person who is received (接收); dates as the documents say."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "org": "office-1",
                    "name": "赵六",
                    "category": "probation",
                    "sex": "male",
                    "birth_date": "1990-05-01",
                    "offence_date": "2025-11-03",
                    "judged_on": "2026-09-01",
                    "effective_on": "2026-09-12",
                    "term_from": "2026-09-12",
                    "term_to": "2028-09-11",
                    "judgment_number": "（2026）浙0101刑初1号",
                    "deciding_body": "青溪县人民法院",
                    "residence": "青溪县城关镇人民路1号",
                }
            ]
        },
    )

    org: OrgId
    name: Annotated[str, Field(min_length=1, max_length=100)]
    category: Category
    sex: Sex
    birth_date: date
    offence_date: date
    judged_on: date
    effective_on: date
    term_from: date
    term_to: date
    judgment_number: Annotated[str, Field(min_length=1, max_length=100)]
    deciding_body: Line
    residence: Address
    crime: Annotated[str, Field(max_length=200)] | None = None
    identity_number: IdentityNumber | None = None
    phone: Phone | None = None
    procuratorate: Line | None = None
    police: Line | None = None
    is_sealed: bool = False


class ChangedFile(Strict):
    """What of a file may change; what is absent stays."""

    phone: Phone | None = None
    residence: Address | None = None
    procuratorate: Line | None = None
    police: Line | None = None


class NewStep(Strict):
    """A step of reception or release, with its time as claimed."""

    step: Step
    happened_time: AwareDatetime | None = None
    note: Note | None = None


class Release(Strict):
    """Release (解除矫正): upon expiry, on its day at the earliest, or upon a pardon."""

    ground: Ground
    instrument: Line | None = None

    @model_validator(mode="after")
    def _pardon_names_its_order(self) -> Self:
        if self.ground == "pardoned" and self.instrument is None:
            raise ValueError("instrument: a pardon names the order that it rests on")
        return self


class Termination(Strict):
    """Termination (终止矫正), by another body's decision or by death."""

    reason: Reason
    instrument: Line
    decided_on: date


class Stood(BaseModel):
    """Where a person stands now; `version` is the ETag."""

    subject: str
    org: str
    category: Category
    stage: Stage
    is_minor: bool
    is_sealed: bool
    term_from: date
    term_to: date
    version: int


class Released(Stood):
    """A release; `without`: steps that should have come before, and papers that wait."""

    without: list[str]


class ArchiveInfo(BaseModel):
    """A closed archive: its items and the SHA-256 over its list, one item a line."""

    subject: str
    closed_by: str
    closed_at: datetime
    items: int
    sha256: str
    list: list[str]


class FileInfo(Stood):
    """A whole file; `is_masked`: number, telephones, residence and contacts are."""

    name: str
    is_masked: bool
    org_name: str
    sex: Sex | None
    birth_date: date | None
    offence_date: date | None
    identity_number: str | None
    phone: str | None
    residence: str | None
    crime: str | None
    judgment_number: str | None
    judged_on: date | None
    effective_on: date | None
    deciding_body: str | None
    procuratorate: str | None
    police: str | None
    ended_at: datetime | None
    end_reason: str | None
    supervision_class: str | None
    steps: list[dict[str, Any]]
    group: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    prohibitions: list[dict[str, Any]]
    plan: dict[str, Any] | None
    plan_reviews: list[dict[str, Any]]
    class_proposals: list[dict[str, Any]]
    exit_ban: dict[str, Any] | None
    identity_checks: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    deadlines: list[dict[str, Any]]
