"""SQL of imported contacts and leave: whole columns in one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all
from server.personal.fields import FILE_CONTACT
from server.secrecy.vault import Vault

_CONTACTS: Final = """
  INSERT INTO file_contact (id, org_id, subject_id, kind, relation, name_sealed, phone_sealed,
    address_sealed, valid_from)
  SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[],
    %s::bytea[], %s::bytea[], %s::timestamptz[])"""
_CONTACT_COLUMNS: Final = (
    *("id", "org", "subject", "kind", "relation"),
    *FILE_CONTACT.columns(),
    "at",
)
_APPLICATIONS: Final = """
  INSERT INTO leave_application (id, org_id, subject_id, ground, reason, proof, destination,
    from_time, to_time, days, tier, applied_by, applied_at, state, decided_by, decided_at,
    returned_time)
  SELECT r.id, r.org, r.subject, r.ground, r.reason, '[]'::jsonb, r.destination, r.from_time,
    r.to_time, r.days, r.tier, r.login, r.approved_at, r.state, r.approved_by, r.approved_at,
    r.returned_time
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::timestamptz[], %s::timestamptz[], %s::int[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::timestamptz[], %s::timestamptz[])
    r (id, org, subject, ground, reason, destination, from_time, to_time, days, tier, login, state,
       approved_by, approved_at, returned_time)"""
_APPLICATION_COLUMNS: Final = (
    *("id", "org", "subject", "ground", "reason", "destination", "from_time", "to_time", "days"),
    *("tier", "login", "state", "approved_by", "approved_at", "returned_time"),
)
_LEAVES: Final = """
  INSERT INTO leave (id, org_id, subject_id, kind, approved_by, approved_at, valid_from, valid_to)
  SELECT r.id, r.org, r.subject, 'leave', r.approved_by, r.approved_at, r.valid_from, r.valid_to
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[],
    %s::timestamptz[]) r (id, org, subject, approved_by, approved_at, valid_from, valid_to)"""
_LEAVE_COLUMNS: Final = (
    *("id", "org", "subject", "approved_by", "approved_at", "valid_from", "valid_to"),
)


async def contacts(
    connection: Connection, vault: Vault, subjects: Sequence[str]
) -> dict[str, set[tuple[str, str]]]:
    """Return kind and name of the contacts that these people have now."""
    rows = await fetch_all(
        connection,
        "SELECT id, org_id AS org, subject_id, kind, name, name_sealed FROM file_contact"
        " WHERE subject_id = ANY (%s) AND valid_to IS NULL",
        (list(subjects),),
    )
    found: dict[str, set[tuple[str, str]]] = {}
    for row in await vault.opened(connection, FILE_CONTACT, rows):
        found.setdefault(row["subject_id"], set()).add((row["kind"], row["name"]))
    return found


async def leave_spans(
    connection: Connection, subjects: Sequence[str]
) -> dict[str, list[tuple[datetime, datetime]]]:
    """Return beginning and end of the leave of these people, times of permits among them."""
    rows = await fetch_all(
        connection,
        "SELECT subject_id, valid_from, valid_to FROM leave"
        " WHERE subject_id = ANY (%s) AND kind = 'leave' ORDER BY valid_from",
        (list(subjects),),
    )
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for row in rows:
        found.setdefault(row["subject_id"], []).append((row["valid_from"], row["valid_to"]))
    return found


async def insert_contacts(
    connection: Connection, vault: Vault, rows: Sequence[dict[str, Any]]
) -> None:
    """Write contacts beside those of now; the files' versions move on."""
    sealed = await vault.sealed_rows(connection, FILE_CONTACT, rows)
    await connection.execute(_CONTACTS, _columns(sealed, _CONTACT_COLUMNS))
    await connection.execute(
        "UPDATE case_file SET version = version + 1 WHERE subject_id = ANY (%s)",
        (sorted({row["subject"] for row in rows}),),
    )


async def insert_leaves(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write approved leave, and what the gateways learn of it."""
    await connection.execute(_APPLICATIONS, _columns(rows, _APPLICATION_COLUMNS))
    await connection.execute(_LEAVES, _columns(rows, _LEAVE_COLUMNS))


def _columns(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> list[list[Any]]:
    return [[row[name] for row in rows] for name in names]
