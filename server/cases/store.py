"""SQL of the file itself: its row, its steps, its end."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one
from server.personal.fields import CASE_FILE
from server.secrecy.vault import Vault

_INSERT_SUBJECT: Final = """
  INSERT INTO subject (id, org_id, name, category, is_minor, is_sealed, term_from, term_to)
  VALUES (%(subject)s, %(org)s, %(name)s, %(category)s, %(is_minor)s, %(is_sealed)s, %(term_from)s,
    %(term_to)s)"""

_FILL: Final = """
  UPDATE case_file SET stage = 'received', sex = %(sex)s, birth_date = %(birth_date)s,
    offence_date = %(offence_date)s, identity_number_sealed = %(identity_number_sealed)s,
    identity_number_index = %(identity_number_index)s, phone_sealed = %(phone_sealed)s,
    residence_sealed = %(residence_sealed)s, crime_sealed = %(crime_sealed)s,
    judgment_number_sealed = %(judgment_number_sealed)s, judged_on = %(judged_on)s,
    effective_on = %(effective_on)s, deciding_body = %(deciding_body)s,
    procuratorate = %(procuratorate)s, police = %(police)s
  WHERE subject_id = %(subject)s"""

_CHANGE: Final = """
  UPDATE case_file SET phone_sealed = coalesce(%(phone_sealed)s, phone_sealed),
    phone = CASE WHEN %(phone_sealed)s::bytea IS NULL THEN phone END,
    residence_sealed = coalesce(%(residence_sealed)s, residence_sealed),
    residence = CASE WHEN %(residence_sealed)s::bytea IS NULL THEN residence END,
    procuratorate = coalesce(%(procuratorate)s, procuratorate),
    police = coalesce(%(police)s, police), version = version + 1
  WHERE subject_id = %(subject)s"""

_FILE: Final = """
  SELECT s.id AS subject, s.org_id AS org, s.name, s.category, s.is_minor, s.is_sealed, s.term_from,
    s.term_to, coalesce(o.name_zh, s.org_id) AS org_name, f.stage, f.sex, f.birth_date,
    f.offence_date, f.identity_number, f.phone, f.residence, f.crime, f.judgment_number,
    f.identity_number_sealed, f.phone_sealed, f.residence_sealed, f.crime_sealed,
    f.judgment_number_sealed, f.org_id AS sealed_in, f.judged_on, f.effective_on,
    f.deciding_body, f.procuratorate, f.police, f.ended_at,
    f.end_reason, f.version,
    (SELECT v.supervision_class FROM subject_version v WHERE v.subject_id = s.id
      AND v.valid_from <= %(now)s AND coalesce(v.valid_to, 'infinity') > %(now)s
      ORDER BY v.valid_from DESC LIMIT 1) AS supervision_class
  FROM subject s JOIN case_file f ON f.subject_id = s.id LEFT JOIN org o ON o.id = s.org_id
  WHERE s.id = %(subject)s"""


async def office_level(connection: Connection, org_id: str) -> str | None:
    """Return an organisation's level, None outside the scope."""
    row = await fetch_one(connection, "SELECT level FROM org WHERE id = %s", (org_id,))
    return None if row is None else str(row["level"])


async def insert(connection: Connection, vault: Vault, row: Mapping[str, Any]) -> None:
    """Write a subject and fill the file that comes with it."""
    await connection.execute(_INSERT_SUBJECT, row)
    (sealed,) = await vault.sealed_rows(connection, CASE_FILE, [row], row="subject")
    await connection.execute(_FILL, sealed)


async def change(connection: Connection, vault: Vault, row: Mapping[str, Any]) -> None:
    """Change what of a file may change; None stays."""
    (sealed,) = await vault.sealed_rows(connection, CASE_FILE, [row], row="subject")
    await connection.execute(_CHANGE, sealed)


async def touch(connection: Connection, subject_id: str) -> None:
    """Give a file its next version."""
    await connection.execute(
        "UPDATE case_file SET version = version + 1 WHERE subject_id = %s", (subject_id,)
    )


