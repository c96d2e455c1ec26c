"""异议: filed within its window, answered by somebody else; what is upheld is annulled."""

from typing import Any, Final

from server.auth.person import Desk
from server.auth.powers import require
from server.deadlines import running
from server.errors import NotFoundError, Refusal, RefusedError
from server.law.articles import article
from server.measures import objection_store
from server.measures.deciding import take_back
from server.measures.noting import new_id, note
from server.measures.papers import answer_paper
from server.measures.schemas import Answer, OwnWords
from server.measures.stepping import change, held, locked, state_after
from server.versions import check_version

_ARTICLE: Final = article("measures-32").key
_COMPLAINT: Final = article("law-34").key


async def file_objection(desk: Desk, measure_id: str, body: OwnWords) -> dict[str, Any]:
    """File an objection to a measure, as the person or as an officer who takes it down.

    Raises:
        NotFoundError: No such measure in the scope.
        RefusedError: Outside of the window, twice, or another body decides.
    """
    if desk.person.role != "subject":
        require(desk.person, "verify", article=_ARTICLE)
    row = await held(desk, measure_id, lock=True)
    state_after(desk, row, "object")
    objection_id = new_id("ob")
    values = {
        "id": objection_id,
        "org_id": row["org"],
        "subject_id": row["subject"],
        "ref_kind": "measure",
        "ref_id": measure_id,
        "words": body.words,
        "filed_by": desk.person.login,
        "filed_at": desk.now,
    }
    await objection_store.insert(desk.connection, values)
    ref = {"ref_kind": "measure", "ref_id": measure_id}
    await running.meet(desk, "objection_window", **ref)
    of = {"org_id": row["org"], "subject_id": row["subject"]}
    await running.start(desk, "objection_answer", **of, ref_kind="objection", ref_id=objection_id)
    await note(
        desk, "measure.objected", row, articles=(_ARTICLE,), body={"objection": objection_id}
    )
    return await objection_held(desk, objection_id)


async def objection_held(desk: Desk, objection_id: str, *, lock: bool = False) -> dict[str, Any]:
    """Return an objection.

    Raises:
        NotFoundError: No such objection in the scope.
    """
    row = await objection_store.objection(desk.connection, objection_id, lock=lock)
    if row is None:
        raise NotFoundError("no such objection in your scope")
    return row


async def answer(
    desk: Desk, objection_id: str, body: Answer, *, if_match: str | None
) -> dict[str, Any]:
    """Answer an objection; one that is upheld annuls the measure in the same transaction.

    Raises:
        NotFoundError: No such objection in the scope.
        RefusedError: It was answered, or the same person proposed or decided the measure.
    """
    require(desk.person, "decide", article=_ARTICLE)
    row = await objection_held(desk, objection_id, lock=True)
    seen = {name: row[name] for name in ("id", "state", "version")}
    check_version(if_match, row["version"], current=seen)
    if row["state"] != "open":
        raise RefusedError(_answered(row["state"]))
    measure = await held(desk, row["ref_id"], lock=True)
    state_after(desk, measure, "answer")
    values = {
        "state": body.outcome,
        "answer": body.answer,
        "answered_by": desk.person.login,
        "answered_at": desk.now,
    }
    await objection_store.answer(desk.connection, objection_id, values)
    await running.meet(desk, "objection_answer", ref_kind="objection", ref_id=objection_id)
    paper = await answer_paper(desk, measure, row, body)
    await note(
        desk,
        f"objection.{body.outcome}",
        row,
        ref_kind="objection",
        articles=(_ARTICLE, _COMPLAINT),
        body={"measure": measure["id"], "document": paper},
    )
    if body.outcome == "upheld":
        await take_back(desk, await held(desk, measure["id"]), body.answer)
    return await objection_held(desk, objection_id)


async def amend(
    desk: Desk, measure_id: str, reasons: str, *, if_match: str | None
) -> dict[str, Any]:
    """Change the reasons of a proposal that nobody decided on.

    Raises:
        NotFoundError: No such measure in the scope.
        RefusedError: It is decided: what was decided is never edited.
    """
    require(desk.person, "verify", article=_ARTICLE)
    row = await locked(desk, measure_id, if_match)
    state_after(desk, row, "amend")
    amended = await change(desk, row, {"reasons": reasons})
    await note(desk, "measure.amended", amended, body={"before": row["reasons"]})
    return amended


async def withdraw(
    desk: Desk, measure_id: str, reasons: str, *, if_match: str | None
) -> dict[str, Any]:
    """Take a proposal back; its findings are free again.

    Raises:
        NotFoundError: No such measure in the scope.
        RefusedError: It is decided.
    """
    require(desk.person, "verify", article=_ARTICLE)
    row = await locked(desk, measure_id, if_match)
    state = state_after(desk, row, "withdraw")
    await running.cancel(desk, ref_kind="measure", ref_id=measure_id)
    withdrawn = await change(desk, row, {"state": state})
    await note(desk, "measure.withdrawn", withdrawn, body={"reasons": reasons})
    return withdrawn


def _answered(state: str) -> Refusal:
    return Refusal(
        "",
        "answered_once",
        _ARTICLE,
        "该异议已经答复",
        f"the objection is {state}",
        "可以向人民检察院提出",
        "the procuratorate may be asked",
    )
