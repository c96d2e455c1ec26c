"""The papers of measures (决定书, 建议书, 异议答复书): what the record says, for the template."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from server.auth.person import Desk
from server.documents import issuing
from server.law.days import ZONE
from server.law.text import Text
from server.measures import finding_store, store
from server.measures.finding import FINDINGS, FindingKind
from server.measures.grounds import ground_of
from server.measures.kinds import KINDS, MeasureKind
from server.measures.schemas import Answer, Service
from server.policies.store import policy_of

_NAMES: Final[Mapping[str, str]] = {
    "finding": "查实认定记录",
    "alert": "系统预警记录",
    "fact": "确认的事实记录",
    "act": "工作记录",
    "document": "法律文书",
    "measure": "此前的奖惩决定",
    "search_step": "查找记录",
}


async def decision_paper(desk: Desk, row: Mapping[str, Any], details: Mapping[str, str]) -> str:
    """Issue the paper of a decided measure; return its id.

    Args:
        desk: Who decides.
        row: The measure as decided.
        details: Standing fields that the file lacks, such as the court's name.

    Raises:
        RefusedError: The template lacks a value, or the organisation does not issue it.
    """
    kind: MeasureKind = row["kind"]
    values = {**details, **await _values(desk, row)}
    if kind == "reduction":
        values["proposed"] = details.get("proposed")
    paper = await issuing.issue(
        desk, KINDS[kind].document, row["subject"], values, "measure", row["id"]
    )
    return str(paper.id)


async def serve_paper(
    desk: Desk, row: Mapping[str, Any], body: Service, served_time: datetime
) -> None:
    """Note the service of a measure's paper, unless it is noted already.

    Raises:
        RefusedError: The time cannot be.
    """
    paper = await issuing.read(desk, row["document"])
    if paper["service"] is None:
        await issuing.serve(
            desk,
            row["document"],
            method=body.method,
            recipient=body.recipient,
            served_time=served_time,
            note=body.note,
        )


async def answer_paper(
    desk: Desk, measure: Mapping[str, Any], objection: Mapping[str, Any], body: Answer
) -> str:
    """Issue the answer to an objection; return its id."""
    paper = await issuing.read(desk, measure["document"])
    values = {
        "objected_number": paper["number"],
        "objected_on": _day(objection["filed_at"]),
        "objection": objection["words"],
        "reasons": body.answer,
        # The template says what becomes of the decision.
        "decision": "annulled" if body.outcome == "upheld" else "upheld",
    }
    answer = await issuing.issue(
        desk, "objection_answer", measure["subject"], values, "objection", objection["id"]
    )
    return str(answer.id)


async def _values(desk: Desk, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the templates of a kind take."""
    kind: MeasureKind = row["kind"]
    findings = await finding_store.findings(desk.connection, row["findings"])
    facts = "\n".join([*map(_told, findings), row["reasons"]])
    if kind == "praise":
        return {"merits": facts.split("\n")}
    earlier = await store.of_person(desk.connection, row["subject"])
    said: dict[str, Any] = {
        "facts": facts,
        "evidence": await _evidence(desk, row),
        "ground": _ground(row).zh,
    }
    if row["statement"] is not None:
        said["statement"] = row["statement"]
    if KINDS[kind].decided_by is None:
        policy = await policy_of(desk.connection, row["org"], desk.now)
        same = [one for one in earlier if one["kind"] == kind and one["state"] == "decided"]
        days = policy.number("objection_window_days")
        return said | {"count": len(same), "objection_days": days}
    record = _record(earlier)
    said["attachments"] = ["事实和证据材料一卷", f"证据固定校验值 {row['evidence_sha256']}"]
    return said | ({"record": record} if record else {})


async def _evidence(desk: Desk, row: Mapping[str, Any]) -> list[str]:
    copies = await store.evidence(desk.connection, row["id"])
    lines = [f"{_NAMES[copy['kind']]} {copy['ref_id']}" for copy in copies]
    return lines or ["社区矫正工作档案"]


def _told(finding: Mapping[str, Any]) -> str:
    kind: FindingKind = finding["kind"]
    begin = _day(finding["begin_time"])
    return f"{begin.year}年{begin.month}月{begin.day}日，{FINDINGS[kind].text.zh}：" + str(
        finding["description"]
    )


def _record(earlier: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for one in earlier:
        kind: MeasureKind = one["kind"]
        if one["state"] == "decided" and KINDS[kind].is_penalty and KINDS[kind].weight < 4:  # noqa: PLR2004
            day = _day(one["decided_at"])
            lines.append(f"{day.year}年{day.month}月{day.day}日{KINDS[kind].text.zh}")
    return lines


def _ground(row: Mapping[str, Any]) -> Text:
    ground = ground_of(row["ground"])
    return ground.text if ground else Text(row["ground"], row["ground"])


def _day(instant: datetime) -> date:
    return instant.astimezone(ZONE).date()
