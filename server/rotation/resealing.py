"""Gives every office another data key and seals its fields anew."""

import secrets
from typing import Any, Final

import psycopg
from psycopg import sql

from server.db import Connection, Database, open_all_files
from server.personal import store as field_store
from server.personal.fields import HOLDERS, TABLES
from server.rotation import store
from server.secrecy.cipher import KEY_BYTES, Algorithm
from server.secrecy.key_file import KeyService
from server.secrecy.vault import SealedTable, Vault, key_purpose

_BATCH: Final = 200


def renew_data_keys(
    owner: store.Owner, master: KeyService, algorithm: Algorithm, org: str | None
) -> int:
    """Give organisations another data key; return how many. One key at a time is whole.

    Args:
        owner: Connection of the schema's owner, with autocommit.
        master: Wraps the new keys.
        algorithm: What they are for.
        org: One organisation; None: all, and the keyed index.
    """
    count = 0
    for row in store.data_keys(owner):
        if row["retired_at"] is None and org in {None, row["org_id"]}:
            wrapped = master.wrap(secrets.token_bytes(KEY_BYTES), key_purpose(row["org_id"]))
            with owner.transaction():
                store.renew(owner, row["org_id"], row["use"], algorithm, wrapped)
            count += 1
    return count


def forget_data_keys(owner: store.Owner) -> int:
    """Delete keys that were retired over an hour ago and seal nothing; return how many.

    An hour: a server goes on with a retired key for half a minute.
    """
    used: dict[int, int] = {}
    for table in HOLDERS:
        for number, count in store.fields_under(owner, table).items():
            used[number] = used.get(number, 0) + count
    rows = store.data_keys(owner)
    stale = any(row["retired_at"] is not None and row["id"] in used for row in rows)
    gone = [
        row["id"]
        for row in rows
        if row["is_old"] and row["id"] not in used and not (row["use"] == "index" and stale)
    ]
    store.forget(owner, gone)
    return len(gone)


async def reseal(database: Database, vault: Vault, current: dict[str, int]) -> int:
    """Seal every field that an older data key of its office sealed; return how many rows.

    A batch is a transaction that holds its rows: what people write meanwhile waits for it, and a
    stop anywhere loses nothing.

    Args:
        database: Open.
        vault: Of this process.
        current: The number of each organisation's key.
    """
    count = 0
    for table in TABLES:
        for org, number in current.items():
            while done := await _batch(database, vault, table, org, number):
                count += done
    return count


async def _batch(
    database: Database, vault: Vault, table: SealedTable, org: str, number: int
) -> int:
    async with database.work() as connection:
        await open_all_files(connection)
        rows = await _stale_rows(connection, table, org, number)
        for row in await vault.opened(connection, table, rows):
            sealed = await vault.sealed(connection, table, org=org, row=row["id"], values=row)
            await field_store.write(connection, table, row["id"], sealed)
        return len(rows)


async def _stale_rows(
    connection: Connection, table: SealedTable, org: str, number: int
) -> list[dict[str, Any]]:
    stale = sql.SQL(" OR ").join(
        sql.SQL("substring({} FROM 4 FOR 8) <> int8send({})").format(
            sql.Identifier(f"{name}_sealed"), sql.Literal(number)
        )
        for name in table.fields
    )
    return await field_store.stale_rows(connection, table, org, stale, _BATCH)


def connect(dsn: str) -> store.Owner:
    """Return a connection of the schema's owner, with autocommit."""
    return psycopg.connect(dsn, row_factory=psycopg.rows.dict_row, autocommit=True)
