"""What of a batch was refused: counted whole, kept up to a bound, without place or health."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from psycopg.types.json import Jsonb

from server.auth.gateway import Gateway
from server.db import Connection
from server.ingest.lawfulness import PLACE

Source = Literal["outcomes", "telemetry", "archive"]
"""What brought it: a stream of the up-link, or the archive of the journal."""

KEPT_MAX: Final = 1_000
"""Of one batch. A gateway whose every row is wrong has one fault, not fifty thousand."""

_HEALTH: Final = ("skin_contact", "heart_rate_bpm", "skin_temperature_cc", "steps")
_TEXT_MAX: Final = 500

_INSERT: Final = """
  INSERT INTO ingest_quarantine (org_id, gateway_id, stream, entry_seq, reason, detail, content)
  VALUES (%s, %s, %s, %s, %s, %s, %s)"""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row or event that was refused; `entry_seq` is None where it does not say."""

    entry_seq: int | None
    reason: str
    detail: str
    content: dict[str, Any]


class Refusals:
    """The refused rows or events of one batch.

    Attributes:
        counts: How many by reason, whether kept or not.
        kept: The first KEPT_MAX.
    """

    def __init__(self, *, first: int, through: int) -> None:
        """Take the batch's first entry and the stream's mark: what is between was told before."""
        self.counts: Counter[str] = Counter()
        self.kept: list[Refused] = []
        self._first = first
        self._through = through

    @property
    def count(self) -> int:
        """How many were refused."""
        return self.counts.total()

    def add(self, refused: Iterable[Refused]) -> None:
        """Take refused ones, but not those that an earlier batch brought already."""
        for one in refused:
            seq = one.entry_seq
            if seq is not None and self._first <= seq <= self._through:
                continue
            self.counts[one.reason] += 1
            if len(self.kept) < KEPT_MAX:
                self.kept.append(one)

    def add_rows(
        self, table: pa.Table, rows: NDArray[np.bool_], *, reason: str, detail: str
    ) -> None:
        """Take the marked rows of a telemetry table."""
        self.add(_refused_rows(table.filter(pa.array(rows)), reason, detail))


async def keep_refused(
    connection: Connection, gateway: Gateway, source: Source, refusals: Refusals
) -> None:
    """Write what is kept."""
    values = [
        (
            *(gateway.org_id, gateway.gateway_id, source, one.entry_seq, one.reason),
            *(_storable(one.detail)[:_TEXT_MAX], Jsonb(_storable(one.content))),
        )
        for one in refusals.kept
    ]
    if values:
        async with connection.cursor() as cursor:
            await cursor.executemany(_INSERT, values)


def _refused_rows(table: pa.Table, reason: str, detail: str) -> Iterator[Refused]:
    shown = table.drop_columns([name for name in (*PLACE, *_HEALTH) if name in table.column_names])
    for batch in shown.to_batches(max_chunksize=KEPT_MAX):
        for row in batch.to_pylist():
            content = {name: value for name, value in row.items() if value is not None}
            yield Refused(row["entry_seq"], reason, detail, content)


def _storable(value: Any) -> Any:
    """Return a JSON value without what PostgreSQL's text cannot hold, long texts cut."""
    if isinstance(value, str):
        text = value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
        return text[:_TEXT_MAX]
    if isinstance(value, dict):
        return {_storable(str(name)): _storable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_storable(part) for part in value]
    return value
