"""Assessments: prepared from the record, confirmed by another person of the county, told."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, cast

from server.auth.person import Desk
from server.auth.powers import require, require_another
from server.cases.standing import Standing, require_stage, standing
from server.cases.work import propose_for
from server.cases.work_schemas import NewClassProposal
from server.cases.work_store import has_open_proposal
from server.deadlines import running
from server.duties import assessment_store
from server.duties.assessment import Quarter, suggested_class, suggested_grade
from server.duties.assessment_schemas import Confirmation, NewAssessment, Told
from server.duties.kinds import DUTIES, DutyKind
from server.duties.planning import class_now
from server.duties.recording import Deed, note_deed
from server.errors import InvalidError, NotFoundError, Refusal, RefusedError
from server.law.articles import article
from server.law.policy import Policy
from server.measures import noting
from server.measures.noting import new_id, past
from server.policies.store import calendar_of, policy_of
from server.versions import check_version

_ARTICLE: Final = article("measures-32").key
_CLASSES: Final = article("measures-21").key
_CLASS_WORDS: Final = {
    "strict": ("严管", "strict"),
    "general": ("普管", "general"),
    "lenient": ("宽管", "lenient"),
}
_GRADE_WORDS: Final = {"good": "良好", "qualified": "合格", "unqualified": "不合格"}


async def prepare(desk: Desk, subject_id: str, body: NewAssessment) -> str:
    """Prepare an assessment of a period that is over; return its id.

    Raises:
        NotFoundError: No such person in the scope.
        InvalidError: The period is not over, or is empty or longer than a year.
        RefusedError: The period has one, or the stage or the power does not allow it.
    """
    require(desk.person, "verify", article=_ARTICLE)
    found = await standing(desk.connection, subject_id, lock=True)
    require_stage(found, "in_correction", article=_ARTICLE)
    calendar = await calendar_of(desk.connection, found.org_id)
    today = calendar.date_of(desk.now)
    if not body.period_from < body.period_to <= today or (today - body.period_from).days > 400:  # noqa: PLR2004
        raise InvalidError([("/period_to", "a period that is over, of at most a year back")])
    policy = await policy_of(desk.connection, found.org_id, desk.now)
    quarter = await _quarter(desk, found, body, policy)
    suggested = suggested_grade(quarter)
    assessment_id = new_id("as")
    row = {
        "id": assessment_id,
        "org_id": found.org_id,
        "subject_id": subject_id,
        **body.model_dump(),
        "facts": quarter.described(),
        "suggested": suggested,
        "class": quarter.supervision_class,
        "class_suggested": suggested_class(quarter, body.grade, today, policy, calendar),
        "policy_version": policy.version,
        "prepared_by": desk.person.login,
        "prepared_at": desk.now,
    }
    if not await assessment_store.insert(desk.connection, row):
        raise RefusedError(_twice(body.period_from))
    noted = {"grade": body.grade, "suggested": suggested}
    noted |= {"class_suggested": row["class_suggested"]}
    await _note(desk, "assessment.prepared", await held(desk, assessment_id), noted)
    return assessment_id


async def confirm(
    desk: Desk, assessment_id: str, body: Confirmation, *, if_match: str | None
) -> None:
    """Confirm or return an assessment as another person of the county.

    Raises:
        NotFoundError: No such assessment in the scope.
        RefusedError: It was decided, by oneself, or the power is missing.
    """
    require(desk.person, "decide", article=_ARTICLE)
    row = await _locked(desk, assessment_id, if_match, "prepared")
    require_another(desk.person, row["prepared_by"], article=_ARTICLE)
    values = {"state": body.outcome, "decided_by": desk.person.login, "decided_at": desk.now}
    await assessment_store.update(desk.connection, assessment_id, values | {"note": body.note})
    if body.outcome == "confirmed":
        grade = f"{row['period_from']}至{row['period_to']}：{row['grade']}"
        deed = Deed(row["subject"], "assessment", "done", 1, grade, desk.now)
        await note_deed(desk, deed)
        await _propose_class(desk, row)
    await _note(desk, f"assessment.{body.outcome}", row, {"grade": row["grade"]})


async def _propose_class(desk: Desk, row: Mapping[str, Any]) -> None:
    """Propose the class that the record suggests, for a person to decide on; never set it."""
    file = await standing(desk.connection, row["subject"], lock=True)
    suggested = row["class_suggested"]
    if (
        file.stage != "in_correction"
        or suggested == await class_now(desk, file.subject_id)
        or await has_open_proposal(desk.connection, file.subject_id)
    ):
        return
    zh, en = _CLASS_WORDS[suggested]
    reason = (
        f"{row['period_from']}至{row['period_to']}考核结果为{_GRADE_WORDS[row['grade']]}，"
        f"按考核规则（{row['policy_version']}）建议{zh}。/ By the assessment and policy: {en}."
    )
    proposal = NewClassProposal(to_class=suggested, reason=reason)
    await propose_for(desk, file, proposal, by=row["prepared_by"], assessment_id=row["id"])


async def tell(desk: Desk, assessment_id: str, body: Told, *, if_match: str | None) -> None:
    """Note that the person was told in writing; the window of objection begins.

    Raises:
        NotFoundError: No such assessment in the scope.
        RefusedError: It is not confirmed, or was told.
    """
    require(desk.person, "verify", article=_ARTICLE)
    row = await _locked(desk, assessment_id, if_match, "confirmed")
    if row["told_at"] is not None:
        raise RefusedError(_wrong_state(row, "told"))
    happened = past(desk, body.happened_time, "/happened_time")
    window = await running.start(
        desk,
        "objection_window",
        org_id=row["org"],
        subject_id=row["subject"],
        ref_kind="assessment",
        ref_id=assessment_id,
    )
    values = {"told_at": desk.now, "objectable_until": window.due_at}
    await assessment_store.update(desk.connection, assessment_id, values)
    await _note(desk, "assessment.told", row, {"happened_time": happened.isoformat()})


async def held(desk: Desk, assessment_id: str, *, lock: bool = False) -> dict[str, Any]:
    """Return an assessment.

    Raises:
        NotFoundError: No such assessment in the scope.
    """
    row = await assessment_store.assessment(desk.connection, assessment_id, lock=lock)
    if row is None:
        raise NotFoundError("no such assessment in your scope")
    return row


async def _quarter(desk: Desk, found: Standing, body: NewAssessment, policy: Policy) -> Quarter:
    calendar = await calendar_of(desk.connection, found.org_id)
    begins_at, ends_at = calendar.begins_at(body.period_from), calendar.begins_at(body.period_to)
    of = (desk.connection, found.subject_id, begins_at, ends_at)
    lacking = 0
    for row in await assessment_store.short_of_hours(*of):
        rule = DUTIES[cast("DutyKind", row["kind"])]
        lacking += max(0, rule.wanted(row["class"], policy) - row["done"])
    since = await assessment_store.class_since(desk.connection, found.subject_id, desk.now)
    return Quarter(
        **await assessment_store.counts(*of),
        hours_lacking=lacking,
        supervision_class=await class_now(desk, found.subject_id),
        in_class_since=since or found.term_from,
        term_from=found.term_from,
    )


async def _locked(
    desk: Desk, assessment_id: str, if_match: str | None, state: str
) -> dict[str, Any]:
    row = await held(desk, assessment_id, lock=True)
    seen = {name: row[name] for name in ("id", "state", "version")}
    check_version(if_match, row["version"], current=seen)
    if row["state"] != state:
        raise RefusedError(_wrong_state(row, row["state"]))
    return row


def _wrong_state(row: Mapping[str, Any], state: str) -> Refusal:
    del row
    return Refusal(
        "",
        "assessment_state",
        _ARTICLE,
        "该考核的状态不允许",
        f"the assessment is {state}",
        "准备、确认、告知依次进行，各一次",
        "prepared, confirmed, told: in this order, each once",
    )


def _twice(period_from: date) -> Refusal:
    return Refusal(
        "/period_from",
        "one_assessment",
        _ARTICLE,
        f"{period_from.isoformat()}起的期间已有考核",
        "the period has an assessment",
        "另一期间，或者退回后重新考核",
        "another period, or anew after it was returned",
    )


async def _note(desk: Desk, kind: str, row: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    of = (_ARTICLE, _CLASSES)
    await noting.note(desk, kind, row, ref_kind="assessment", articles=of, body=body)
