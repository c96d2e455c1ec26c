"""SQL of transfers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one
from server.personal.fields import CASE_FILE
from server.secrecy.vault import Vault

_TRANSFER: Final = (
    "SELECT t.id, t.subject_id AS subject, t.org_id AS org, t.to_county, t.to_org, t.state,"
    " t.reason, t.address, t.move_on, t.summary, t.applied_by, t.applied_at, t.verified_by,"
    " t.state_at, t.version FROM transfer t"
)
_PAGE: Final = f"""{_TRANSFER}
  WHERE (%(subject)s::text IS NULL OR t.subject_id = %(subject)s)
    AND (%(state)s::text IS NULL OR t.state = %(state)s)
    AND (%(before_at)s::timestamptz IS NULL OR (t.applied_at, t.id)
      < (%(before_at)s, %(before_id)s))
  ORDER BY t.applied_at DESC, t.id DESC LIMIT %(limit)s"""
# Who a closed file is about is not said before the file moves.
_SUMMARY: Final = """
  SELECT jsonb_build_object('name', CASE WHEN s.is_minor OR s.is_sealed THEN NULL ELSE s.name END,
    'category', s.category, 'sex', f.sex, 'birth_year', extract(year FROM f.birth_date)::int,
    'term_from', s.term_from, 'term_to', s.term_to, 'reason', %(reason)s::text,
    'address', %(address)s::text) AS summary, s.id, f.org_id AS org, f.crime, f.crime_sealed,
    s.is_minor OR s.is_sealed AS is_closed
  FROM subject s JOIN case_file f ON f.subject_id = s.id WHERE s.id = %(subject)s"""
_MOVE: Final = """
  UPDATE transfer SET state = %(state)s, state_at = %(at)s, version = version + 1,
    summary = coalesce(%(summary)s, summary), to_org = coalesce(%(to_org)s, to_org),
    verified_by = CASE WHEN %(column)s = 'verified_by' THEN %(by)s ELSE verified_by END,
    asked_by = CASE WHEN %(column)s = 'asked_by' THEN %(by)s ELSE asked_by END,
    answered_by = CASE WHEN %(column)s = 'answered_by' THEN %(by)s ELSE answered_by END,
    decided_by = CASE WHEN %(column)s = 'decided_by' THEN %(by)s ELSE decided_by END
  WHERE id = %(id)s"""


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write an application."""
    await connection.execute(
        "INSERT INTO transfer (id, org_id, subject_id, to_county, reason, address, move_on,"
        " applied_by, applied_at, state_at) VALUES (%(id)s, %(org)s, %(subject)s, %(to_county)s,"
        " %(reason)s, %(address)s, %(move_on)s, %(by)s, %(at)s, %(at)s)",
        row,
    )


async def runs(connection: Connection, subject_id: str) -> bool:
    """Return whether a transfer of this person is under way."""
    row = await fetch_one(
        connection,
        "SELECT FROM transfer WHERE subject_id = %s AND state NOT IN"
        " ('refused', 'reported', 'missing', 'withdrawn')",
        (subject_id,),
    )
    return row is not None


async def is_awaited(connection: Connection, subject_id: str) -> bool:
    """Return whether this person's file moved and the person did not report in time, nor since."""
    row = await fetch_one(
        connection,
        "SELECT FROM transfer WHERE subject_id = %s AND state = 'missing'",
        (subject_id,),
    )
    return row is not None


async def county_name(connection: Connection, org_id: str) -> str | None:
    """Return the Chinese name of a county, whatever the scope; None: there is no such county."""
    row = await fetch_one(connection, "SELECT county_name(%s) AS name", (org_id,))
    return row["name"] if row else None


async def county_of(connection: Connection, org_id: str) -> str | None:
    """Return the county of an organisation."""
    row = await fetch_one(connection, "SELECT county_of(%s) AS county", (org_id,))
    return row["county"] if row else None


async def transfer(
    connection: Connection, transfer_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a transfer that the scope sees; locked until the transaction ends when asked."""
    suffix = " FOR UPDATE" if lock else ""
    return await fetch_one(connection, f"{_TRANSFER} WHERE t.id = %s{suffix}", (transfer_id,))


async def moved(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """Lock and return the transfer whose file has moved and whose person has not reported yet."""
    return await fetch_one(
        connection,
        f"{_TRANSFER} WHERE t.subject_id = %s AND t.state = 'moved' FOR UPDATE",
        (subject_id,),
    )


async def page(
    connection: Connection,
    *,
    subject: str | None,
    state: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` transfers of the scope, newest first."""
    before_at, before_id = before or (None, None)
    values = {"subject": subject, "state": state, "before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})


async def summary(connection: Connection, vault: Vault, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the other county is told."""
    rows = await fetch_all(connection, _SUMMARY, found)
    return {
        name: value
        for row in await vault.opened(connection, CASE_FILE, rows)
        for name, value in (
            row["summary"] | {"crime": None if row["is_closed"] else row["crime"]}
        ).items()
    }


async def move(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a locked transfer's next state, and by whom where that is kept."""
    given = row.get("summary")
    values = {"column": None, "to_org": None, **row, "summary": given and Jsonb(given)}
    await connection.execute(_MOVE, values)


async def end_group(connection: Connection, subject_id: str, at: datetime) -> None:
    """End the group of the old place, and with it what its officers see."""
    await connection.execute(
        "UPDATE group_member SET valid_to = %s WHERE subject_id = %s AND valid_to IS NULL",
        (at, subject_id),
    )


async def move_file(connection: Connection, transfer_id: str) -> None:
    """Hand the file over; the database looks at the transfer's state itself."""
    await connection.execute("SELECT move_file(%s)", (transfer_id,))


async def hand_clocks(connection: Connection, transfer_id: str) -> None:
    """Give each clock of a transfer to the county whose duty it is."""
    await connection.execute("SELECT hand_transfer_clocks(%s)", (transfer_id,))


async def report_due_at(
    connection: Connection, subject_id: str, since: datetime
) -> datetime | None:
    """Return until when a person must report at the new place."""
    row = await fetch_one(
        connection,
        "SELECT due_at FROM deadline WHERE kind = 'transfer_report' AND ref_kind = 'file'"
        " AND ref_id = %s AND begins_at >= %s ORDER BY begins_at LIMIT 1",
        (subject_id, since),
    )
    return row["due_at"] if row else None
