"""复核: what speaks against a confirmed fact, and the named person who upholds or reverses it."""

import secrets
from typing import Any

from server.acts.act import Act
from server.acts.store import record
from server.alerts import review_store, store
from server.alerts.outcome_store import announce_alert
from server.alerts.schemas import Review, ReviewDecision
from server.auth.person import Desk
from server.auth.powers import require, require_another
from server.errors import ConflictError, NotFoundError, Refusal, RefusedError
from server.facts.store import fact as fact_of
from server.law.articles import article
from server.notifications.outbox import Notification, enqueue
from server.reviews import objecting
from server.scoring.posting import void_fact
from server.versions import check_version, wanted

_ARTICLE = article("law-28").key
_OUTCOMES = {"upheld": "维持 upheld", "reversed": "撤销 reversed"}


async def ask(desk: Desk, fact_id: str, reason: str) -> dict[str, Any]:
    """Open a review of a fact of the scope.

    Raises:
        NotFoundError: No such fact in the scope.
        ConflictError: It is reversed already, or a review of it is open.
    """
    fact = await fact_of(desk.connection, fact_id)
    if fact is None:
        raise NotFoundError("no such fact in your scope")
    if fact["is_reversed"]:
        raise ConflictError("the fact was reversed already")
    row = {
        "id": f"rv-{secrets.token_hex(12)}",
        "org_id": fact["org"],
        "subject_id": fact["subject"],
        "fact_id": fact_id,
        "alert_id": fact["alert_id"],
        "reason": reason,
        "opened_by": desk.person.login,
        "opened_at": desk.now,
    }
    if not await review_store.open_review(desk.connection, row):
        raise ConflictError("a review of this fact is open: decide on that one")
    opened = await _held(desk, row["id"])
    await _note(desk, opened, "fact.review_opened", {"reason": reason})
    return opened


async def decide(
    desk: Desk, review_id: str, body: ReviewDecision, *, if_match: str | None
) -> dict[str, Any]:
    """Uphold or reverse a fact, as another person of the county than who confirmed it.

    A reversal takes the points back by an entry of its own and gives the alert the verdict that it
    should have had; fact, record and entry stay as they were.

    Raises:
        NotFoundError: No such review in the scope.
        StaleVersionError: Someone was faster.
        RefusedError: The power or a second person is missing, or it was decided before.
    """
    require(desk.person, "decide", article=_ARTICLE)
    wanted(if_match)
    review = await _locked(desk, review_id)
    shown = Review.model_validate(review).model_dump(mode="json")
    check_version(if_match, review["version"], current=shown)
    if review["state"] != "open":
        raise RefusedError(_DECIDED)
    require_another(desk.person, review["confirmed_by"], article=_ARTICLE)
    if review["cause"] == "objection":
        await objecting.require_uninvolved(desk, review)
        await objecting.close(desk, review)
    login = desk.person.login
    values: dict[str, Any] = {"id": review_id, "state": body.outcome, "verdict": body.verdict}
    values |= {"decision": body.reason, "by": login, "at": desk.now}
    await review_store.decide(desk.connection, values)
    if body.outcome == "reversed":
        await void_fact(
            desk.connection,
            review["fact_id"],
            because=f"review {review_id}",
            author=login,
            evidence={"review": review_id},
        )
    await _note(desk, review, f"fact.{body.outcome}", {"reason": body.reason})
    await enqueue(desk.connection, _told(desk, review, body))
    await _tell_alert(desk, review, body)
    return await _held(desk, review_id)


async def _locked(desk: Desk, review_id: str) -> dict[str, Any]:
    """Lock a review, and before it its alert: in the order in which late data comes."""
    found = await _held(desk, review_id)
    if found["alert_id"] is not None:
        await store.lock_alert(desk.connection, found["alert_id"])
    return await _held(desk, review_id, lock=True)


async def _held(desk: Desk, review_id: str, *, lock: bool = False) -> dict[str, Any]:
    row = await review_store.review(desk.connection, review_id, lock=lock)
    if row is None:
        raise NotFoundError("no such review in your scope")
    return row


async def _tell_alert(desk: Desk, review: dict[str, Any], body: ReviewDecision) -> None:
    """Write the decision into the history of the alert that the fact came from."""
    if review["alert_id"] is None:
        return
    alert = await store.alert(desk.connection, review["alert_id"])
    if alert is None:
        return
    verdict = body.verdict or alert["verdict"]
    said = {"review": review["id"], "outcome": body.outcome}
    step = store.AlertStep("reviewed", desk.person.login, body.reason, body.verdict, said)
    await store.move(desk.connection, alert, store.Place("resolved", None, verdict), step)
    await announce_alert(desk.connection, alert["org"], alert["id"])


def _told(desk: Desk, review: dict[str, Any], body: ReviewDecision) -> list[Notification]:
    """Return what who confirmed the fact and who asked for the review are told."""
    # Whose objection it was reads the answer with the own score.
    asked = None if review["cause"] == "objection" else review["opened_by"]
    people = {review["confirmed_by"], asked} - {None, desk.person.login}
    return [
        Notification(
            key=f"review_decided/{review['id']}/{number}",
            org_id=review["org"],
            login=login,
            kind="review_decided",
            severity="major",
            alert_id=review["alert_id"],
            values={"review": review["id"], "outcome": _OUTCOMES[body.outcome]},
        )
        for number, login in enumerate(sorted(people))
    ]


async def _note(desk: Desk, review: dict[str, Any], kind: str, body: dict[str, Any]) -> None:
    act = Act(
        kind=kind,
        org_id=review["org"],
        subject_id=review["subject"],
        ref_kind="fact",
        ref_id=review["fact_id"],
        happened_time=desk.now,
        articles=(_ARTICLE,),
        body=body | {"review": review["id"]},
    )
    await record(desk.connection, act, desk.person)


_DECIDED = Refusal(
    "",
    "reviewed_once",
    _ARTICLE,
    "该复核已有结论",
    "the review is decided",
    "如有新情况，另行提出复核",
    "a review of its own for what is new",
)
