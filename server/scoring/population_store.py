"""SQL that reads packed facts for whole populations."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

import numpy as np

from server.db import Connection
from server.scoring.population import Facts, Ints, unpacked
from server.scoring.score import month_number

_CHUNK: Final = 4_000
"""People at once: with 500 facts each, 24 MB."""

_PACKED: Final = """
  SELECT coalesce(string_agg(int4send(who.number::int4) || int4send(m.month)
      || int4send(length(m.packed) / 12), ''), '') AS rows,
    coalesce(string_agg(m.packed, ''), '') AS packed
  FROM unnest(%s::text[]) WITH ORDINALITY AS who (id, number)
  JOIN score_month_facts m ON m.subject_id = who.id"""

_OPENED: Final = """
  SELECT subject_id, min(effective_at) AS at FROM score_entry
  WHERE indicator = 'opening' AND subject_id = ANY (%s) GROUP BY subject_id"""


async def packed_facts(
    connection: Connection, subject_ids: Sequence[str]
) -> AsyncIterator[tuple[int, Sequence[str], Facts]]:
    """Yield the facts of people, so many at once: the place of the first, who, and theirs.

    Subjects of the facts are numbered from 0 in each yield.
    """
    for begin in range(0, len(subject_ids), _CHUNK):
        chunk = subject_ids[begin : begin + _CHUNK]
        cursor = connection.cursor(binary=True)
        row = await (await cursor.execute(_PACKED, (list(chunk),))).fetchone()
        if row is not None:
            facts = unpacked(row["rows"], row["packed"])
            numbered = Facts(
                facts.subject - 1, *(getattr(facts, name) for name in facts.__slots__[1:])
            )
            yield begin, chunk, numbered


async def opened_months(connection: Connection, subject_ids: Sequence[str], otherwise: int) -> Ints:
    """Return the month in which each ledger was opened; `otherwise` where none is."""
    cursor = await connection.execute(_OPENED, (list(subject_ids),))
    found = {row["subject_id"]: month_number(row["at"]) for row in await cursor.fetchall()}
    return np.array([found.get(one, otherwise) for one in subject_ids], np.int64)
