"""SQL of rewards and restrictions; a minor's and a sealed file have none."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one
from server.scoring.policy import Grade

_UNLOOKED: Final = """
  SELECT c.org_id || '/' || c.month AS id, c.org_id, c.month FROM score_close c
  WHERE c.month = %(month)s AND c.org_id || '/' || c.month <> ALL (%(resting)s)
    AND NOT EXISTS (SELECT FROM score_treatment_round r
      WHERE r.org_id = c.org_id AND r.month = c.month)
  ORDER BY c.org_id LIMIT %(most)s"""

# Whoever has moved here brings the months of before; who is released has no treatment.
_MONTHS: Final = """
  SELECT DISTINCT ON (m.subject_id, m.month) m.subject_id, m.month, m.grade
  FROM score_month this
  JOIN subject s ON s.id = this.subject_id AND NOT s.is_minor AND NOT s.is_sealed
    AND s.org_id = %(org)s
  LEFT JOIN case_file f ON f.subject_id = s.id
  JOIN score_month m ON m.subject_id = this.subject_id
  WHERE this.org_id = %(org)s AND this.month = %(last)s
    AND coalesce(f.stage, '') NOT IN ('released', 'terminated', 'transferred_out')
    AND m.month BETWEEN %(first)s AND %(last)s
  ORDER BY m.subject_id, m.month, m.org_id <> %(org)s, m.org_id"""

_STANDING: Final = """
  SELECT id, subject_id, treatment, state, doubted_month FROM score_treatment
  WHERE org_id = %s AND state IN ('proposed', 'in_force') ORDER BY id FOR UPDATE"""

_INSERT: Final = """
  INSERT INTO score_treatment (id, org_id, subject_id, treatment, kind, zh, en, policy_version,
    since_month, month, grade, made_at)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(treatment)s, %(kind)s, %(zh)s, %(en)s,
    %(policy_version)s, %(since_month)s, %(month)s, %(grade)s, %(made_at)s)
  ON CONFLICT DO NOTHING"""

_CLOSE: Final = """
  UPDATE score_treatment SET state = CASE state WHEN 'proposed' THEN 'lapsed' ELSE 'ended' END,
    ended_at = %(at)s, version = version + 1
  WHERE id = %(id)s"""

_DOUBT: Final = """
  UPDATE score_treatment SET doubted_month = %(month)s, doubted_grade = %(grade)s,
    version = version + 1
  WHERE id = %(id)s"""

_COLUMNS: Final = """t.id, t.org_id, t.subject_id, t.treatment, t.kind, t.zh, t.en,
    t.policy_version, t.since_month, t.month, t.grade, t.made_at, t.state, t.decided_by,
    t.decided_at, t.note, t.doubted_month, t.doubted_grade, t.ended_by, t.ended_at, t.end_note,
    t.version, o.id AS objection_id, o.words, o.filed_by, o.filed_at, o.state AS objection_state,
    o.answer, o.answered_by, o.answered_at"""
_FROM: Final = """
  FROM score_treatment t LEFT JOIN score_treatment_objection o ON o.treatment_id = t.id"""
_PAGE: Final = f"""
  SELECT {_COLUMNS} {_FROM} JOIN org own ON own.id = t.org_id
  JOIN org top ON starts_with(own.path, top.path)
  WHERE top.id = %(org)s AND (%(kind)s::text IS NULL OR t.kind = %(kind)s)
    AND (%(state)s::text IS NULL OR t.state = %(state)s)
    AND (%(treatment)s::text IS NULL OR t.treatment = %(treatment)s)
    AND (%(subject)s::text IS NULL OR t.subject_id = %(subject)s)
    AND (NOT %(waiting)s OR t.state = 'proposed' OR o.state = 'open'
      OR t.state = 'in_force' AND t.doubted_month IS NOT NULL)
    AND (%(after_month)s::int IS NULL OR (t.month, t.id) < (%(after_month)s, %(after_id)s))
  ORDER BY t.month DESC, t.id DESC LIMIT %(limit)s"""
_ONE: Final = f"SELECT {_COLUMNS} {_FROM} WHERE t.id = %s"
_OWN: Final = f"""
  SELECT {_COLUMNS} {_FROM}
  WHERE t.subject_id = %s AND t.state IN ('set_aside', 'in_force', 'ended')
  ORDER BY t.month DESC, t.id DESC LIMIT 200"""

_DECIDE: Final = """
  UPDATE score_treatment SET state = %(state)s, decided_by = %(by)s, decided_at = %(at)s,
    note = %(note)s, version = version + 1
  WHERE id = %(id)s"""

_END: Final = """
  UPDATE score_treatment SET state = 'ended', ended_by = %(by)s, ended_at = %(at)s,
    end_note = %(note)s, version = version + 1
  WHERE id = %(id)s"""

_KEEP: Final = """
  UPDATE score_treatment SET doubted_month = NULL, doubted_grade = NULL, version = version + 1
  WHERE id = %s"""

_REVIVE: Final = """
  UPDATE score_treatment SET state = 'in_force', ended_by = NULL, ended_at = NULL, end_note = NULL,
    version = version + 1
  WHERE id = %(id)s AND NOT EXISTS (SELECT FROM score_treatment t
    WHERE t.subject_id = %(subject)s AND t.treatment = %(treatment)s
      AND t.state IN ('proposed', 'in_force'))"""

_FILE: Final = """
  INSERT INTO score_treatment_objection (id, org_id, subject_id, treatment_id, words, filed_by,
    filed_at)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(treatment_id)s, %(words)s, %(by)s, %(at)s)
  ON CONFLICT (treatment_id) DO NOTHING"""

_ANSWER: Final = """
  UPDATE score_treatment_objection SET state = %(state)s, answer = %(answer)s,
    answered_by = %(by)s, answered_at = %(at)s
  WHERE id = %(id)s"""


async def unlooked(
    connection: Connection, month: int, *, resting: Sequence[str], most: int
) -> list[dict[str, Any]]:
    """Return closes of a month that proposed nothing yet."""
    values = {"month": month, "resting": list(resting), "most": most}
    return await fetch_all(connection, _UNLOOKED, values)


async def months(
    connection: Connection, org_id: str, first: int, last: int
) -> list[dict[str, Any]]:
    """Return the grades at the closes of who is supervised by an organisation."""
    return await fetch_all(connection, _MONTHS, {"org": org_id, "first": first, "last": last})


async def standing(connection: Connection, org_id: str) -> list[dict[str, Any]]:
    """Return what an organisation proposed or has in force, and lock it."""
    return await fetch_all(connection, _STANDING, (org_id,))


async def insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Propose; return how many were new: what was decided of the same run stays decided."""
    made = 0
    for row in rows:
        made += (await connection.execute(_INSERT, row)).rowcount
    return made


