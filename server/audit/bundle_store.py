"""SQL of a bundle: which rows belong to an alert, a fact or a person, and what proves them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from psycopg.rows import dict_row

from server.audit.reading_store import Snapshot
from server.audit.sources import SOURCES, content_sql

_OF_FACTS: Final[Mapping[str, str]] = {
    "fact": "id = ANY (%(facts)s)",
    "fact_void": "fact_id = ANY (%(facts)s)",
    "fact_record": "fact_id = ANY (%(facts)s)",
    "score_entry": "fact_id = ANY (%(facts)s)",
}
_OF_ALERT: Final[Mapping[str, str]] = {
    "outcome": "episode_id = %(id)s",
    "alert_step": "alert_id = %(id)s",
    "dispatch_step": "task_id IN (SELECT d.id FROM dispatch_task d WHERE d.alert_id = %(id)s)",
    "act": "ref_kind = 'alert' AND ref_id = %(id)s",
    **_OF_FACTS,
}
_OF_SUBJECT: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            *("act", "outcome", "fact", "fact_record", "fact_void", "score_entry", "document"),
            *("access_log", "measure_ruling"),
        ),
        "subject_id = %(id)s",
    ),
    "alert_step": "alert_id IN (SELECT a.id FROM alert a WHERE a.subject_id = %(id)s)",
    "dispatch_step": "task_id IN (SELECT d.id FROM dispatch_task d"
    " JOIN alert a ON a.id = d.alert_id WHERE a.subject_id = %(id)s)",
}
_FACTS_OF_ALERT: Final = """
  SELECT f.id FROM fact f JOIN alert a ON a.id = %s AND a.subject_id = f.subject_id
  WHERE f.evidence ->> 'alert_id' = %s ORDER BY f.id"""
# Beside what is sealed, for it may be destroyed.
_OPENINGS: Final[Mapping[str, str]] = {"fact_record": "t.openings"}
_LEAVES: Final = """
  SELECT position, source, form, commitment FROM audit_leaf
  WHERE org_id = %s AND position BETWEEN %s AND %s ORDER BY position"""
# Up to the next one that is signed: an unsigned block is proved by those that follow it.
_BLOCKS: Final = """
  SELECT b.*, c.statement, c.key_id, c.signature FROM audit_block b
  LEFT JOIN audit_checkpoint c ON c.org_id = b.org_id AND c.number = b.number
  WHERE b.org_id = %(org)s AND b.number >= (
      SELECT max(number) FROM audit_block WHERE org_id = %(org)s AND first_position <= %(position)s)
    AND b.number <= coalesce((
      SELECT min(s.number) FROM audit_checkpoint s JOIN audit_block t
        ON t.org_id = s.org_id AND t.number = s.number
      WHERE s.org_id = %(org)s AND t.first_position + t.leaf_count > %(position)s), 0)
  ORDER BY b.number"""


def rows_of(connection: Snapshot, kind: str, name: str) -> list[dict[str, Any]]:
    """Return what was recorded of an alert, a fact or a subject, in the order of the chains.

    Args:
        connection: A prepared transaction.
        kind: `alert`, `fact` or `subject`.
        name: Its id.

    Returns:
        Rows with `source`, `row_id`, `org_id`, and of those that are sealed `position`, `form`,
        `salt`, `content` and `openings` (what commitments in the content stand for).
    """
    wheres = {"alert": _OF_ALERT, "fact": _OF_FACTS, "subject": _OF_SUBJECT}[kind]
    facts = [name]
    if kind == "alert":
        facts = [row["id"] for row in _fetched(connection, _FACTS_OF_ALERT, (name, name))]
    given = {"id": name, "facts": facts}
    found = [
        row
        for source, where in wheres.items()
        for row in _fetched(connection, _rows_sql(source, where), given)
    ]
    return sorted(found, key=lambda row: (row["org_id"], row["position"] or 0, row["row_id"]))


def blocks_over(connection: Snapshot, org: str, position: int) -> list[dict[str, Any]]:
    """Return the block of a leaf and those up to the next signed one; empty when none is."""
    return _fetched(connection, _BLOCKS, {"org": org, "position": position})


def leaves_of(connection: Snapshot, org: str, first: int, last: int) -> list[dict[str, Any]]:
    """Return position, source, form and commitment of an organisation's leaves."""
    return _fetched(connection, _LEAVES, (org, first, last))


def _rows_sql(name: str, where: str) -> str:
    source = SOURCES[name]
    forms = " ".join(
        f"WHEN {form} THEN {content_sql(name, form, alias='t')}" for form in source.forms
    )
    return (
        f"SELECT '{name}' AS source, t.{source.key}::text AS row_id, t.org_id, l.position,"  # noqa: S608 - names of SOURCES
        f" l.form, l.salt, CASE l.form {forms} END AS content,"
        f" {_OPENINGS.get(name, 'NULL::jsonb')} AS openings"
        f" FROM (SELECT * FROM {name} WHERE {where}) t"
        f" LEFT JOIN audit_leaf l ON l.source = '{name}' AND l.row_id = t.{source.key}::text"
    )


def _fetched(
    connection: Snapshot, query: str, given: Mapping[str, Any] | Sequence[Any]
) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), given).fetchall()
