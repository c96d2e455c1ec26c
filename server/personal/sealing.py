"""Seals what is still in plain: rows of before, and of a server of before beside this one."""

from collections.abc import Sequence
from functools import partial

from server.personal import store
from server.personal.fields import TABLES
from server.rounds import Due, Round, Row
from server.secrecy.vault import SealedTable, Vault


def dues(vault: Vault) -> list[Due]:
    """Return the rounds of every table; a batch is one transaction and may be cut off anywhere."""
    return [
        Due(
            name=f"seal {table.name}",
            find=partial(_find, table),
            settle=partial(_settle, vault, table),
        )
        for table in TABLES
    ]


async def _find(table: SealedTable, work: Round) -> Sequence[Row]:
    return await store.plain_rows(work.connection, table, work.resting, work.most)


async def _settle(vault: Vault, table: SealedTable, work: Round, row: Row) -> None:
    sealed = await vault.sealed(work.connection, table, org=row["org"], row=row["id"], values=row)
    await store.write(work.connection, table, row["id"], sealed)
