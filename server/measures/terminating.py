"""A ruling that revokes or recommits ends the case (终止), by a person's call that rests on it."""

import hashlib
from typing import Final

from server.auth.person import Desk
from server.cases import ending, reception
from server.cases.schemas import Termination
from server.cases.standing import Standing, standing
from server.errors import Refusal, RefusedError
from server.law.articles import article
from server.measures import store
from server.measures.evidence import canonical
from server.measures.kinds import KINDS, MeasureKind
from server.measures.schemas import EndOfCase
from server.measures.stepping import locked
from server.policies.store import calendar_of

_ARTICLE: Final = article("law-45").key


async def end_case(
    desk: Desk, measure_id: str, body: EndOfCase, *, if_match: str | None
) -> Standing:
    """End the case of whom a ruling revokes or recommits; orders and clocks end with it.

    The ruling is evidence of the act, with its SHA-256, and so is that of its paper.

    Raises:
        NotFoundError: No such measure in the scope.
        RefusedError: No ruling revokes or recommits, it has no number, or the case has ended.
    """
    row = await locked(desk, measure_id, if_match)
    kind: MeasureKind = row["kind"]
    found = [
        one
        for one in await store.rulings(desk.connection, measure_id)
        if one["about"] == "proposal" and one["outcome"] == "granted"
    ]
    reason = KINDS[kind].ends_as
    if reason is None or row["state"] != "decided" or not found:
        raise RefusedError(_NO_RULING)
    ruling = found[-1]
    if not ruling["number"]:
        raise RefusedError(_NO_NUMBER)
    said = {name: ruling[name] for name in ("by_body", "outcome", "number", "noted_by")}
    said |= {name: ruling[name].isoformat() for name in ("happened_time", "noted_at")}
    digest = hashlib.sha256(canonical(said).encode()).hexdigest()
    evidence = {"measure": measure_id, "ruling": said, "ruling_sha256": digest}
    evidence |= {"paper_sha256": body.paper_sha256}
    file = await standing(desk.connection, row["subject"], lock=True)
    calendar = await calendar_of(desk.connection, file.org_id)
    termination = Termination(
        reason=reason,
        instrument=f"{ruling['by_body']}{ruling['number']}",
        decided_on=calendar.date_of(ruling["happened_time"]),
    )
    facts = await reception.facts_of(desk, file)
    rests_on = ending.Basis((KINDS[kind].article,), evidence)
    return await ending.terminate_upon(desk, file, termination, facts, rests_on)


_NO_RULING: Final = Refusal(
    "",
    "no_ruling_that_ends",
    _ARTICLE,
    "没有准予撤销或者收监的裁定、决定",
    "no ruling revokes or recommits",
    "先登记准予撤销、收监的裁定、决定；他案撤销和死亡在矫正对象档案中办理",
    "note the ruling first; what another case revokes, and a death, end by the file's own call",
)
_NO_NUMBER: Final = Refusal(
    "",
    "ruling_number",
    _ARTICLE,
    "裁定、决定没有登记文号",
    "the ruling was noted without its number",
    "按有文号的文书终止",
    "a ruling with a number; else the file's own call, by its instrument",
)
