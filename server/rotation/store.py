"""SQL of the rotation, as the owner; names of tables are constants of this package."""

from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.rows import DictRow

from server.rotation.wrapped import Wrapped
from server.secrecy.vault import SealedTable

Owner = psycopg.Connection[DictRow]

# A wrapped secret begins with `GW1` and eight bytes of the key's id, a field with `GF1` and eight
# bytes of the data key's number.
_UNDER_OTHERS: Final = sql.SQL(
    "SELECT {key}, {column} AS wrapped FROM {table} WHERE octet_length({column}) > 0"
    " AND substring({column} FROM 1 FOR 11) <> %s AND {first} <> ALL (%s)"
    " ORDER BY {first} LIMIT %s FOR UPDATE"
)
_UNDER: Final = sql.SQL(
    "SELECT CASE WHEN substring({column} FROM 1 FOR 3) = 'GW1'::bytea"
    " THEN encode(substring({column} FROM 4 FOR 8), 'hex') ELSE 'former' END AS key,"
    " count(*)::int AS count FROM {table} WHERE octet_length({column}) > 0 GROUP BY 1 ORDER BY 1"
)
_FIELDS_UNDER: Final = sql.SQL(
    "SELECT substring({column} FROM 4 FOR 8) AS key, count(*)::int AS count FROM {table}"
    " WHERE {column} IS NOT NULL GROUP BY 1"
)


def under_others(
    owner: Owner, what: Wrapped, head: bytes, passed: list[Any], most: int
) -> list[dict[str, Any]]:
    """Return rows whose secret another key wrapped, and hold them; `passed` by their first key."""
    query = _UNDER_OTHERS.format(
        key=sql.SQL(", ").join(map(sql.Identifier, what.key)),
        first=sql.Identifier(what.key[0]),
        column=sql.Identifier(what.column),
        table=sql.Identifier(what.table),
    )
    return owner.execute(query, (head, passed, most)).fetchall()


def put(owner: Owner, what: Wrapped, first: Any, wrapped: bytes) -> None:
    """Write a secret that is wrapped anew."""
    query = sql.SQL("UPDATE {} SET {} = %s WHERE {} = %s").format(
        *(sql.Identifier(name) for name in (what.table, what.column, what.key[0]))
    )
    owner.execute(query, (wrapped, first))


def under(owner: Owner, what: Wrapped) -> dict[str, int]:
    """Return how many secrets each key wraps; `former`: the forms of before keys had ids."""
    query = _UNDER.format(column=sql.Identifier(what.column), table=sql.Identifier(what.table))
    return {row["key"]: row["count"] for row in owner.execute(query).fetchall()}


def data_keys(owner: Owner) -> list[dict[str, Any]]:
    """Return every data key without itself, by organisation, the oldest first."""
    return owner.execute(
        "SELECT id, org_id, use, algorithm, made_at, retired_at,"
        " retired_at < clock_timestamp() - interval '1 hour' AS is_old FROM data_key"
        " ORDER BY org_id, id"
    ).fetchall()


def fields_under(owner: Owner, table: SealedTable) -> dict[int, int]:
    """Return how many fields of a table each data key seals."""
    found: dict[int, int] = {}
    for name in table.fields:
        query = _FIELDS_UNDER.format(
            column=sql.Identifier(f"{name}_sealed"), table=sql.Identifier(table.name)
        )
        for row in owner.execute(query).fetchall():
            number = int.from_bytes(bytes(row["key"]))
            found[number] = found.get(number, 0) + row["count"]
    return found


def plain(owner: Owner, table: SealedTable) -> int:
    """Return how many rows of a table have a field in plain."""
    query = sql.SQL("SELECT count(*)::int AS count FROM {} WHERE num_nonnulls({}) > 0").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.fields))
    )
    row = owner.execute(query).fetchone()
    return int(row["count"]) if row else 0


def renew(owner: Owner, org_id: str, use: str, algorithm: str, wrapped: bytes) -> None:
    """Retire an organisation's data key and put another in its place, at once."""
    owner.execute(
        "UPDATE data_key SET retired_at = clock_timestamp()"
        " WHERE org_id = %s AND use = %s AND retired_at IS NULL",
        (org_id, use),
    )
    owner.execute(
        "INSERT INTO data_key (org_id, use, algorithm, wrapped) VALUES (%s, %s, %s, %s)",
        (org_id, use, algorithm, wrapped),
    )


def forget(owner: Owner, numbers: list[int]) -> None:
    """Delete retired data keys."""
    owner.execute("DELETE FROM data_key WHERE id = ANY (%s) AND retired_at IS NOT NULL", (numbers,))
