"""Bodies and answers of routing, as docs/http-rota.md says."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from server.rota.on_duty import Post
from server.schema import Strict


class Assignment(Strict):
    """Who is to have an alert, and why."""

    to: Annotated[
        str | None,
        Field(pattern=r"^[A-Za-z0-9_-]{1,40}$", description="who asks, if none: taken over"),
    ] = None
    note: Annotated[str | None, Field(max_length=2000)] = None


class OfficerLoad(BaseModel):
    """What waits for somebody; `until` is the end of the shift, null: not on duty."""

    login: str
    name: str
    role: str
    post: Post | None
    until: datetime | None
    present: bool
    critical: int
    major: int
    minor: int
    oldest_at: datetime | None
    last_at: datetime | None


class OfficerLoads(BaseModel):
    """Who may handle alerts at an organisation, by login."""

    org: str
    at: datetime
    items: list[OfficerLoad]


class FailingAlert(BaseModel):
    """An alert that could not be routed; it is looked at again."""

    alert: str
    org: str
    failures: int
    again_at: datetime


class RoutingStatus(BaseModel):
    """What waits in the scope.

    `overdue`: not looked at half a minute after its clock ended, so that no process routes;
    `unassigned`: nobody was found on the whole way up; `held`: with an outage, or with its group.
    """

    at: datetime
    waiting: int
    held: int
    unassigned: int
    overdue: int
    overdue_since: datetime | None
    above: Annotated[int, Field(description="that went up to the county or the city")]
    failing: list[FailingAlert]