async def set_stage(connection: Connection, subject_id: str, stage: str) -> None:
    """Set the stage of a file that goes on."""
    await connection.execute(
        "UPDATE case_file SET stage = %s, version = version + 1 WHERE subject_id = %s",
        (stage, subject_id),
    )


async def end(
    connection: Connection, subject_id: str, *, stage: str, reason: str, at: datetime
) -> None:
    """End a file."""
    await connection.execute(
        "UPDATE case_file SET stage = %s, end_reason = %s, ended_at = %s, version = version + 1"
        " WHERE subject_id = %s",
        (stage, reason, at, subject_id),
    )


async def add_step(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a step that is done."""
    await connection.execute(
        "INSERT INTO file_step (org_id, subject_id, step, happened_time, at, by_login, body)"
        " VALUES (%(org)s, %(subject)s, %(step)s, %(happened_time)s, %(at)s, %(login)s, %(body)s)",
        {**row, "body": Jsonb(row["body"])},
    )


async def steps(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return the steps that are done, in their order."""
    return await fetch_all(
        connection,
        "SELECT step, happened_time, at, by_login, body FROM file_step WHERE subject_id = %s"
        " ORDER BY at, happened_time",
        (subject_id,),
    )


async def file(
    connection: Connection, vault: Vault, subject_id: str, now: datetime
) -> dict[str, Any] | None:
    """Return the file's own row with the person's, its personal fields open."""
    row = await fetch_one(connection, _FILE, {"subject": subject_id, "now": now})
    opened = await vault.opened(
        *(connection, CASE_FILE, [] if row is None else [row]),
        row="subject",
        org="sealed_in",
        drop=("sealed_in",),
    )
    return next(iter(opened), None)


async def without_release_clock(
    connection: Connection, by: date, resting: Sequence[str], *, most: int
) -> list[dict[str, Any]]:
    """Return people in correction whose term ends by a day and no clock says so."""
    # A value of a row, not NOT EXISTS: that may become a join, which reads every file's clocks for
    # every person while the database believes that there are none.
    return await fetch_all(
        connection,
        "SELECT s.id FROM subject s JOIN case_file f ON f.subject_id = s.id"
        " WHERE f.stage = 'in_correction' AND s.term_to <= %s AND (SELECT d.id FROM deadline d"
        " WHERE d.ref_kind = 'file' AND d.ref_id = s.id AND d.kind = 'release_certificate'"
        " LIMIT 1) IS NULL AND s.id <> ALL (%s::text[])"
        " ORDER BY s.term_to, s.id LIMIT %s",
        (by, resting, most),
    )


async def org_name(connection: Connection, org_id: str) -> str:
    """Return what an organisation of the scope is called."""
    row = await fetch_one(connection, "SELECT name_zh FROM org WHERE id = %s", (org_id,))
    return str(row["name_zh"]) if row else org_id


async def names_judgment(connection: Connection, subject_id: str) -> bool:
    """Return whether a file says by which judgment the person is here."""
    row = await fetch_one(
        connection,
        "SELECT FROM case_file WHERE subject_id = %s"
        " AND num_nonnulls(judgment_number, judgment_number_sealed) > 0",
        (subject_id,),
    )
    return row is not None


async def orders(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return every positioning order of a person, the newest first."""
    return await fetch_all(
        connection,
        "SELECT id, ground, valid_from, valid_to, lifted_at FROM positioning_order"
        " WHERE subject_id = %s ORDER BY valid_from DESC LIMIT 100",
        (subject_id,),
    )


async def open_deadlines(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return the clocks that run for a person, the earliest first."""
    return await fetch_all(
        connection,
        "SELECT id, kind, who, article, ref_kind, ref_id, begins_at, due_at FROM deadline"
        " WHERE subject_id = %s AND state = 'open' ORDER BY due_at LIMIT 200",
        (subject_id,),
    )
