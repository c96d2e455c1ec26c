"""Which organisation a figure is about."""

from typing import Annotated

from fastapi import Query

from server.auth.person import Desk
from server.errors import NotFoundError
from server.rota.store import org_path

OfOrg = Annotated[
    str | None, Query(max_length=40, description="an organisation with those below it; yours")
]


async def asked_org(desk: Desk, org: str | None) -> str:
    """Return the organisation that was asked for, else the person's own.

    Raises:
        NotFoundError: No such organisation in the scope.
    """
    if org is not None and await org_path(desk.connection, org) is None:
        raise NotFoundError("no such organisation in your scope")
    return org or desk.person.org_id
