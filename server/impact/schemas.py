"""Bodies and answers of the impact-assessment register."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.schema import Strict

State = Literal["made", "approved", "refused", "replaced"]
_Long = Annotated[str, Field(min_length=4, max_length=4000)]


class NewImpact(Strict):
    """An assessment of one processing activity; another person reviews it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "activity": "电子定位：采集和比对行踪轨迹",
                    "article": "law-29",
                    "purpose": "执行经批准的电子定位决定，防止脱离监管",
                    "risk": "行踪轨迹属敏感个人信息；泄露可能危及本人和受保护人",
                    "risk_level": "high",
                    "measures": "仅在决定期限内采集；加密存储；查询须说明目的并留痕",
                    "valid_until": "2027-06-30",
                }
            ]
        }
    )

    activity: Annotated[str, Field(min_length=4, max_length=200)]
    article: Annotated[str, Field(pattern=r"^[a-z]{1,20}-[0-9]{1,4}$")]
    purpose: Annotated[str, Field(min_length=4, max_length=2000)]
    risk: _Long
    risk_level: Literal["low", "medium", "high"]
    measures: _Long
    valid_until: date


class ImpactReview(Strict):
    """Whether the assessment stands, and what the reviewer says of it."""

    approve: bool
    note: Annotated[str, Field(min_length=2, max_length=2000)]


class ImpactInfo(BaseModel):
    """An assessment; `lapsed`: approved, and its time is over."""

    id: str
    org: str
    activity: str
    article: str
    purpose: str
    risk: str
    risk_level: Literal["low", "medium", "high"]
    measures: str
    made_by: str
    made_at: datetime
    valid_until: date
    state: State
    reviewed_by: str | None
    reviewed_at: datetime | None
    review_note: str | None
    lapsed: bool
    version: int


class ImpactPage(BaseModel):
    """Assessments, newest first."""

    items: list[ImpactInfo]
    next_cursor: str | None
