"""SQL of imported people: whole columns in one statement, a few thousand rows at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all
from server.personal.fields import CASE_FILE
from server.secrecy.vault import Vault

_SUBJECTS: Final = """
  INSERT INTO subject (id, org_id, name, category, is_minor, is_sealed, term_from, term_to)
  SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::boolean[],
    %s::date[], %s::date[])"""
_SUBJECT_COLUMNS: Final = (
    *("subject", "org", "name", "category", "is_minor", "is_sealed", "term_from", "term_to"),
)
_FILES: Final = """
  UPDATE case_file f SET stage = r.stage, sex = r.sex, birth_date = r.birth_date,
    offence_date = r.offence_date, identity_number_sealed = r.identity_number_sealed,
    phone_sealed = r.phone_sealed, residence_sealed = r.residence_sealed,
    crime_sealed = r.crime_sealed, judgment_number_sealed = r.judgment_number_sealed,
    identity_number_index = r.identity_number_index, judged_on = r.judged_on,
    effective_on = r.effective_on, deciding_body = r.deciding_body,
    procuratorate = r.procuratorate, police = r.police
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::date[], %s::date[], %s::bytea[],
    %s::bytea[], %s::bytea[], %s::bytea[], %s::bytea[], %s::bytea[], %s::date[], %s::date[],
    %s::text[], %s::text[], %s::text[])
    r (subject, stage, sex, birth_date, offence_date, identity_number_sealed, phone_sealed,
       residence_sealed, crime_sealed, judgment_number_sealed, identity_number_index, judged_on,
       effective_on, deciding_body, procuratorate, police)
  WHERE f.subject_id = r.subject"""
_FILE_COLUMNS: Final = (
    *("subject", "stage", "sex", "birth_date", "offence_date"),
    *CASE_FILE.columns(),
    *("judged_on", "effective_on", "deciding_body", "procuratorate", "police"),
)
_OFFICERS: Final = """
  INSERT INTO group_member (id, org_id, subject_id, role, name, login, valid_from)
  SELECT 'gm-' || r.subject, r.org, r.subject, 'officer', u.name, u.login, r.at
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[]) r (subject, org, login, at)
  JOIN app_user u ON u.login = r.login"""


async def levels(connection: Connection) -> dict[str, str]:
    """Return the level of every organisation of the scope."""
    rows = await fetch_all(connection, "SELECT id, level FROM org")
    return {row["id"]: row["level"] for row in rows}


async def taken(
    connection: Connection, vault: Vault, subjects: Sequence[str], identities: Sequence[str]
) -> tuple[set[str], set[str]]:
    """Return which ids are taken, and which identity numbers somebody has who is supervised.

    Files that are closed to the transaction do not count: an import is no way to ask for them.
    """
    ids = await fetch_all(
        connection, "SELECT id FROM subject WHERE id = ANY (%s)", (list(subjects),)
    )
    known = await vault.indexes(connection, CASE_FILE, "identity_number", identities)
    numbers = await fetch_all(
        connection,
        "SELECT identity_number, identity_number_index FROM case_file"
        " WHERE (identity_number = ANY (%s) OR identity_number_index = ANY (%s))"
        " AND stage IN ('received', 'in_correction')",
        (list(identities), list(known)),
    )
    return {row["id"] for row in ids}, {
        row["identity_number"] or known[bytes(row["identity_number_index"])] for row in numbers
    }


async def supervised(connection: Connection, subjects: Sequence[str]) -> set[str]:
    """Return those of the people who are supervised now."""
    rows = await fetch_all(
        connection,
        "SELECT subject_id FROM case_file WHERE subject_id = ANY (%s)"
        " AND stage IN ('received', 'in_correction')",
        (list(subjects),),
    )
    return {row["subject_id"] for row in rows}


async def spans(
    connection: Connection, subjects: Sequence[str]
) -> dict[str, list[tuple[datetime, datetime]]]:
    """Return beginning and end of the orders of these people."""
    rows = await fetch_all(
        connection,
        "SELECT subject_id, valid_from, least(valid_to, lifted_at) AS valid_to"
        " FROM positioning_order WHERE subject_id = ANY (%s)",
        (list(subjects),),
    )
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for row in rows:
        found.setdefault(row["subject_id"], []).append((row["valid_from"], row["valid_to"]))
    return found


async def orders(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Return those of the order ids that are taken."""
    rows = await fetch_all(
        connection, "SELECT id FROM positioning_order WHERE id = ANY (%s)", (list(ids),)
    )
    return {row["id"] for row in rows}


async def orgs(connection: Connection, subjects: Sequence[str]) -> dict[str, str]:
    """Return whose file each of these people is."""
    rows = await fetch_all(
        connection, "SELECT id, org_id FROM subject WHERE id = ANY (%s)", (list(subjects),)
    )
    return {row["id"]: row["org_id"] for row in rows}


async def insert(
    connection: Connection, vault: Vault, rows: Sequence[dict[str, Any]], now: datetime
) -> None:
    """Write people, fill the files that come with them, and name their officers.

    Closed files must be open to the transaction.
    """
    await connection.execute(_SUBJECTS, _columns(rows, _SUBJECT_COLUMNS))
    sealed = await vault.sealed_rows(connection, CASE_FILE, rows, row="subject")
    await connection.execute(_FILES, _columns(sealed, _FILE_COLUMNS))
    led = [row | {"at": now} for row in rows if row.get("officer") is not None]
    await connection.execute(_OFFICERS, _columns(led, ("subject", "org", "officer", "at")))


def _columns(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> list[list[Any]]:
    return [[row.get(name) for row in rows] for name in names]
