"""Bodies and answers of the account calls."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from server.registry.forms import Id, Name
from server.schema import Strict

StaffRole = Literal["admin", "security", "auditor", "supervisor", "head", "officer", "procurator"]
What = Literal["password", "factor", "both"]


class NewAccount(Strict):
    """A new account; `staff_no` is the person's, so that nobody has two."""

    login: Id
    org: Id
    role: StaffRole
    name: Name
    staff_no: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$")]


class RoleChange(Strict):
    """Another role, which waits for a grant."""

    role: StaffRole


class Grant(Strict):
    """The role that is granted: the one that the account waits for."""

    role: StaffRole


class RecoveryRequest(Strict):
    """What is lost, and how it is known that the account's person asks."""

    login: Id
    what: What
    reason: Annotated[str, Field(min_length=4, max_length=500)]


class AccountInfo(BaseModel):
    """An account; `awaits_grant`: it cannot sign in until its role is granted."""

    login: str
    org: str
    role: str
    name: str
    staff_no: str | None
    disabled: bool
    awaits_grant: bool
    granted_by: str | None
    granted_at: datetime | None


class AccountPage(BaseModel):
    """Accounts by login."""

    items: list[AccountInfo]
    next_cursor: str | None


class OneTimePassword(BaseModel):
    """A password that is good for setting another; it is shown here and nowhere else.

    None where the password was not what was recovered.
    """

    one_time_password: str | None


class RecoveryInfo(BaseModel):
    """A recovery that one security administrator asked for and another decides on."""

    id: int
    org: str
    login: str
    what: What
    reason: str
    state: Literal["asked", "approved", "refused"]
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class RecoveryPage(BaseModel):
    """Recoveries, newest first."""

    items: list[RecoveryInfo]
    next_cursor: str | None


class LookInfo(BaseModel):
    """What a procurator looked at, and when."""

    id: int
    org: str
    by_login: str
    call: str
    thing: str | None
    at: datetime


class LookPage(BaseModel):
    """Looks, newest first."""

    items: list[LookInfo]
    next_cursor: str | None
