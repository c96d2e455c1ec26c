"""Tells of a review (复核) that was opened: the office's lead, and who confirmed the fact."""

from typing import Any, Final

from server.alerts import review_store
from server.notifications.outbox import Notification, enqueue
from server.rounds import Due, Round, Row
from server.routing.people import read_world
from server.routing.plan import LEAD, Plan, plan
from server.routing.telling import pseudonym


async def _untold(work: Round) -> list[dict[str, Any]]:
    return await review_store.untold(work.connection, work.resting, most=work.most)


async def _tell(work: Round, row: Row) -> None:
    world = await read_world(work.connection, [row["org"]], [], work.now)
    found = plan(row["org"], world, from_level=LEAD)
    leads: list[str | None] = list(found.told) if isinstance(found, Plan) else []
    told = dict.fromkeys([*(leads or [None]), row["confirmed_by"]])
    await enqueue(work.connection, [_told(row, login, n) for n, login in enumerate(told)])


def _told(row: Row, login: str | None, number: int) -> Notification:
    # The first one's key says that the review was told of.
    suffix = f"/{pseudonym(login)}" if login and number else ""
    return Notification(
        key=f"review_wanted/{row['id']}{suffix}",
        org_id=row["org"],
        login=login,
        kind="review_wanted",
        severity="major",
        alert_id=row["alert"],
        values={"review": row["id"]},
    )


REVIEWS: Final = Due(name="reviews", find=_untold, settle=_tell)
"""Reviews that nobody was told of: late data or a person opened them."""
