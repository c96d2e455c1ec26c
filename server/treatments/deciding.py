"""What a person decides on a treatment, and the objection to it (异议)."""

import secrets
from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.auth.powers import holds, require, require_another
from server.deadlines import running
from server.errors import NotFoundError, Refusal, RefusedError
from server.law.articles import article
from server.treatments import store
from server.treatments.schemas import (
    ScoreTreatment,
    TreatmentAnswer,
    TreatmentDecision,
    TreatmentEnding,
)
from server.treatments.wording import shown
from server.versions import check_version

_HUMAN: Final = article("pipl-24").key
_OBJECTION: Final = article("measures-32").key
_CLOCK: Final = "objection_answer"


async def held(desk: Desk, treatment_id: str, *, lock: bool = False) -> dict[str, Any]:
    """Return a treatment.

    Raises:
        NotFoundError: No such treatment in the scope.
    """
    row = await store.treatment(desk.connection, treatment_id, lock=lock)
    if row is None:
        raise NotFoundError("no such treatment in your scope")
    return row


async def decide(
    desk: Desk, treatment_id: str, body: TreatmentDecision, *, if_match: str | None
) -> dict[str, Any]:
    """Put a proposal in force or set it aside; nothing else does.

    Raises:
        NotFoundError: No such treatment in the scope.
        StaleVersionError: Somebody was faster.
        RefusedError: It was decided, or the power is missing.
    """
    row = await _checked(desk, treatment_id, if_match, "proposed")
    _require_power(desk, row["kind"], applies=body.outcome == "in_force")
    values = {"id": treatment_id, "state": body.outcome, "note": body.note}
    await store.decide(desk.connection, values | {"by": desk.person.login, "at": desk.now})
    await _note(desk, row, body.outcome, _HUMAN, {"note": body.note})
    return await held(desk, treatment_id)


async def end(
    desk: Desk, treatment_id: str, body: TreatmentEnding, *, if_match: str | None
) -> dict[str, Any]:
    """End a treatment in force, or keep it where a close doubts it.

    Raises:
        NotFoundError: No such treatment in the scope.
        StaleVersionError: Somebody was faster.
        RefusedError: It is not in force, nothing doubts what is to be kept, or the power is
            missing.
    """
    row = await _checked(desk, treatment_id, if_match, "in_force")
    _require_power(desk, row["kind"], applies=body.outcome == "kept")
    if body.outcome == "kept":
        if row["doubted_month"] is None:
            raise RefusedError(_UNDOUBTED)
        await store.keep(desk.connection, treatment_id)
    else:
        values = {"id": treatment_id, "note": body.note}
        await store.end(desk.connection, values | {"by": desk.person.login, "at": desk.now})
    await _note(desk, row, body.outcome, _HUMAN, {"note": body.note})
    return await held(desk, treatment_id)


async def object_to(desk: Desk, treatment_id: str, words: str) -> dict[str, Any]:
    """Enter an objection; from here to the answer a restriction is not carried out.

    Raises:
        NotFoundError: No such treatment in the scope, or nothing was decided for oneself yet.
        RefusedError: It is not against the person, or it was objected to before.
    """
    row = await held(desk, treatment_id, lock=True)
    if desk.person.role != "subject":
        require(desk.person, "verify", article=_OBJECTION)
    elif row["state"] in ("proposed", "lapsed"):
        raise NotFoundError("no such treatment in your scope")
    if not _is_against(row):
        raise RefusedError(_NOTHING_AGAINST)
    objection_id = f"to-{secrets.token_hex(12)}"
    of = {"org_id": row["org_id"], "subject_id": row["subject_id"]}
    values = of | {"id": objection_id, "treatment_id": treatment_id, "words": words}
    if not await store.file(desk.connection, values | {"by": desk.person.login, "at": desk.now}):
        raise RefusedError(_ONCE)
    await running.start(desk, _CLOCK, **of, ref_kind="objection", ref_id=objection_id)
    await _note(desk, row, "objected", _OBJECTION, {"objection": objection_id})
    return await held(desk, treatment_id)


