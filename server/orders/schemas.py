"""Bodies and answers of the order calls."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from server.schema import Strict

Text = Annotated[str, Field(min_length=4, max_length=2000)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Months = Annotated[int, Field(ge=1, le=36, description="calendar months; the law says how many")]
ApplicationState = Literal["applied", "approved", "refused", "withdrawn"]


class Reference(Strict):
    """Something in the record that shows the ground, of the same person."""

    kind: Literal["alert", "fact", "act", "document"]
    id: Annotated[str, Field(min_length=1, max_length=80)]


class NewApplication(Strict):
    """An application for a positioning order, or to extend one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": "s-4k2m9q",
                    "ground": 2,
                    "reason": "未经批准离开所居住的县三日，无正当理由",
                    "evidence": [{"kind": "alert", "id": "5f1c0e"}],
                    "months": 3,
                }
            ]
        },
    )

    subject: Id
    ground: Annotated[int, Field(ge=1, le=5, description="one of the five of Art. 29")]
    reason: Text
    evidence: Annotated[list[Reference], Field(min_length=1, max_length=50)]
    months: Months
    extends: Annotated[Id | None, Field(description="the order that it continues")] = None


class Approval(Strict):
    """An approval; fewer months than asked for, or none said: as asked."""

    months: Months | None = None
    reason: Annotated[str | None, Field(max_length=2000)] = None


class Reason(Strict):
    """Why."""

    reason: Annotated[str, Field(min_length=4, max_length=600)]


class Notice(Strict):
    """That the person was told of term, requirements and consequences (告知)."""

    happened_time: AwareDatetime | None = None
    method: Literal["in_person", "video", "guardian"] = "in_person"
    note: Annotated[str | None, Field(max_length=500)] = None


class NewAssessment(Strict):
    """Whether the order is still needed."""

    conclusion: Literal["extend", "keep", "lift"]
    text: Annotated[str, Field(min_length=4, max_length=4000)]


class NewBinding(Strict):
    """Whom a wristband is put on."""

    subject: Id


class ApplicationInfo(BaseModel):
    """An application; `order`: the order that its approval made."""

    id: str
    version: int
    org: str
    subject: str
    ground: int
    reason: str
    evidence: list[Reference]
    months: int
    extends: str | None
    applied_by: str
    applied_org: str
    applied_at: datetime
    state: ApplicationState
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    order: str | None


class ApplicationPage(BaseModel):
    """Applications, newest first."""

    items: list[ApplicationInfo]
    next_cursor: str | None


class OrderInfo(BaseModel):
    """An order; `ends_at` is the earlier of its end and its lifting."""

    id: str
    version: int
    org: str
    subject: str
    ground: int
    approved_by: str
    approved_at: datetime
    valid_from: datetime
    valid_to: datetime
    ends_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None
    notified_at: datetime | None
    application: str | None
    extends: str | None


class AssessmentInfo(BaseModel):
    """An assessment of an order."""

    id: str
    conclusion: str
    text: str
    assessed_by: str
    assessed_at: datetime


class OrderFile(OrderInfo):
    """An order with its assessments, newest first."""

    assessments: list[AssessmentInfo]


class OrderPage(BaseModel):
    """Orders, the one that ends last first."""

    items: list[OrderInfo]
    next_cursor: str | None


class GatewayTook(BaseModel):
    """Since when a gateway works by the directory that a lifting made; null: not yet."""

    gateway: str
    version: int | None
    taken_at: datetime | None


class Destruction(BaseModel):
    """What was destroyed and why: positions, and places in what proves alerts and facts."""

    reason: str
    from_time: datetime
    to_time: datetime
    report_count: int
    alert_count: int
    fact_count: int
    at: datetime


class OrderProof(BaseModel):
    """What proves that nothing was tracked after an order's end."""

    order: OrderInfo
    directory_version: int | None
    gateways: list[GatewayTook]
    destroyed: list[Destruction]


class BindingInfo(BaseModel):
    """Who has a wristband, under which order."""

    device: str
    subject: str
    order: str
    valid_from: datetime
    valid_to: datetime | None
