"""The situation of a person as the law's grounds read it, from the file."""

from collections.abc import Sequence
from typing import Any

from server.auth.person import Desk
from server.cases.standing import Standing
from server.measures import finding_store, store
from server.measures.conditions import Situation, absence_of
from server.measures.finding import ABSENCES, Finding
from server.measures.ladder import Past
from server.policies.store import calendar_of, policy_of


def past_of(row: dict[str, Any]) -> Past:
    """Return a decided measure as counters read it."""
    is_granted = row["ruling"] == "granted"
    return Past(
        measure_id=row["id"],
        kind=row["kind"],
        decided_at=row["decided_at"],
        served_at=row["served_at"],
        imposed_time=row["ruled_time"] if is_granted else None,
        is_denied=row["ruling"] == "denied",
        is_annulled=row["state"] == "annulled",
    )


def finding_of(row: dict[str, Any]) -> Finding:
    """Return a finding as grounds read it."""
    names = ("kind", "gravity", "begin_time", "end_time", "was_educated", "has_proper_reason")
    return Finding(finding_id=row["id"], **{name: row[name] for name in names})


async def situation_of(
    desk: Desk,
    found: Standing,
    findings: Sequence[dict[str, Any]],
    conditions: Sequence[str] = (),
) -> Situation:
    """Return the situation in which these findings are weighed, at the instant of the request.

    Args:
        desk: The transaction.
        found: Whose they are.
        findings: Rows of findings.
        conditions: What the proposer attests.
    """
    connection, org_id = desk.connection, found.org_id
    rows = await store.of_person(connection, found.subject_id)
    return Situation(
        category=found.category,
        findings=tuple(finding_of(row) for row in findings),
        past=tuple(past_of(row) for row in rows if row["state"] in {"decided", "annulled"}),
        since=found.term_from,
        last_breach=await finding_store.newest_breach(connection, found.subject_id),
        conditions=frozenset(conditions),
        policy=await policy_of(connection, org_id, desk.now),
        calendar=await calendar_of(connection, org_id),
        now=desk.now,
    )


def absence_days(situation: Situation) -> int | None:
    """Return the days of the longest absence that is weighed; None when there is none."""
    absences = [one for one in situation.findings if one.kind in ABSENCES]
    return max((absence_of(one, situation).days for one in absences), default=None)