async def close(connection: Connection, treatment_id: str, at: datetime) -> None:
    """End what nobody decides on: a proposal without its reason, of who is not here any more."""
    await connection.execute(_CLOSE, {"id": treatment_id, "at": at})


async def doubt(connection: Connection, treatment_id: str, month: int, grade: Grade) -> None:
    """Propose the end of a treatment in force."""
    await connection.execute(_DOUBT, {"id": treatment_id, "month": month, "grade": grade})


async def insert_round(
    connection: Connection, org_id: str, month: int, proposed: int, made_at: datetime
) -> None:
    """Note that a close was looked at."""
    await connection.execute(
        "INSERT INTO score_treatment_round (org_id, month, proposed, made_at)"
        " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (org_id, month, proposed, made_at),
    )


async def page(connection: Connection, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return treatments of an organisation and those below it, the newest month first."""
    return await fetch_all(connection, _PAGE, asked)


async def own(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return what was decided for a person, the newest first; 200 at most."""
    return await fetch_all(connection, _OWN, (subject_id,))


async def treatment(
    connection: Connection, treatment_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a treatment of the scope."""
    query = _ONE + (" FOR UPDATE OF t" if lock else "")
    return await fetch_one(connection, query, (treatment_id,))


async def decide(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write the decision on a proposal."""
    await connection.execute(_DECIDE, values)


async def end(connection: Connection, values: Mapping[str, Any]) -> None:
    """End a treatment in force."""
    await connection.execute(_END, values)


async def keep(connection: Connection, treatment_id: str) -> None:
    """Keep a treatment in force that a close doubted."""
    await connection.execute(_KEEP, (treatment_id,))


async def revive(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Put a treatment in force that was set aside or ended; False: the same one stands anew."""
    values = {"id": row["id"], "subject": row["subject_id"], "treatment": row["treatment"]}
    return (await connection.execute(_REVIVE, values)).rowcount == 1


async def file(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep an objection; False: there was one."""
    return (await connection.execute(_FILE, row)).rowcount == 1


async def answer(connection: Connection, values: Mapping[str, Any]) -> None:
    """Answer an objection."""
    await connection.execute(_ANSWER, values)