async def answer(
    desk: Desk, treatment_id: str, body: TreatmentAnswer, *, if_match: str | None
) -> dict[str, Any]:
    """Answer an objection; upheld lifts a restriction or gives a reward.

    Raises:
        NotFoundError: No such treatment in the scope.
        StaleVersionError: Somebody was faster.
        RefusedError: Nothing waits, the power is missing, or the same person decided the
            treatment or took the objection down.
    """
    require(desk.person, "decide", article=_OBJECTION)
    row = await _checked(desk, treatment_id, if_match)
    if row["objection_state"] != "open":
        raise RefusedError(_NOTHING_WAITS)
    for login in (row["decided_by"], row["ended_by"], row["filed_by"]):
        if login is not None:
            require_another(desk.person, login, article=_OBJECTION)
    by = {"by": desk.person.login, "at": desk.now}
    values = {"id": row["objection_id"], "state": body.outcome, "answer": body.answer}
    await store.answer(desk.connection, values | by)
    await running.meet(desk, _CLOCK, ref_kind="objection", ref_id=row["objection_id"])
    if body.outcome == "upheld":
        await _change(desk, row, body.answer)
    await _note(desk, row, f"objection_{body.outcome}", _OBJECTION, {"answer": body.answer})
    return await held(desk, treatment_id)


async def _change(desk: Desk, row: dict[str, Any], because: str) -> None:
    """Turn round what was decided against the person."""
    if row["kind"] == "reward":
        if row["state"] != "in_force" and not await store.revive(desk.connection, row):
            raise RefusedError(_STANDS_ANEW)
    elif row["state"] == "in_force":
        values = {"id": row["id"], "note": because, "by": desk.person.login, "at": desk.now}
        await store.end(desk.connection, values)


def _is_against(row: dict[str, Any]) -> bool:
    if row["kind"] == "restriction":
        return bool(row["state"] == "in_force")
    return row["state"] == "set_aside" or (row["state"] == "ended" and row["ended_by"] is not None)


def _require_power(desk: Desk, kind: str, *, applies: bool) -> None:
    """Refuse what is against the person to who is not of the county's deciders."""
    if (kind == "restriction") == applies or holds(desk.person, "decide"):
        require(desk.person, "decide", article=_HUMAN)
    else:
        require(desk.person, "verify", article=_HUMAN)


async def _checked(
    desk: Desk, treatment_id: str, if_match: str | None, state: str | None = None
) -> dict[str, Any]:
    row = await held(desk, treatment_id, lock=True)
    current = ScoreTreatment.model_validate(shown(row)).model_dump(mode="json")
    check_version(if_match, row["version"], current=current)
    if state is not None and row["state"] != state:
        raise RefusedError(_other_state(row["state"], state))
    return row


async def _note(
    desk: Desk, row: dict[str, Any], what: str, by_article: str, said: dict[str, Any]
) -> None:
    act = Act(
        kind=f"score_treatment.{what}",
        org_id=row["org_id"],
        subject_id=row["subject_id"],
        ref_kind="score_treatment",
        ref_id=row["id"],
        happened_time=desk.now,
        articles=(by_article,),
        body={"treatment": row["treatment"], **said},
    )
    await record(desk.connection, act, desk.person)


def _other_state(state: str, wanted: str) -> Refusal:
    return Refusal(
        "",
        "treatment_state",
        _HUMAN,
        f"该奖惩的状态为{state}",
        f"the treatment is {state}",
        f"状态为{wanted}的奖惩",
        f"one that is {wanted}",
    )


_UNDOUBTED: Final = Refusal(
    "/outcome",
    "treatment_undoubted",
    _HUMAN,
    "该奖惩的条件仍然符合，无须另行决定保留",
    "its condition holds still: there is nothing to keep it against",
    "终止，或者不作决定",
    "ended, or no decision",
)
_NOTHING_AGAINST: Final = Refusal(
    "",
    "treatment_not_against",
    _OBJECTION,
    "该奖惩并未对本人不利",
    "nothing of it is against the person",
    "对正在执行的限制，或者对未给予、已终止的奖励提出异议",
    "an objection to a restriction in force, or to a reward set aside or ended",
)
_ONCE: Final = Refusal(
    "",
    "objected_once",
    _OBJECTION,
    "对该奖惩已提出过异议",
    "this treatment was objected to before",
    "等待答复；已答复的，可以向人民检察院反映",
    "wait for the answer; after it, the procuratorate",
)
_NOTHING_WAITS: Final = Refusal(
    "",
    "no_open_objection",
    _OBJECTION,
    "没有待答复的异议",
    "no objection waits for an answer",
    "对待答复的异议作出答复",
    "an answer to an objection that waits",
)
_STANDS_ANEW: Final = Refusal(
    "",
    "treatment_stands_anew",
    _HUMAN,
    "同一奖励已另行提出或者正在执行",
    "the same reward was proposed anew, or is in force",
    "先对新提出的作出决定",
    "decide on the new one first",
)
