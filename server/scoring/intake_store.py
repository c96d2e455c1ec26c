"""SQL of what became final elsewhere and is a fact: duties, findings, checks, leave, decisions.

A source is read by its own rows; nothing of medical review, face comparison or religion is among
them, and nothing that only a person's own account or the system's clock said.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal

from server.db import Connection, fetch_all

Source = Literal["duty", "finding", "check", "leave", "plan", "measure", "ruling", "assessment"]

# Each: r is the row, `kind` the fact, null where it is none.
_SELECTS: Final[Mapping[Source, str]] = MappingProxyType(
    {
        "duty": """
  SELECT r.id::text AS ref, r.org_id, r.subject_id, r.happened_time AS occurred_at,
    CASE r.outcome || ' ' || r.kind
      WHEN 'done periodic_report' THEN 'report_kept' WHEN 'done written_report' THEN 'report_kept'
      WHEN 'done talks' THEN 'talk_kept' WHEN 'done change' THEN 'change_reported'
      WHEN 'done education' THEN 'education_hour'
      WHEN 'done community_work' THEN 'public_service_hour'
      WHEN 'missed periodic_report' THEN 'report_missed'
      WHEN 'missed written_report' THEN 'report_missed' WHEN 'missed talks' THEN 'report_missed'
      WHEN 'missed education' THEN 'education_missed'
      WHEN 'missed community_work' THEN 'public_service_missed' END AS kind,
    CASE WHEN r.outcome = 'done' AND r.kind IN ('education', 'community_work')
      THEN round(r.amount / 60.0, 2) ELSE 1 END AS quantity,
    r.by_login AS confirmed_by, r.kind AS what, r.outcome AS how
  FROM duty_record r
  WHERE r.by_login IS NOT NULL AND r.form IS DISTINCT FROM 'own_account'""",
        "finding": """
  SELECT r.id AS ref, r.org_id, r.subject_id, r.begin_time AS occurred_at,
    CASE r.kind WHEN 'reporting' THEN 'report_missed' WHEN 'late_arrival' THEN 'late_arrival'
      WHEN 'absence' THEN 'whereabouts_unknown' WHEN 'whereabouts' THEN 'whereabouts_unknown'
      WHEN 'visitors' THEN 'visitor_rule_breached' WHEN 'leaving' THEN 'unapproved_outing'
      WHEN 'moving' THEN 'moved_without_leave' WHEN 'education' THEN 'education_missed'
      WHEN 'prohibition' THEN 'prohibition_breached' WHEN 'merit' THEN 'merit'
      WHEN 'major_merit' THEN 'major_merit' END AS kind,
    1 AS quantity, r.verified_by AS confirmed_by, r.kind AS what, r.state AS how
  FROM finding r
  WHERE r.state = 'established' AND NOT r.has_proper_reason
    AND NOT r.evidence @> '[{"kind": "alert"}]' AND NOT r.evidence @> '[{"kind": "fact"}]'""",
        "check": """
  SELECT r.id AS ref, r.org_id, r.subject_id, r.happened_time AS occurred_at,
    CASE r.result WHEN 'as_expected' THEN 'check_answered'
      WHEN 'unreachable' THEN 'check_unanswered' END AS kind,
    1 AS quantity, r.done_by AS confirmed_by, r.method AS what, r.result AS how
  FROM information_check r
  WHERE r.state = 'done' AND r.method <> 'kiosk'""",
        "leave": """
  SELECT r.id AS ref, r.org_id, r.subject_id, r.returned_time AS occurred_at,
    CASE WHEN r.returned_time <= r.to_time THEN 'leave_returned' ELSE 'leave_overdue' END AS kind,
    1 AS quantity, NULL AS confirmed_by, 'leave' AS what, r.state AS how
  FROM leave_application r WHERE r.state = 'returned'""",
        "plan": """
  SELECT r.id AS ref, r.org_id, r.subject_id, r.reviewed_at AS occurred_at,
    CASE r.outcome WHEN 'kept' THEN 'plan_kept' END AS kind,
    1 AS quantity, r.reviewed_by AS confirmed_by, 'plan' AS what, r.outcome AS how
  FROM plan_review r WHERE true""",
        "measure": """
  SELECT r.id AS ref, r.org_id, r.subject_id, r.decided_at AS occurred_at, r.kind AS kind,
    1 AS quantity, r.decided_by AS confirmed_by, r.kind AS what, r.state AS how
  FROM measure r
  WHERE r.state = 'decided' AND r.kind IN ('admonition', 'warning', 'praise')
    AND r.served_at IS NOT NULL AND coalesce(r.objectable_until, r.served_at) <= %(now)s
    AND NOT EXISTS (SELECT FROM objection o WHERE o.ref_kind = 'measure' AND o.ref_id = r.id
      AND o.state = 'open')""",
        "ruling": """
  SELECT r.id AS ref, r.org_id, r.subject_id, g.happened_time AS occurred_at, r.kind AS kind,
    1 AS quantity, g.noted_by AS confirmed_by, r.kind AS what, g.outcome AS how
  FROM measure r JOIN measure_ruling g
    ON g.measure_id = r.id AND g.about = 'proposal' AND g.outcome = 'granted'
  WHERE r.state = 'decided' AND r.kind = 'police_penalty'""",
        "assessment": """
  SELECT r.id AS ref, r.org_id, r.subject_id, r.decided_at AS occurred_at,
    CASE r.grade WHEN 'good' THEN 'assessment_good'
      WHEN 'unqualified' THEN 'assessment_unqualified' END AS kind,
    1 AS quantity, r.decided_by AS confirmed_by, 'assessment' AS what, r.grade AS how
  FROM assessment r
  WHERE r.state = 'confirmed' AND r.objectable_until <= %(now)s
    AND NOT EXISTS (SELECT FROM objection o WHERE o.ref_kind = 'assessment' AND o.ref_id = r.id
      AND o.state = 'open')""",
    }
)
SOURCES: Final = tuple(_SELECTS)

_FACT_ID: Final = "left(encode(sha256(convert_to('{0} ' || found.ref, 'UTF8')), 'hex'), 32)"

_NEW: Final = """
  SELECT {id} AS id, found.*, '{source}' AS source FROM ({select}
    AND (%(subject)s::text IS NULL OR r.subject_id = %(subject)s)
    AND (%(refs)s::text[] IS NULL OR r.id::text = ANY (%(refs)s))) found
  WHERE found.kind IS NOT NULL AND found.quantity > 0
    AND (%(since)s::timestamptz IS NULL OR found.occurred_at >= %(since)s)
    AND NOT EXISTS (SELECT FROM fact f WHERE f.id = {id})
  ORDER BY found.org_id, found.subject_id, found.occurred_at, found.ref LIMIT %(most)s"""

_FALLEN: Final = """
  SELECT {id} AS id, found.ref, '{source}' AS source, found.by_login FROM (
    SELECT r.id AS ref, {by} AS by_login FROM {table} r WHERE r.state = 'annulled'
      AND (%(subject)s::text IS NULL OR r.subject_id = %(subject)s)
      AND (%(since)s::timestamptz IS NULL OR r.decided_at >= %(since)s)) found
  JOIN fact f ON f.id = {id}
  WHERE NOT EXISTS (SELECT FROM fact_void v WHERE v.fact_id = f.id)
  ORDER BY found.ref LIMIT %(most)s"""

_UPHELD_BY: Final = (
    "(SELECT o.answered_by FROM objection o WHERE o.ref_kind = 'assessment'"
    " AND o.ref_id = r.id AND o.state = 'upheld' LIMIT 1)"
)
_ANNULLED: Final = (
    ("measure", "measure", "r.annulled_by"),
    ("ruling", "measure", "r.annulled_by"),
    ("assessment", "assessment", _UPHELD_BY),
)


async def new_facts(
    connection: Connection,
    source: Source,
    *,
    now: datetime,
    refs: list[str] | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    most: int = 500,
) -> list[dict[str, Any]]:
    """Return what of a source is final and no fact yet, in the order of organisation and person."""
    query = _NEW.format(source=source, select=_SELECTS[source], id=_FACT_ID.format(source))
    values = {"now": now, "refs": refs, "subject": subject, "since": since, "most": most}
    return await fetch_all(connection, query, values)


async def fallen_facts(
    connection: Connection,
    *,
    subject: str | None = None,
    since: datetime | None = None,
    most: int = 500,
) -> list[dict[str, Any]]:
    """Return facts whose decision was annulled and that have not fallen yet."""
    values = {"subject": subject, "since": since, "most": most}
    found = []
    for source, table, by in _ANNULLED:
        query = _FALLEN.format(id=_FACT_ID.format(source), source=source, table=table, by=by)
        found += await fetch_all(connection, query, values)
    return found
