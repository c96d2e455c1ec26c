"""Takes a person's sealed fields along when the file goes to another office."""

from typing import Final

from server.db import Connection
from server.personal import store
from server.personal.fields import CASE_FILE, FILE_CONTACT, GROUP_MEMBER
from server.secrecy.vault import Vault

_MOVE: Final = (CASE_FILE, FILE_CONTACT, GROUP_MEMBER)


async def seal_for(connection: Connection, vault: Vault, subject_id: str, org: str) -> None:
    """Seal a person's fields for another office, before its rows move there in this transaction."""
    for table in _MOVE:
        rows = await store.rows_of_subject(connection, table, subject_id)
        for row in await vault.opened(connection, table, rows):
            sealed = await vault.sealed(connection, table, org=org, row=row["id"], values=row)
            await store.write(connection, table, row["id"], sealed)
