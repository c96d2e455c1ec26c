"""Bodies and answers of the person's own calls."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from server.auth.password import MAX_PASSWORD_CHARS
from server.cases.standing import Category, Stage
from server.schema import Strict, Words


class NewAccount(BaseModel):
    """A new or renewed account; the password is shown here and nowhere else."""

    login: str
    one_time_password: str


class PasswordChange(Strict):
    """A password of one's own in place of the present one."""

    old: Annotated[str, Field(min_length=1, max_length=MAX_PASSWORD_CHARS)]
    new: Annotated[str, Field(min_length=12, max_length=MAX_PASSWORD_CHARS)]


class OwnOrg(BaseModel):
    """Who supervises the person."""

    id: str
    name_zh: str
    name_en: str


class OwnFile(BaseModel):
    """What a supervised person may know of the own case, and what to do about it."""

    subject: str
    name: str
    category: Category
    stage: Stage
    legal_ground: list[Words]
    org: OwnOrg
    term_from: date
    term_to: date
    ended_at: datetime | None
    judgment_number: str | None
    deciding_body: str | None
    supervision_class: str | None
    group: list[dict[str, Any]]
    prohibitions: list[dict[str, Any]]
    plan: dict[str, Any] | None
    orders: list[dict[str, Any]]
    deadlines: list[dict[str, Any]]
    rights: list[Words]
    procuratorate: str | None


class OwnArea(BaseModel):
    """A forbidden area (禁止进入的区域) of the own; an application for a place names `fence`."""

    fence: str
    article: str
    valid_from: datetime
    valid_to: datetime | None


class OwnPair(BaseModel):
    """Somebody whom not to come near (禁止接触); an application for a contact names `pair`."""

    pair: str
    distance_m: float
    article: str
    valid_from: datetime
    valid_to: datetime | None


class OwnRestrictions(BaseModel):
    """What binds the person now or later, without who is protected by it or where."""

    forbidden_areas: list[OwnArea]
    no_contact: list[OwnPair]
