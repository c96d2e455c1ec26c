"""A request about the own data: filed by the person or taken down, answered by the county."""

from typing import Any, Final

from server.auth.person import Desk
from server.auth.powers import require, require_another
from server.cases.noting import new_id, note
from server.cases.reading import whole_file
from server.cases.standing import standing
from server.data_rights import store
from server.data_rights.schemas import Kind, NewDataAnswer, NewDataRequest
from server.deadlines import running
from server.documents import issuing
from server.errors import ConflictError, NotFoundError
from server.law.articles import article
from server.law.days import ZONE
from server.versions import check_version

_ARTICLES: Final[dict[Kind, str]] = {
    "access": article("pipl-45").key,
    "correction": article("pipl-46").key,
    "explanation": article("pipl-24").key,
    "complaint": article("law-34").key,
}
_CLOCKS: Final[dict[Kind, str]] = {
    "access": "data_request_answer",
    "correction": "data_request_answer",
    "explanation": "data_request_answer",
    "complaint": "complaint_answer",
}
_OPEN_MAX: Final = 20
_COPIED: Final = (
    ("identity_number", "证件号码"),
    ("birth_date", "出生日期"),
    ("phone", "电话"),
    ("residence", "住址"),
    ("crime", "罪名"),
    ("judgment_number", "判决书号"),
    ("deciding_body", "决定机关"),
    ("term_from", "矫正起始日"),
    ("term_to", "矫正届满日"),
)


async def file_request(desk: Desk, subject_id: str, body: NewDataRequest) -> dict[str, Any]:
    """File a request, as the person or as an officer who takes it down; its clock runs.

    Raises:
        NotFoundError: No such person in the scope.
        ConflictError: Too many wait already.
    """
    kind = body.kind
    is_own = desk.person.role == "subject"
    if not is_own:
        require(desk.person, "verify", article=_ARTICLES[kind])
    file = await standing(desk.connection, subject_id)
    if await store.open_count(desk.connection, subject_id) >= _OPEN_MAX:
        raise ConflictError(f"{_OPEN_MAX} requests of this person wait for their answer")
    request_id = new_id("dr")
    row = body.model_dump() | {"id": request_id, "org": file.org_id, "subject": subject_id}
    who = {"by": desk.person.login, "at": desk.now, "on_behalf": not is_own}
    await store.insert(desk.connection, row | who)
    await running.start(
        desk,
        _CLOCKS[kind],
        org_id=file.org_id,
        subject_id=subject_id,
        ref_kind="data_request",
        ref_id=request_id,
    )
    said = {"kind": kind, "on_behalf": not is_own}
    ref = ("data_request", request_id)
    await note(desk, file, "data.requested", _ARTICLES[kind], ref=ref, body=said)
    return await held(desk, request_id)


async def answer(
    desk: Desk, request_id: str, body: NewDataAnswer, *, if_match: str | None
) -> dict[str, Any]:
    """Answer a request with a document that the person reads.

    A complaint is answered by somebody who did not take it down. A correction is made in the file
    itself; the answer says so.

    Raises:
        NotFoundError: No such request in the scope.
        ConflictError: It is answered already.
    """
    found = await held(desk, request_id, lock=True)
    kind: Kind = found["kind"]
    require(desk.person, "decide", article=_ARTICLES[kind])
    check_version(if_match, found["version"], current={"version": found["version"]})
    if found["state"] != "open":
        raise ConflictError(f"a request that is {found['state']} is not answered again")
    if kind == "complaint":
        require_another(desk.person, found["filed_by"], article=_ARTICLES[kind])
    paper = await issuing.issue(
        *(desk, "data_answer", found["subject"], await _values(desk, found, body)),
        *("data_request", request_id),
    )
    row = body.model_dump() | {"id": request_id, "by": desk.person.login, "at": desk.now}
    await store.answer(desk.connection, row | {"document": paper.id})
    await running.meet(desk, _CLOCKS[kind], ref_kind="data_request", ref_id=request_id)
    file = await standing(desk.connection, found["subject"])
    said = {"kind": kind, "outcome": body.outcome, "document": paper.id}
    ref = ("data_request", request_id)
    await note(desk, file, "data.answered", _ARTICLES[kind], ref=ref, body=said)
    return await held(desk, request_id)


async def held(desk: Desk, request_id: str, *, lock: bool = False) -> dict[str, Any]:
    """Return a request.

    Raises:
        NotFoundError: No such request in the scope.
    """
    found = await store.request(desk.connection, request_id, lock=lock)
    if found is None:
        raise NotFoundError("no such request in your scope")
    return found


async def _values(desk: Desk, found: dict[str, Any], body: NewDataAnswer) -> dict[str, Any]:
    values: dict[str, Any] = {
        "asked_on": found["filed_at"].astimezone(ZONE).date(),
        "kind": found["kind"],
        "asked": found["words"],
        "decision": body.outcome,
        "answer": body.answer,
    }
    if found["kind"] != "access" or body.outcome == "refused":
        return values
    file = await whole_file(desk, found["subject"])
    copy = [f"{label}：{file[name]}" for name, label in _COPIED if file[name] is not None]
    return values | {"copy": copy} if copy else values
