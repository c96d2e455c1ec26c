"""The county's decision and what follows it: paper, service, annulment."""

from typing import Any, Final

from server.auth.person import Desk
from server.auth.powers import require
from server.cases.standing import require_stage, standing
from server.deadlines import running
from server.documents.template import templates
from server.errors import Refusal, RefusedError
from server.law.articles import article
from server.measures import finding_store, store
from server.measures.grounds import ground_of
from server.measures.kinds import KINDS, MeasureKind
from server.measures.noting import note, past
from server.measures.papers import decision_paper, serve_paper
from server.measures.proposing import counted_by, refuse_unfounded
from server.measures.schemas import Annulment, Decision, Hearing, Service
from server.measures.stepping import change, locked, state_after
from server.measures.weighing import absence_days, situation_of

_ARTICLE: Final = article("law-28").key
_NOTICE: Final = article("measures-32").key


async def hear(
    desk: Desk, measure_id: str, body: Hearing, *, if_match: str | None
) -> dict[str, Any]:
    """Note the person's own words, or why there are none.

    Raises:
        NotFoundError: No such measure in the scope.
        RefusedError: It is decided, or nobody searches for a person who is said to be missing.
    """
    if desk.person.role != "subject":
        require(desk.person, "verify", article=_ARTICLE)
    row = await locked(desk, measure_id, if_match)
    state_after(desk, row, "hear")
    is_missing = body.unheard_because == "missing"
    if is_missing and not await store.is_missing(desk.connection, row["subject"]):
        raise RefusedError(_not_missing())
    values = {
        "statement": body.words,
        "unheard_because": body.unheard_because,
        "heard_by": desk.person.login,
        "heard_at": desk.now,
    }
    heard = await change(desk, row, values)
    said = {"unheard_because": body.unheard_because} if body.unheard_because else {}
    await note(desk, "measure.heard", heard, articles=(_ARTICLE,), body=said)
    return heard


async def decide(
    desk: Desk, measure_id: str, body: Decision, *, if_match: str | None
) -> dict[str, Any]:
    """Decide on a proposal; its ground is weighed again at this instant.

    Raises:
        NotFoundError: No such measure in the scope.
        RefusedError: The power is missing, the same person proposed or verified it, the person was
            not heard, or the ground is not fulfilled any more.
    """
    require(desk.person, "decide", article=_ARTICLE)
    row = await locked(desk, measure_id, if_match)
    is_granted = body.outcome == "decided"
    state = state_after(desk, row, "decide" if is_granted else "refuse")
    values: dict[str, Any] = {
        "state": state,
        "decided_by": desk.person.login,
        "decided_at": desk.now,
        "decision": body.reasons,
    }
    await running.meet(desk, "measure_decision", ref_kind="measure", ref_id=measure_id)
    if not is_granted:
        refused = await change(desk, row, values)
        await note(desk, "measure.refused", refused, articles=(KINDS[row["kind"]].article,))
        return refused
    values |= await _weighed_again(desk, row)
    decided = await change(desk, row, values)
    paper = await decision_paper(desk, decided, body.details)
    decided = await change(desk, decided, {"document_id": paper})
    await _start_clocks(desk, decided)
    ground = ground_of(row["ground"])
    noted = {"kind": row["kind"], "ground": row["ground"], "document": paper}
    articles = (ground.article,) if ground else ()
    await note(desk, "measure.decided", decided, articles=articles, body=noted)
    return decided


