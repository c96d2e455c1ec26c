"""What a registry file changes of protected people; their names are sealed."""

from collections.abc import Sequence
from typing import Any, Final

from server.db import Connection, fetch_all
from server.personal.fields import PROTECTED_PERSON
from server.registry.rule_entries import ProtectedEntry
from server.secrecy.vault import Vault

_STANDING: Final = (
    "SELECT id, org_id AS org, name, name_sealed FROM protected_person WHERE id = ANY (%s)"
)


async def changed_rows(
    connection: Connection, vault: Vault | None, entries: Sequence[ProtectedEntry]
) -> list[dict[str, Any]]:
    """Return the rows that are new or say another name.

    Args:
        connection: In the caller's scope.
        vault: Seals; None: a first start, which has no key. A round of the server seals what it
            writes, and a name that is sealed stays.
        entries: Of the file.
    """
    rows = await fetch_all(connection, _STANDING, ([entry.protected for entry in entries],))
    if vault is None:
        known = {row["id"]: row["name"] for row in rows}
        given = [entry.model_dump() | {"name_sealed": None} for entry in entries]
        return [row for row in given if known.get(row["protected"], "") not in {None, row["name"]}]
    opened = await vault.opened(connection, PROTECTED_PERSON, rows)
    names = {row["id"]: row["name"] for row in opened}
    new = [entry.model_dump() for entry in entries if names.get(entry.protected) != entry.name]
    sealed = await vault.sealed_rows(connection, PROTECTED_PERSON, new, row="protected")
    return [row | {"name": None} for row in sealed]
