"""Legal holds: one person of the county places them, two lift them."""

from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.auth.powers import require, require_another
from server.cases.noting import new_id
from server.db import open_file
from server.errors import ConflictError, InvalidError, NotFoundError
from server.law.articles import article
from server.retention import store
from server.retention.schemas import LiftingDecision, NewHold, NewLifting
from server.versions import check_version

_ARTICLE: Final = article("pipl-47").key


async def place(desk: Desk, body: NewHold) -> dict[str, Any]:
    """Hold what is recorded of a person, or of the own organisation and those below it.

    Raises:
        NotFoundError: No such person in the scope.
        InvalidError: It would end before it begins.
    """
    require(desk.person, "decide", article=_ARTICLE)
    org: str | None = desk.person.org_id
    if body.subject is not None:
        await open_file(desk.connection, body.subject)
        org = await store.org_of(desk.connection, body.subject)
        if org is None:
            raise NotFoundError("no such subject in your scope")
    if body.until is not None and body.until <= desk.now:
        raise InvalidError([("/until", "is not later than now")])
    hold_id = new_id("lh")
    row = body.model_dump() | {"id": hold_id, "org": org, "by": desk.person.login, "at": desk.now}
    await store.add_hold(desk.connection, row)
    return await _noted(desk, hold_id, "hold.placed", {"reason": body.reason})


async def ask_lifting(
    desk: Desk, hold_id: str, body: NewLifting, *, if_match: str | None
) -> dict[str, Any]:
    """Ask for a lifting; another person decides.

    Raises:
        ConflictError: It is lifted, has ended, or a lifting waits already.
    """
    require(desk.person, "decide", article=_ARTICLE)
    found = await _locked(desk, hold_id, if_match)
    if found["state"] != "held":
        raise ConflictError(f"a hold that is {found['state']} is not lifted so")
    asked = {"id": hold_id, "reason": body.reason, "by": desk.person.login, "at": desk.now}
    await store.ask_lifting(desk.connection, asked)
    return await _noted(desk, hold_id, "hold.lifting_asked", {"reason": body.reason})


async def decide(
    desk: Desk, hold_id: str, body: LiftingDecision, *, if_match: str | None
) -> dict[str, Any]:
    """Lift a hold, or let it stand, as a person who did not ask for the lifting.

    Raises:
        RefusedError: By the same person.
        ConflictError: No lifting was asked for.
    """
    require(desk.person, "decide", article=_ARTICLE)
    found = await _locked(desk, hold_id, if_match)
    if found["state"] != "lifting":
        raise ConflictError(f"no lifting is asked for: the hold is {found['state']}")
    require_another(desk.person, found["lift_asked_by"], article=_ARTICLE)
    if body.approve:
        await store.lift(desk.connection, hold_id, desk.person.login, desk.now)
        return await _noted(desk, hold_id, "hold.lifted", {"asked_by": found["lift_asked_by"]})
    nobody = {"id": hold_id, "reason": None, "by": None, "at": None}
    await store.ask_lifting(desk.connection, nobody)
    return await _noted(desk, hold_id, "hold.kept", {"asked_by": found["lift_asked_by"]})


async def _locked(desk: Desk, hold_id: str, if_match: str | None) -> dict[str, Any]:
    found = await store.hold(desk.connection, hold_id, desk.now, lock=True)
    if found is None:
        raise NotFoundError("no such hold in your scope")
    check_version(if_match, found["version"], current={"version": found["version"]})
    return found


async def _noted(desk: Desk, hold_id: str, kind: str, said: dict[str, Any]) -> dict[str, Any]:
    found = await store.hold(desk.connection, hold_id, desk.now)
    if found is None:
        raise NotFoundError("no such hold in your scope")
    act = Act(
        *(kind, found["org"], found["subject"], "hold", hold_id, desk.now),
        articles=(_ARTICLE,),
        body=said,
    )
    await record(desk.connection, act, desk.person)
    return found
