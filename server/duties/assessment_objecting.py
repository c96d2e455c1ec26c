"""Objections to an assessment: answered by somebody else; what is upheld is annulled."""

from typing import Any, Final

from server.auth.person import Desk
from server.auth.powers import require, require_another
from server.deadlines import running
from server.duties import assessment_store
from server.duties.assessing import held
from server.errors import NotFoundError, Refusal, RefusedError
from server.law.articles import article
from server.measures import noting, objection_store
from server.measures.noting import new_id
from server.measures.schemas import Answer
from server.versions import check_version

_ARTICLE: Final = article("measures-32").key


async def file_objection(desk: Desk, assessment_id: str, words: str) -> dict[str, Any]:
    """File an objection within its window, as the person or as an officer who takes it down.

    Raises:
        NotFoundError: No such assessment in the scope.
        RefusedError: Outside of the window, or one waits for its answer.
    """
    if desk.person.role != "subject":
        require(desk.person, "verify", article=_ARTICLE)
    row = await held(desk, assessment_id, lock=True)
    before = await objection_store.of(desk.connection, "assessment", assessment_id)
    until = row["objectable_until"]
    is_open = any(one["state"] == "open" for one in before)
    if row["state"] != "confirmed" or until is None or desk.now >= until or is_open:
        raise RefusedError(_outside())
    objection_id = new_id("ob")
    values = {
        "id": objection_id,
        "org_id": row["org"],
        "subject_id": row["subject"],
        "ref_kind": "assessment",
        "ref_id": assessment_id,
        "words": words,
        "filed_by": desk.person.login,
        "filed_at": desk.now,
    }
    await objection_store.insert(desk.connection, values)
    await running.meet(desk, "objection_window", ref_kind="assessment", ref_id=assessment_id)
    of: dict[str, Any] = {"org_id": row["org"], "subject_id": row["subject"]}
    await running.start(desk, "objection_answer", **of, ref_kind="objection", ref_id=objection_id)
    await _note(desk, "assessment.objected", row, {"objection": objection_id})
    return await _objection(desk, objection_id)


async def answer(
    desk: Desk, objection_id: str, body: Answer, *, if_match: str | None
) -> dict[str, Any]:
    """Answer an objection to an assessment; one that is upheld annuls it.

    Raises:
        NotFoundError: No such objection in the scope.
        RefusedError: It was answered, or by who prepared or confirmed the assessment.
    """
    require(desk.person, "decide", article=_ARTICLE)
    row = await _objection(desk, objection_id, lock=True)
    seen = {name: row[name] for name in ("id", "state", "version")}
    check_version(if_match, row["version"], current=seen)
    if row["state"] != "open":
        raise RefusedError(_outside())
    about = await held(desk, row["ref_id"], lock=True)
    for login in (about["prepared_by"], about["decided_by"]):
        require_another(desk.person, login, article=_ARTICLE)
    values = {
        "state": body.outcome,
        "answer": body.answer,
        "answered_by": desk.person.login,
        "answered_at": desk.now,
    }
    await objection_store.answer(desk.connection, objection_id, values)
    await running.meet(desk, "objection_answer", ref_kind="objection", ref_id=objection_id)
    if body.outcome == "upheld":
        await assessment_store.update(desk.connection, about["id"], {"state": "annulled"})
        await _note(desk, "assessment.annulled", about, {"objection": objection_id})
    await _note(desk, f"objection.{body.outcome}", about, {"objection": objection_id})
    return await _objection(desk, objection_id)


async def _objection(desk: Desk, objection_id: str, *, lock: bool = False) -> dict[str, Any]:
    row = await objection_store.objection(desk.connection, objection_id, lock=lock)
    if row is None or row["ref_kind"] != "assessment":
        raise NotFoundError("no such objection in your scope")
    return row


def _outside() -> Refusal:
    return Refusal(
        "",
        "objection_window",
        _ARTICLE,
        "不在提出或者答复异议的期限内，或者异议已在处理、已经答复",
        "outside the window of objection, or one waits or was answered",
        "告知之后至期限届满之前，一次一项；期满后可以向人民检察院反映",
        "from the notice to the end of the window, one at a time; then the procuratorate",
    )


async def _note(desk: Desk, kind: str, row: dict[str, Any], body: dict[str, Any]) -> None:
    await noting.note(desk, kind, row, ref_kind="assessment", articles=(_ARTICLE,), body=body)
