"""SQL of who is around a person: the correction group, and contacts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from server.auth.person import Person
from server.cases.group import Member, Sex
from server.cases.standing import Standing
from server.db import Connection, fetch_all, fetch_one
from server.personal.fields import FILE_CONTACT, GROUP_MEMBER
from server.secrecy.vault import Vault

_GROUP: Final = (
    "SELECT id, role, name, sex, phone, phone_sealed, org_id AS org, login, knows_minors,"
    " valid_from FROM group_member"
    " WHERE subject_id = %s AND valid_to IS NULL ORDER BY valid_from, id"
)
_CONTACTS: Final = (
    "SELECT id, kind, name, name_sealed, relation, phone, phone_sealed, address, address_sealed,"
    " org_id AS org, valid_from FROM file_contact"
    " WHERE subject_id = %s AND valid_to IS NULL ORDER BY valid_from, id"
)
_ADD_MEMBER: Final = """
  INSERT INTO group_member (id, org_id, subject_id, role, name, sex, phone_sealed, login,
    knows_minors, valid_from)
  VALUES (%(id)s, %(org)s, %(subject)s, %(role)s, %(name)s, %(sex)s, %(phone_sealed)s, %(login)s,
    %(knows_minors)s, %(at)s)"""
_ADD_CONTACT: Final = """
  INSERT INTO file_contact (id, org_id, subject_id, kind, name_sealed, relation, phone_sealed,
    address_sealed, valid_from)
  VALUES (%(id)s, %(org)s, %(subject)s, %(kind)s, %(name_sealed)s, %(relation)s, %(phone_sealed)s,
    %(address_sealed)s, %(at)s)"""


async def group(connection: Connection, vault: Vault, subject_id: str) -> list[dict[str, Any]]:
    """Return the members of now."""
    rows = await fetch_all(connection, _GROUP, (subject_id,))
    return await vault.opened(connection, GROUP_MEMBER, rows, drop=("org",))


async def contacts(connection: Connection, vault: Vault, subject_id: str) -> list[dict[str, Any]]:
    """Return the contacts of now."""
    rows = await fetch_all(connection, _CONTACTS, (subject_id,))
    return await vault.opened(connection, FILE_CONTACT, rows, drop=("org",))


async def members_for_rules(connection: Connection, subject_id: str) -> list[Member]:
    """Return the members of now as the rules ask for them."""
    rows = await fetch_all(connection, _GROUP, (subject_id,))
    return [Member(row["role"], row["sex"], row["knows_minors"]) for row in rows]


async def sex_of(connection: Connection, subject_id: str) -> Sex | None:
    """Return a person's sex as the file says."""
    row = await fetch_one(
        connection, "SELECT sex FROM case_file WHERE subject_id = %s", (subject_id,)
    )
    return row["sex"] if row else None


async def logins_known(connection: Connection, logins: Sequence[str]) -> set[str]:
    """Return those of the logins that work in the scope."""
    rows = await fetch_all(
        connection,
        "SELECT login FROM app_user WHERE login = ANY (%s) AND role <> 'subject'",
        (list(logins),),
    )
    return {row["login"] for row in rows}


async def replace_group(
    connection: Connection,
    vault: Vault,
    subject_id: str,
    rows: Sequence[dict[str, Any]],
    at: datetime,
) -> None:
    """End the group of now and begin another."""
    await connection.execute(
        "UPDATE group_member SET valid_to = %s WHERE subject_id = %s AND valid_to IS NULL",
        (at, subject_id),
    )
    async with connection.cursor() as cursor:
        await cursor.executemany(
            _ADD_MEMBER, await vault.sealed_rows(connection, GROUP_MEMBER, rows)
        )


async def replace_contacts(
    connection: Connection,
    vault: Vault,
    subject_id: str,
    rows: Sequence[dict[str, Any]],
    at: datetime,
) -> None:
    """End the contacts of now and begin others."""
    await connection.execute(
        "UPDATE file_contact SET valid_to = %s WHERE subject_id = %s AND valid_to IS NULL",
        (at, subject_id),
    )
    async with connection.cursor() as cursor:
        await cursor.executemany(
            _ADD_CONTACT, await vault.sealed_rows(connection, FILE_CONTACT, rows)
        )


async def add_officer(connection: Connection, file: Standing, person: Person, at: datetime) -> None:
    """Put the officer who received a closed file into its group, so that somebody sees it."""
    row = {
        "id": f"gm-{file.subject_id}",
        "org": file.org_id,
        "subject": file.subject_id,
        "role": "officer",
        "name": person.name,
        "sex": None,
        "phone_sealed": None,
        "login": person.login,
        "knows_minors": False,
        "at": at,
    }
    await connection.execute(_ADD_MEMBER, row)
