"""异议: the person's objection to a fact that moved points; answered by somebody else, in time."""

from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.alerts import review_store
from server.alerts.schemas import Review
from server.auth.person import Desk
from server.auth.powers import require, require_another
from server.deadlines import running
from server.errors import NotFoundError, Refusal, RefusedError
from server.law.articles import article
from server.measures.noting import new_id
from server.reviews import objection_store
from server.versions import check_version, wanted

ARTICLE: Final = article("measures-32").key
_CLOCKS: Final = ("objection_answer", "objection_answer_extended")


async def object_to(desk: Desk, fact_id: str, words: str) -> dict[str, Any]:
    """Enter an objection, as the person or as an officer who takes it down.

    From here to the answer the fact is not counted where the score is higher without it.

    Raises:
        NotFoundError: No such fact in the scope.
        RefusedError: It fell already, or it was objected to before.
    """
    if desk.person.role != "subject":
        require(desk.person, "verify", article=ARTICLE)
    fact = await objection_store.fact(desk.connection, fact_id)
    if fact is None:
        raise NotFoundError("no such fact in your scope")
    if fact["is_void"]:
        raise RefusedError(_FELL)
    objection_id = new_id("rv")
    row = {name: fact[name] for name in ("org_id", "subject_id", "alert_id")}
    row |= {"id": objection_id, "fact_id": fact_id, "words": words}
    if not await objection_store.file(
        desk.connection, row | {"by": desk.person.login, "at": desk.now}
    ):
        raise RefusedError(_ONCE)
    of: dict[str, Any] = {"org_id": fact["org_id"], "subject_id": fact["subject_id"]}
    await running.start(desk, _CLOCKS[0], **of, ref_kind="objection", ref_id=objection_id)
    await _note(desk, of, fact_id, "fact.objected", {"objection": objection_id})
    return await _objection(desk, objection_id)


async def extend(
    desk: Desk, objection_id: str, because: str, *, if_match: str | None
) -> dict[str, Any]:
    """Give an answer the longest time that there is, once, with a reason that the person reads.

    Raises:
        NotFoundError: No such objection in the scope.
        StaleVersionError: Someone was faster.
        RefusedError: The power is missing, or it was extended or answered.
    """
    require(desk.person, "decide", article=ARTICLE)
    wanted(if_match)
    row = await _objection(desk, objection_id, lock=True)
    check_version(if_match, row["version"], current=_shown(row))
    if row["state"] != "open" or row["extended_because"] is not None:
        raise RefusedError(_EXTENDED)
    await objection_store.extend(desk.connection, objection_id, because)
    thing: dict[str, Any] = {"ref_kind": "objection", "ref_id": objection_id}
    await running.cancel(desk, **thing, kind=_CLOCKS[0])
    of: dict[str, Any] = {"org_id": row["org"], "subject_id": row["subject"]}
    await running.start(desk, _CLOCKS[1], **of, **thing, begins_at=row["opened_at"])
    body = {"objection": objection_id, "reason": because}
    await _note(desk, of, row["fact_id"], "fact.objection_extended", body)
    return await _objection(desk, objection_id)


async def require_uninvolved(desk: Desk, review: dict[str, Any]) -> None:
    """Refuse an answer to an objection by who confirmed or entered the fact, or took it down.

    Raises:
        RefusedError: It is one of them.
    """
    fact = await objection_store.fact(desk.connection, review["fact_id"])
    for login in (review["opened_by"], fact["entered_by"] if fact else None):
        if login is not None:
            require_another(desk.person, login, article=ARTICLE)


async def close(desk: Desk, review: dict[str, Any]) -> None:
    """Meet the clock of an objection that is answered."""
    for kind in _CLOCKS:
        await running.meet(desk, kind, ref_kind="objection", ref_id=review["id"])


async def _objection(desk: Desk, objection_id: str, *, lock: bool = False) -> dict[str, Any]:
    row = await review_store.review(desk.connection, objection_id, lock=lock)
    if row is None or row["cause"] != "objection":
        raise NotFoundError("no such objection in your scope")
    return row


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return Review.model_validate(row).model_dump(mode="json")


async def _note(
    desk: Desk, of: dict[str, Any], fact_id: str, kind: str, body: dict[str, Any]
) -> None:
    act = Act(
        kind=kind,
        **of,
        ref_kind="fact",
        ref_id=fact_id,
        happened_time=desk.now,
        articles=(ARTICLE,),
        body=body,
    )
    await record(desk.connection, act, desk.person)


_FELL: Final = Refusal(
    "",
    "fact_fell",
    ARTICLE,
    "该事实已被撤销，不再记分",
    "the fact fell and counts no more",
    "对仍在记分的事实提出异议",
    "an objection to a fact that counts",
)
_ONCE: Final = Refusal(
    "",
    "objected_once",
    ARTICLE,
    "对该事实已提出过异议",
    "this fact was objected to before",
    "等待答复；已答复的，可以向人民检察院反映",
    "wait for the answer; after it, the procuratorate",
)
_EXTENDED: Final = Refusal(
    "",
    "extended_once",
    ARTICLE,
    "该异议已经答复，或者期限已经延长过",
    "the objection was answered, or its time was extended before",
    "在期限内答复",
    "an answer within the time",
)
