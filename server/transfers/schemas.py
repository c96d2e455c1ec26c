"""Bodies and answers of the transfer calls."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from server.schema import Strict
from server.transfers.lifecycle import State

_Org = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
_Note = Annotated[str, Field(min_length=4, max_length=2000)]


class NewTransfer(Strict):
    """An application to serve the term in another county (执行地变更)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "to_county": "county-b",
                    "reason": "随配偶迁居，已购房",
                    "address": "安平县中山路2号",
                    "move_on": "2027-02-01",
                }
            ]
        },
    )

    to_county: _Org
    reason: _Note
    address: Annotated[str, Field(min_length=4, max_length=200)]
    move_on: date


class Said(Strict):
    """What is said with an action."""

    note: _Note


class Agreement(Strict):
    """The new county's answer; `to_org` is the office that takes the file."""

    agree: bool
    to_org: _Org | None = None
    note: _Note


class TransferDecision(Strict):
    """The old county's decision."""

    approve: bool
    note: Annotated[str, Field(min_length=4, max_length=600)]


class Reported(Strict):
    """The person reported at the new place."""

    happened_time: AwareDatetime | None = None


class TransferInfo(BaseModel):
    """A transfer; `summary` is what the new county is told before the file moves."""

    id: str
    subject: str
    org: str
    to_county: str
    to_org: str | None
    state: State
    reason: str
    address: str
    move_on: date
    summary: dict[str, Any] | None
    applied_by: str
    applied_at: datetime
    state_at: datetime
    version: int


class TransferPage(BaseModel):
    """Transfers, newest first."""

    items: list[TransferInfo]
    next_cursor: str | None
