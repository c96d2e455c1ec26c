"""What courts, police, deciding bodies and the procuratorate say on a measure: noted here."""

from typing import Any, Final

from server.auth.person import Desk
from server.auth.powers import require
from server.cases.file_clocks import ENDING_CLOCK, start_clock
from server.cases.lifecycle import OPEN_STAGES
from server.cases.standing import require_stage, standing
from server.deadlines import running
from server.errors import Refusal, RefusedError
from server.law.articles import article
from server.measures import store
from server.measures.kinds import KINDS, MeasureKind
from server.measures.noting import note, past
from server.measures.schemas import ArrestRequest, NewRuling
from server.measures.stepping import change, locked, state_after

_ARREST: Final = article("law-47").key
_SUPERVISION: Final = article("law-62").key


async def ask_arrest(
    desk: Desk, measure_id: str, body: ArrestRequest, *, if_match: str | None
) -> dict[str, Any]:
    """Ask the court to arrest before it rules; it decides within 48 hours.

    Raises:
        NotFoundError: No such measure in the scope.
        RefusedError: No decided proposal of revocation, asked before, ruled already, or the case
            has ended.
    """
    require(desk.person, "decide", article=_ARREST)
    row = await locked(desk, measure_id, if_match)
    state_after(desk, row, "ask_arrest")
    file = await standing(desk.connection, row["subject"], lock=True)
    require_stage(file, *OPEN_STAGES, article=_ARREST)
    of = {"org_id": row["org"], "subject_id": row["subject"]}
    await running.start(desk, "arrest_decision", **of, ref_kind="measure", ref_id=measure_id)
    asked = await change(desk, row, {"arrest_asked_at": desk.now})
    said = {"reasons": body.reasons}
    await note(desk, "measure.arrest_asked", asked, articles=(_ARREST,), body=said)
    return asked


async def rule(
    desk: Desk, measure_id: str, body: NewRuling, *, if_match: str | None
) -> dict[str, Any]:
    """Note a ruling with its own time and the authority of the body that made it.

    Raises:
        NotFoundError: No such measure in the scope.
        InvalidError: It lies in the future.
        RefusedError: Nothing was proposed to another body, or its ruling stands already.
    """
    require(desk.person, "verify", article=_SUPERVISION)
    row = await locked(desk, measure_id, if_match)
    happened = past(desk, body.happened_time, "/happened_time")
    _refuse_out_of_place(desk, row, body)
    await store.insert_ruling(
        desk.connection,
        {
            **body.model_dump(),
            "org_id": row["org"],
            "subject_id": row["subject"],
            "measure_id": measure_id,
            "noted_by": desk.person.login,
            "noted_at": desk.now,
        },
    )
    await _meet(desk, row, body)
    ruled = await change(desk, row, {})
    await note(
        desk,
        "measure.ruled",
        ruled,
        articles=(_article_of(row["kind"], body.about),),
        body=body.model_dump(mode="json", include={"about", "by_body", "outcome", "number"}),
        happened_time=happened,
        authority="deciding_body",
    )
    return ruled


def _refuse_out_of_place(desk: Desk, row: dict[str, Any], body: NewRuling) -> None:
    if body.about == "proposal":
        state_after(desk, row, "rule")
    if row["decided_at"] is None or body.happened_time < row["decided_at"]:
        raise RefusedError(
            Refusal(
                "/happened_time",
                "ruled_before_decided",
                KINDS[row["kind"]].article,
                "早于本机关的决定",
                "earlier than the measure itself",
                "决定之后",
                "after the decision",
            )
        )
    if body.about == "arrest" and row["arrest_asked_at"] is None:
        raise RefusedError(
            Refusal(
                "/about",
                "arrest",
                _ARREST,
                "没有提请逮捕",
                "no arrest was asked for",
                "先提请逮捕",
                "ask for it first",
            )
        )


async def _meet(desk: Desk, row: dict[str, Any], body: NewRuling) -> None:
    ref = {"ref_kind": "measure", "ref_id": row["id"]}
    file = await standing(desk.connection, row["subject"], lock=True)
    # A ruling may come after the case has ended otherwise; nothing is owed by it then.
    begins = body.outcome == "granted" and file.stage in OPEN_STAGES
    if body.about == "arrest":
        await running.meet(desk, "arrest_decision", **ref)
        if begins:
            of = {"org_id": row["org"], "subject_id": row["subject"]}
            since = body.happened_time
            await running.start(desk, "arrest_custody", **of, **ref, begins_at=since)
    rule = KINDS[row["kind"]]
    if body.about == "proposal" and rule.clock is not None:
        await running.meet(desk, rule.clock, **ref)
        await running.cancel(desk, **ref, kind="arrest_custody")
        if begins and rule.ends_as is not None:
            await start_clock(desk, file, ENDING_CLOCK)


def _article_of(kind: MeasureKind, about: str) -> str:
    if about == "arrest":
        return _ARREST
    return _SUPERVISION if about == "supervision" else KINDS[kind].article
