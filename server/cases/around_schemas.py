"""Bodies and answers of group, contacts and prohibitions."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from server.cases.group import Role, Sex
from server.cases.schemas import Address, Line, Phone
from server.schema import Strict

Name = Annotated[str, Field(min_length=1, max_length=100)]


class NewMember(Strict):
    """A member of the correction group; `login` where an officer has an account."""

    role: Role
    name: Name
    sex: Sex
    phone: Phone | None = None
    login: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")] | None = None
    knows_minors: bool = False

    @model_validator(mode="after")
    def _only_officers_have_accounts(self) -> Self:
        if self.login is not None and self.role != "officer":
            raise ValueError("login: only an officer of the group has an account")
        return self


class NewGroup(Strict):
    """The whole group; it replaces the one before."""

    members: Annotated[list[NewMember], Field(min_length=1, max_length=30)]


class NewContact(Strict):
    """Somebody around the person; `protected`: whom the person must keep away from."""

    kind: Literal["kin", "guardian", "guarantor", "protected"]
    name: Name
    relation: Annotated[str, Field(min_length=1, max_length=100)]
    phone: Phone | None = None
    address: Address | None = None


class NewContacts(Strict):
    """All contacts; they replace those before."""

    contacts: Annotated[list[NewContact], Field(max_length=50)]


class NewProhibition(Strict):
    """A prohibition (禁止令), in the court's words."""

    kinds: Annotated[
        list[Literal["activity", "place", "person"]], Field(min_length=1, max_length=3)
    ]
    content: Annotated[str, Field(min_length=4, max_length=2000)]
    deciding_body: Line
    valid_from: date
    valid_to: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self


class Versioned(BaseModel):
    """The file's version after a change; its ETag."""

    subject: str
    version: int


class Entered(BaseModel):
    """The id of what was entered."""

    id: str
