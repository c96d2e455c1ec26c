"""提请: a proposal with its ground, its frozen evidence and the person's own words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from server.auth.person import Desk
from server.auth.powers import require
from server.cases.standing import Standing, require_stage, standing
from server.deadlines import running
from server.errors import InvalidError, Refusal, RefusedError
from server.law.articles import article
from server.measures import finding_store, store
from server.measures.conditions import Situation
from server.measures.evidence import freeze, keep, list_sha256
from server.measures.finding import ABSENCES
from server.measures.ground import Ground
from server.measures.grounds import GROUNDS, allowed_grounds, ground_of
from server.measures.kinds import KINDS, MeasureKind
from server.measures.ladder import told_before
from server.measures.noting import new_id, note
from server.measures.schemas import NewMeasure
from server.measures.stepping import held
from server.measures.weighing import absence_days, situation_of

_ARTICLE: Final = article("law-28").key


async def propose(desk: Desk, subject_id: str, body: NewMeasure) -> dict[str, Any]:
    """Propose a measure; copies of what proves it are frozen at this instant.

    Raises:
        NotFoundError: No such person in the scope.
        InvalidError: An unknown ground, finding or piece of evidence.
        RefusedError: Its ground is another measure's or is not fulfilled, a finding is not
            established or carries a measure already, or the stage, the category or the power does
            not allow it.
    """
    require(desk.person, "verify", article=_ARTICLE)
    found = await standing(desk.connection, subject_id, lock=True)
    require_stage(found, "received", "in_correction", article=_ARTICLE)
    ground = _ground(body)
    findings = await _findings(desk, subject_id, body)
    situation = await situation_of(desk, found, findings, body.conditions)
    refuse_unfounded(ground, situation)
    await _refuse_used(desk, body.kind, findings)
    row = _row(desk, found, body, ground, situation) | {
        "verified_by": sorted({one["verified_by"] for one in findings}),
    }
    copies = await freeze(desk.connection, subject_id, _proofs(body, findings, row["counted"]))
    row["evidence_sha256"] = list_sha256(copies)
    await store.insert(desk.connection, row)
    of: dict[str, Any] = {"org_id": found.org_id, "subject_id": subject_id}
    await keep(desk.connection, copies, measure_id=row["id"], **of)
    ref = {"ref_kind": "measure", "ref_id": row["id"]}
    await running.start(desk, "measure_decision", **of, **ref)
    entered = await held(desk, row["id"])
    noted = {"kind": body.kind, "ground": ground.key, "findings": body.findings}
    noted |= {"counted": row["counted"], "evidence_sha256": entered["evidence_sha256"]}
    await note(desk, "measure.proposed", entered, articles=(ground.article,), body=noted)
    return entered


def refuse_unfounded(ground: Ground, situation: Situation) -> None:
    """Refuse a measure whose ground is not fulfilled in a situation.

    Raises:
        RefusedError: With the grounds that are.
    """
    if ground.holds(situation):
        return
    others = allowed_grounds(situation)
    raise RefusedError(
        Refusal(
            "/ground",
            "ground",
            ground.article,
            f"不符合“{ground.text.zh}”",
            f"not fulfilled: {ground.text.en}",
            "；".join(f"{one.key} {one.text.zh}" for one in others) or "没有可以采取的措施",
            "; ".join(f"{one.key} {one.text.en}" for one in others) or "no measure",
        )
    )


def counted_by(ground: Ground, situation: Situation) -> list[str]:
    """Return the earlier measures that a ground counts in a situation."""
    if ground.counts is None or not situation.findings:
        return []
    first = min(finding.begin_time for finding in situation.findings)
    return [one.measure_id for one in told_before(situation.past, ground.counts, first)]


def _ground(body: NewMeasure) -> Ground:
    ground = ground_of(body.ground)
    if ground is None:
        raise InvalidError([("/ground", "is no ground: see docs/http-measures.md")])
    if ground.measure != body.kind:
        raise RefusedError(_of_another_measure(ground, body.kind))
    if ground.asks is None and body.findings:
        raise RefusedError(_rests_on_nothing(ground))
    return ground


def _of_another_measure(ground: Ground, kind: MeasureKind) -> Refusal:
    others = [one for one in GROUNDS if one.measure == kind]
    text = KINDS[kind].text
    return Refusal(
        "/ground",
        "ground_of_measure",
        KINDS[kind].article,
        f"“{ground.text.zh}”不是{text.zh}的情形",
        f"{ground.key} is no ground of {kind}",
        "；".join(f"{one.key} {one.text.zh}" for one in others),
        "; ".join(f"{one.key} {one.text.en}" for one in others),
    )


def _rests_on_nothing(ground: Ground) -> Refusal:
    return Refusal(
        "/findings",
        "ground_without_finding",
        ground.article,
        f"“{ground.text.zh}”不以查实的事实为据",
        f"{ground.key} rests on no finding",
        "不附事实，以符合的条件提出",
        "no finding: the conditions that are met",
    )


async def _findings(desk: Desk, subject_id: str, body: NewMeasure) -> list[dict[str, Any]]:
    found = await finding_store.findings(desk.connection, body.findings)
    rows = {row["id"]: row for row in found if row["subject"] == subject_id}
    unknown = [
        (f"/findings/{index}", f"{finding_id} is not of this person")
        for index, finding_id in enumerate(body.findings)
        if finding_id not in rows
    ]
    if unknown:
        raise InvalidError(unknown)
    raw = [
        _not_established(index, rows[finding_id], KINDS[body.kind].article)
        for index, finding_id in enumerate(body.findings)
        if rows[finding_id]["state"] != "established"
    ]
    if raw:
        raise RefusedError(*raw)
    return [rows[finding_id] for finding_id in dict.fromkeys(body.findings)]


def _not_established(index: int, row: Mapping[str, Any], of: str) -> Refusal:
    return Refusal(
        f"/findings/{index}",
        "finding_established",
        of,
        f"事实{row['id']}尚未查证属实",
        f"finding {row['id']} is {row['state']}",
        "先经查证属实",
        "a finding that was verified and established",
    )


async def _refuse_used(
    desk: Desk, kind: MeasureKind, findings: Sequence[Mapping[str, Any]]
) -> None:
    """Refuse a second measure on one finding.

    An absence that goes on may carry a heavier one when it grows longer.
    """
    going_on = {
        row["id"] for row in findings if row["kind"] in ABSENCES and row["end_time"] is None
    }
    weight = KINDS[kind].weight
    for other in await store.resting_on(desk.connection, [row["id"] for row in findings]):
        other_kind: MeasureKind = other["kind"]
        is_heavier = weight > KINDS[other_kind].weight and other["state"] == "decided"
        if other["finding"] in going_on and is_heavier:
            continue
        raise RefusedError(
            Refusal(
                "/findings",
                "one_measure",
                KINDS[kind].article,
                f"该事实已据以提出或者作出{KINDS[other_kind].text.zh}",
                f"{other['finding']} carries measure {other['id']}",
                "以新查实的事实提出；持续脱离监管的，可以提出更重的措施",
                "another finding; for an absence that goes on, a heavier measure",
            )
        )


def _row(
    desk: Desk, found: Standing, body: NewMeasure, ground: Ground, situation: Situation
) -> dict[str, Any]:
    return {
        "id": new_id("me"),
        "org_id": found.org_id,
        "subject_id": found.subject_id,
        "kind": body.kind,
        "ground": ground.key,
        "findings": list(dict.fromkeys(body.findings)),
        "counted": counted_by(ground, situation),
        "conditions": sorted(set(body.conditions)),
        "absence_days": absence_days(situation),
        "reasons": body.reasons,
        "policy_version": situation.policy.version,
        "proposed_by": desk.person.login,
        "proposed_at": desk.now,
    }


def _proofs(
    body: NewMeasure, findings: Sequence[Mapping[str, Any]], counted: Sequence[str]
) -> list[tuple[str, str]]:
    own = [("finding", row["id"]) for row in findings]
    theirs = [(ref["kind"], ref["id"]) for row in findings for ref in row["evidence"]]
    before = [("measure", measure_id) for measure_id in counted]
    more = [(ref.kind, ref.id) for ref in body.evidence]
    return [*own, *theirs, *before, *more]
