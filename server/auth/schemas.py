"""Bodies of the session calls."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from server.auth.password import MAX_PASSWORD_CHARS
from server.auth.person import Role
from server.auth.steps import Step
from server.schema import Strict


class SignIn(Strict):
    """A sign-in."""

    login: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=MAX_PASSWORD_CHARS)]


class SessionOrg(BaseModel):
    """The organisation that a person works for."""

    id: str
    level: str
    name_zh: str
    name_en: str


class SessionInfo(BaseModel):
    """A person's session."""

    login: str
    name: str
    role: Role
    org: SessionOrg
    csrf_token: str
    next: Step | None
    second_factor: bool
    expires_at: datetime
    idle_s: int


class Code(Strict):
    """The six digits of a second factor, or one of its recovery codes."""

    code: Annotated[str, Field(pattern=r"^(\d{6}|[A-Za-z2-7 -]{16,40})$")]


class FactorOffer(BaseModel):
    """A secret for an authenticator app; nothing is enrolled until a code of it was given."""

    secret: str
    uri: str
    qr_svg: str
    ticket: str


class Enrolment(Strict):
    """What an offer gave, and a code of it."""

    ticket: Annotated[str, Field(pattern=r"^[0-9a-f]{40,1000}$")]
    code: Annotated[str, Field(pattern=r"^\d{6}$")]


class Enrolled(BaseModel):
    """An enrolled factor; the codes are shown here and nowhere else, each is good once."""

    recovery_codes: list[str]
    session: SessionInfo


class OwnSession(BaseModel):
    """A live session of the own account; `agent` is browser and system only."""

    id: int
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    is_this: bool


class OwnSessions(BaseModel):
    """The live sessions of the own account, newest first."""

    items: list[OwnSession]


class Ended(BaseModel):
    """How many sessions ended."""

    ended: int
