"""Bodies of the session calls."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from server.auth.password import MAX_PASSWORD_CHARS


class SignIn(BaseModel):
    """A sign-in."""

    model_config = ConfigDict(extra="forbid")

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
    role: str
    org: SessionOrg
    csrf_token: str
