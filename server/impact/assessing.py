"""Makes and reviews assessments; a clock tells before one lapses."""

from datetime import date
from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.auth.powers import require, require_another
from server.cases.noting import new_id
from server.deadlines import running
from server.errors import ConflictError, InvalidError, NotFoundError
from server.impact import store
from server.impact.schemas import ImpactReview, NewImpact
from server.law.articles import ARTICLES, article
from server.law.days import ZONE, LegalCalendar
from server.versions import check_version

_DUTY: Final = article("pipl-55").key
_CONTENT: Final = article("pipl-56").key
_CLOCK: Final = "impact_assessment"
_REF: Final = "impact"
_DAYS: Final = LegalCalendar()


def today_of(desk: Desk) -> date:
    """Return the day of the request in China."""
    return desk.now.astimezone(ZONE).date()


async def make(desk: Desk, body: NewImpact) -> dict[str, Any]:
    """Enter an assessment; it stands when another person has reviewed it.

    Raises:
        InvalidError: Its article is unknown here, or it has lapsed before it begins.
    """
    require(desk.person, "decide", article=_DUTY)
    faults = []
    if body.article not in ARTICLES:
        faults.append(("/article", "is no article of `guitu law`"))
    if body.valid_until <= today_of(desk):
        faults.append(("/valid_until", "is not later than today"))
    if faults:
        raise InvalidError(faults)
    impact_id = new_id("ia")
    row = body.model_dump() | {"id": impact_id, "org": desk.person.org_id}
    await store.insert(desk.connection, row | {"by": desk.person.login, "at": desk.now})
    return await _noted(desk, impact_id, "impact.made", {"risk_level": body.risk_level})


async def review(
    desk: Desk, impact_id: str, body: ImpactReview, *, if_match: str | None
) -> dict[str, Any]:
    """Approve an assessment, or refuse it; it replaces the one of the same activity.

    Its clock ends with its validity, and after the policy's months at the latest.

    Raises:
        NotFoundError: No such assessment in the scope.
        RefusedError: By who made it.
        ConflictError: It is reviewed already.
    """
    require(desk.person, "decide", article=_CONTENT)
    found = await store.one(desk.connection, impact_id, today_of(desk), lock=True)
    if found is None:
        raise NotFoundError("no such assessment in your scope")
    check_version(if_match, found["version"], current={"version": found["version"]})
    if found["state"] != "made":
        raise ConflictError(f"an assessment that is {found['state']} is not reviewed again")
    require_another(desk.person, found["made_by"], article=_CONTENT)
    if body.approve:
        for before in await store.replace(desk.connection, found["org"], found["activity"]):
            await running.meet(desk, _CLOCK, ref_kind=_REF, ref_id=before)
        ends_at = _DAYS.due_at(found["valid_until"])
        about = {"org_id": found["org"], "subject_id": None, "ref_kind": _REF, "ref_id": impact_id}
        await running.start(desk, _CLOCK, **about, ends_at=ends_at)
    state = "approved" if body.approve else "refused"
    row = {"id": impact_id, "state": state, "note": body.note, "by": desk.person.login}
    await store.review(desk.connection, row | {"at": desk.now})
    return await _noted(desk, impact_id, f"impact.{state}", {"made_by": found["made_by"]})


async def _noted(desk: Desk, impact_id: str, kind: str, said: dict[str, Any]) -> dict[str, Any]:
    found = await store.one(desk.connection, impact_id, today_of(desk))
    if found is None:
        raise NotFoundError("no such assessment in your scope")
    act = Act(
        *(kind, found["org"], None, _REF, impact_id, desk.now),
        articles=(_DUTY, _CONTENT),
        body={"activity": found["activity"], **said},
    )
    await record(desk.connection, act, desk.person)
    return found