async def serve(
    desk: Desk, measure_id: str, body: Service, *, if_match: str | None
) -> dict[str, Any]:
    """Note that the decision reached the person; from now on it may be objected to.

    The window begins with the entry, not with the claimed time: no entry can shorten it.

    Raises:
        NotFoundError: No such measure in the scope.
        RefusedError: It is not decided, or was served.
    """
    require(desk.person, "verify", article=_NOTICE)
    row = await locked(desk, measure_id, if_match)
    state_after(desk, row, "serve")
    happened = past(desk, body.happened_time, "/happened_time")
    await serve_paper(desk, row, body, happened)
    values: dict[str, Any] = {"served_at": desk.now}
    kind: MeasureKind = row["kind"]
    if KINDS[kind].may_be_objected:
        of: dict[str, Any] = {"org_id": row["org"], "subject_id": row["subject"]}
        ref: dict[str, Any] = {"ref_kind": "measure", "ref_id": measure_id}
        window = await running.start(desk, "objection_window", **of, **ref)
        values["objectable_until"] = window.due_at
    served = await change(desk, row, values)
    await note(
        desk,
        "measure.served",
        served,
        articles=(_NOTICE,),
        body={"method": body.method, "recipient": body.recipient},
        happened_time=happened,
    )
    return served


async def annul(
    desk: Desk, measure_id: str, body: Annulment, *, if_match: str | None
) -> dict[str, Any]:
    """Take a decided measure back by a reversing act; the counters fall by it.

    Raises:
        NotFoundError: No such measure in the scope.
        RefusedError: It is not decided, or the same person proposed or decided it.
    """
    require(desk.person, "decide", article=_ARTICLE)
    row = await locked(desk, measure_id, if_match)
    return await take_back(desk, row, body.reasons)


async def take_back(desk: Desk, row: dict[str, Any], reasons: str) -> dict[str, Any]:
    """Annul a held measure, and mark the ones whose ground counted it.

    Raises:
        RefusedError: It is not decided, or the same person proposed or decided it.
    """
    state = state_after(desk, row, "annul")
    values = {"state": state, "annulled_by": desk.person.login, "annulled_at": desk.now}
    annulled = await change(desk, row, values | {"annulment": reasons})
    await running.cancel(desk, ref_kind="measure", ref_id=row["id"])
    await note(desk, "measure.annulled", annulled, articles=(_NOTICE,), body={"kind": row["kind"]})
    for other in await store.counting(desk.connection, row["id"]):
        await store.update(desk.connection, other["id"], {"ground_lost_at": desk.now})
        about = {"id": other["id"], "org": other["org_id"], "subject": other["subject_id"]}
        lost = {"annulled": row["id"], "kind": other["kind"]}
        await note(desk, "measure.ground_lost", about, articles=(_NOTICE,), body=lost)
    return annulled


async def _weighed_again(desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
    """Return what a decision counts now; what was annulled since the proposal does not count."""
    found = await standing(desk.connection, row["subject"], lock=True)
    require_stage(found, "received", "in_correction", article=_ARTICLE)
    findings = await finding_store.findings(desk.connection, row["findings"])
    situation = await situation_of(desk, found, findings, row["conditions"])
    ground = ground_of(row["ground"])
    if ground is not None:
        refuse_unfounded(ground, situation)
        lost = set(row["counted"]) - set(counted_by(ground, situation))
        if row["ground_lost_at"] is not None and lost:
            raise RefusedError(_counts_lost(row["kind"]))
    return {"absence_days": absence_days(situation)}


async def _start_clocks(desk: Desk, row: dict[str, Any]) -> None:
    kind: MeasureKind = row["kind"]
    rule = KINDS[kind]
    clocks = ["measure_service"]
    clocks += ["copies_sent"] if templates()[rule.document].copies else []
    clocks += [rule.clock] if rule.clock else []
    for clock in clocks:
        await running.start(
            desk,
            clock,
            org_id=row["org"],
            subject_id=row["subject"],
            ref_kind="measure",
            ref_id=row["id"],
        )


def _not_missing() -> Refusal:
    return Refusal(
        "/unheard_because",
        "not_missing",
        article("law-30").key,
        "没有正在进行的查找",
        "no search for the person goes on",
        "先开始查找，或者听取本人陈述",
        "open a search first, or hear the person",
    )


def _counts_lost(kind: MeasureKind) -> Refusal:
    return Refusal(
        "",
        "ground_lost",
        KINDS[kind].article,
        "提出时计入的措施已被撤销",
        "a measure that the proposal counted was annulled",
        "撤回后重新提出",
        "withdraw it and propose anew",
    )
