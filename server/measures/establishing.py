"""Findings: reported, verified, dismissed."""

from datetime import datetime
from typing import Any, Final

from server.auth.person import Desk
from server.auth.powers import require
from server.cases.standing import Standing, require_stage, standing
from server.errors import InvalidError, NotFoundError, Refusal, RefusedError
from server.law.articles import article
from server.measures import finding_store
from server.measures.finding import ABSENCES, CIRCUMSTANCES, FINDINGS, MERITS, FindingKind
from server.measures.finding_schemas import EvidenceRef, NewFinding, Verification
from server.measures.noting import new_id, note, past
from server.scoring.intake import take
from server.versions import check_version

_ARTICLE: Final = article("law-28").key


async def report(desk: Desk, subject_id: str, body: NewFinding) -> dict[str, Any]:
    """Enter what was noticed of a person.

    Raises:
        NotFoundError: No such person in the scope.
        InvalidError: It lies in the future.
        RefusedError: The stage or the category does not allow it, or the power is missing.
    """
    require(desk.person, "verify", article=_ARTICLE)
    found = await standing(desk.connection, subject_id)
    past(desk, body.begin_time, "/begin_time")
    past(desk, body.end_time, "/end_time")
    return await enter(
        desk,
        found,
        body.kind,
        (body.begin_time, body.end_time),
        description=body.description,
        evidence=body.evidence,
    )


async def enter(
    desk: Desk,
    found: Standing,
    kind: FindingKind,
    span: tuple[datetime, datetime | None],
    *,
    description: str,
    evidence: list[EvidenceRef],
    missing_id: str | None = None,
) -> dict[str, Any]:
    """Enter a finding of a person who stands as found.

    Args:
        desk: Who notices it.
        found: Whose it is.
        kind: What it is.
        span: When it began, and when it ended if it is an absence that is over.
        description: In words.
        evidence: What proves it.
        missing_id: The search whose absence it is.

    Raises:
        RefusedError: The stage or the category does not allow it.
    """
    rule = FINDINGS[kind]
    require_stage(found, "received", "in_correction", article=_ARTICLE)
    _require_category(found, kind)
    finding_id = new_id("fi")
    row = {
        "id": finding_id,
        "org_id": found.org_id,
        "subject_id": found.subject_id,
        "kind": kind,
        "begin_time": span[0],
        "end_time": span[1],
        "description": description,
        "evidence": [ref.model_dump() for ref in evidence],
        "missing_id": missing_id,
        "reported_by": desk.person.login,
        "reported_at": desk.now,
    }
    await finding_store.insert(desk.connection, row)
    entered = await held(desk, finding_id)
    await note(
        desk,
        "finding.reported",
        entered,
        ref_kind="finding",
        articles=(rule.article,),
        body={"kind": kind},
        happened_time=span[0],
    )
    return entered


def _require_category(found: Standing, kind: FindingKind) -> None:
    rule = FINDINGS[kind]
    if found.category in rule.categories:
        return
    raise RefusedError(
        Refusal(
            "/kind",
            "category",
            rule.article,
            f"该类对象不适用“{rule.text.zh}”",
            f"{rule.text.en}: not of this category",
            "、".join(sorted(rule.categories)),
            ", ".join(sorted(rule.categories)),
        )
    )


async def held(desk: Desk, finding_id: str, *, lock: bool = False) -> dict[str, Any]:
    """Return a finding.

    Raises:
        NotFoundError: No such finding in the scope.
    """
    row = await finding_store.finding(desk.connection, finding_id, lock=lock)
    if row is None:
        raise NotFoundError("no such finding in your scope")
    return row


async def verify(
    desk: Desk, finding_id: str, body: Verification, *, if_match: str | None
) -> dict[str, Any]:
    """Write what the office found out; a finding is verified once.

    Raises:
        NotFoundError: No such finding in the scope.
        InvalidError: A gravity is missing or has no place here, or an end lies wrongly.
        RefusedError: It was verified before, or the power is missing.
    """
    require(desk.person, "verify", article=_ARTICLE)
    row = await held(desk, finding_id, lock=True)
    check_version(if_match, row["version"], current=_seen(row))
    if row["state"] != "reported":
        raise RefusedError(_final(row))
    past(desk, body.end_time, "/end_time")
    _refuse_faults(row, body)
    values = {
        "state": body.outcome,
        "gravity": body.gravity,
        "was_educated": body.was_educated,
        "has_proper_reason": body.has_proper_reason,
        "end_time": body.end_time or row["end_time"],
        "verification": body.verification,
        "verified_by": desk.person.login,
        "verified_at": desk.now,
    }
    await finding_store.verify(desk.connection, finding_id, values)
    kind: FindingKind = row["kind"]
    await note(
        desk,
        f"finding.{body.outcome}",
        row,
        ref_kind="finding",
        articles=(FINDINGS[kind].article,),
        body={"kind": kind, "gravity": body.gravity},
    )
    by = desk.person.login
    await take(desk.connection, "finding", [finding_id], by_login=by, now=desk.now)
    return await held(desk, finding_id)


def _refuse_faults(row: dict[str, Any], body: Verification) -> None:
    kind: FindingKind = row["kind"]
    is_breach = kind not in CIRCUMSTANCES | MERITS
    faults = []
    if body.outcome == "established" and is_breach and body.gravity is None:
        faults.append(("/gravity", "is wanted: minor, serious or grave"))
    if body.gravity is not None and not is_breach:
        faults.append(("/gravity", f"does not go with {kind}"))
    if body.end_time is not None and kind not in ABSENCES:
        faults.append(("/end_time", f"does not go with {kind}"))
    if body.end_time is not None and body.end_time < row["begin_time"]:
        faults.append(("/end_time", "lies before begin_time"))
    if faults:
        raise InvalidError(faults)


def _final(row: dict[str, Any]) -> Refusal:
    return Refusal(
        "",
        "verified_once",
        _ARTICLE,
        "该事实已经查实认定",
        f"the finding is {row['state']}",
        "如有新情况，另行登记",
        "a finding of its own for what is new",
    )


def _seen(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "state", "version")}
