"""One export of alerts: which, the note of it, and the stream of its parts."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol
from urllib.parse import urlencode

from server.alert_exports import cloud_events, feed, store
from server.alert_exports.cloud_events import Batch
from server.alert_exports.feed import Feed
from server.alert_exports.table import Table
from server.auth.person import Desk, Person, transaction_of
from server.cursor import decode_instant_cursor, encode_cursor
from server.db import Database, close_files
from server.exchange.digests import Digest, new_number, note_digest
from server.exchange.giving import marks_of, note_export

Format = Literal["csv", "cap", "cloudevents"]
MEDIA_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "cap": feed.MEDIA_TYPE,
    "cloudevents": cloud_events.MEDIA_TYPE,
}
ENDINGS: Final[dict[Format, str]] = {"csv": "csv", "cap": "xml", "cloudevents": "json"}
PATH: Final = "/api/v1/exports/alerts"
_AT_ONCE: Final = 200
"""Alerts that are read, and in memory, at a time."""


class Writer(Protocol):
    """Writes a file part by part."""

    def head(self) -> bytes:
        """Return its beginning."""

    def part(self, rows: Sequence[Mapping[str, Any]]) -> bytes:
        """Return alerts, as `server.alert_exports.store` reads them."""

    def end(self) -> bytes:
        """Return its end."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for.

    Attributes:
        filters: As of the list of alerts: `states`, `rule`, `subject`, `assigned_to`.
        places: With the last place of each alert.
        cursor: Where an export before this one ended.
        limit: Most alerts.
    """

    form: Format
    purpose: str
    filters: Mapping[str, Any]
    places: bool
    cursor: str | None
    limit: int


@dataclass(frozen=True, slots=True)
class Export:
    """An export that was noted.

    Attributes:
        number: What the log, the act and the file call it.
        ids: Its alerts, newest first.
        marks: Who took it, when and why: Chinese, English.
        at: When it was taken.
        next_path: Where it goes on; None: nowhere.
    """

    number: str
    ids: tuple[str, ...]
    form: Format
    places: bool
    marks: Sequence[str]
    at: datetime
    next_path: str | None


async def prepare(desk: Desk, asked: Asked) -> Export:
    """Choose what leaves and note who took it, when and why."""
    await close_files(desk.connection)
    before = decode_instant_cursor(asked.cursor)
    rows = await store.window(desk.connection, asked.filters, before=before, limit=asked.limit + 1)
    ids = tuple(row["id"] for row in rows[: asked.limit])
    number = new_number()
    said: dict[str, Any] = {"kind": "alerts", "format": asked.form, "rows": len(ids)}
    said |= {"places": asked.places, "filters": _narrowed(asked)}
    await note_export(desk, number, asked.purpose, said, subject_id=asked.filters["subject"])
    last = rows[asked.limit - 1] if len(rows) > asked.limit else None
    return Export(
        number=number,
        ids=ids,
        form=asked.form,
        places=asked.places,
        marks=marks_of(desk, number, asked.purpose),
        at=desk.now,
        next_path=_going_on(asked, last) if last else None,
    )


async def stream(export: Export, person: Person, database: Database) -> AsyncIterator[bytes]:
    """Yield the file part by part, each read in a transaction of its own.

    Its digest is noted before its end is given: a whole file has always been noted.

    An alert whose file was closed, or that left the scope, since it was chosen is left out.

    Raises:
        UnauthorizedError: The session has ended since.
    """
    writer, digest = _writer(export, person), Digest()
    yield digest.add(writer.head())
    for begin in range(0, len(export.ids), _AT_ONCE):
        ids = export.ids[begin : begin + _AT_ONCE]
        async with transaction_of(person, database) as connection:
            await close_files(connection)
            rows = await store.alerts(connection, ids, places=export.places)
        yield digest.add(writer.part(rows))
    end = digest.add(writer.end())
    async with transaction_of(person, database) as connection:
        await note_digest(
            connection, person, digest, number=export.number, kind="alerts", at=export.at
        )
    yield end


def _writer(export: Export, person: Person) -> Writer:
    if export.form == "csv":
        return Table(export.marks, places=export.places)
    if export.form == "cloudevents":
        return Batch(export.number, by=person.login, at=export.at)
    return Feed(export.marks[0], number=export.number, at=export.at, next_path=export.next_path)


def _narrowed(asked: Asked) -> dict[str, Any]:
    return {name: value for name, value in asked.filters.items() if value}


def _going_on(asked: Asked, last: Mapping[str, Any]) -> str:
    query: dict[str, Any] = {"format": asked.form, "purpose": asked.purpose}
    query |= {"places": str(asked.places).lower(), "limit": asked.limit}
    narrowed = _narrowed(asked)
    query |= {"state": narrowed.pop("states", [])} | narrowed
    query |= {"cursor": encode_cursor(last["raised_at"], last["id"])}
    return f"{PATH}?{urlencode(query, doseq=True)}"
