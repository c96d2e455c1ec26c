"""Bodies and answers of the look calls."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.auth.looking import AlarmKind
from server.looks.purposes import PurposeName
from server.schema import Strict

State = Literal["asked", "granted", "refused"]


class NewLook(Strict):
    """Why somebody asks to see a closed file."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"ground": "supervision", "reason": "核实腕带拆除告警，需联系监护人"}]
        },
    )

    ground: Literal["supervision", "judicial", "lawful_query"]
    reason: Annotated[str, Field(min_length=4, max_length=500)]


class LookDecision(Strict):
    """Whether the look is granted."""

    approve: bool


class LookInfo(BaseModel):
    """A look; open to who asked until `ends_at`. The subject is a pseudonym."""

    id: str
    org: str
    subject: str
    ground: str
    reason: str
    asked_by: str
    asked_at: datetime
    hours: int
    state: State
    decided_by: str | None
    decided_at: datetime | None
    ends_at: datetime | None
    version: int


class LookPage(BaseModel):
    """Looks, newest first."""

    items: list[LookInfo]
    next_cursor: str | None


class NewReveal(Strict):
    """Why somebody asks for a person's masked fields."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"purpose": "supervision", "ref": "s-4k2m9q", "words": "通知到所谈话"}]
        },
    )

    purpose: PurposeName
    ref: Annotated[str, Field(min_length=1, max_length=120)]
    words: Annotated[str | None, Field(min_length=2, max_length=200)] = None


class RevealInfo(BaseModel):
    """What a file shows masked, in full; not to be shown after `shown_until`."""

    subject: str
    identity_number: str | None
    phone: str | None
    residence: str | None
    group: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    shown_until: datetime


class LookAlarm(BaseModel):
    """Unusual looking by one login: a kind and a day have one alarm, with the count that raised it.

    `day` is of Beijing, of a night the one it began in; the reason is in both languages.
    """

    id: int
    org: str
    by_login: str
    kind: AlarmKind
    day: date
    persons: int
    bound: int
    reason_zh: str
    reason_en: str
    at: datetime


class LookAlarms(BaseModel):
    """Alarms of the scope, newest first."""

    items: list[LookAlarm]
    next_cursor: str | None


class OwnLookInfo(BaseModel):
    """A look at the own track or fields: which office, as what role, why; never who."""

    at: datetime
    what: str
    purpose: str | None
    org_name_zh: str
    org_name_en: str
    role: str | None


class OwnLooks(BaseModel):
    """Looks at the own data, newest first; `is_shown`: whether the province has them shown."""

    is_shown: bool
    items: list[OwnLookInfo]
    next_cursor: str | None
