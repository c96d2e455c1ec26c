"""SQL of acts; nothing here updates or deletes."""

import json
from collections.abc import Sequence
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.acts.act import Act, authority_of
from server.auth.person import Person
from server.db import Connection, fetch_all, fetch_one

_INSERT: Final = """
  INSERT INTO act (org_id, subject_id, kind, authority, by_login, by_org, happened_time, articles,
    ref_kind, ref_id, body)
  VALUES (%(org_id)s, %(subject_id)s, %(kind)s, %(authority)s, %(by_login)s, %(by_org)s,
    %(happened_time)s, %(articles)s, %(ref_kind)s, %(ref_id)s, %(body)s) RETURNING id"""

_INSERT_ALL: Final = """
  INSERT INTO act (org_id, subject_id, kind, authority, by_login, by_org, happened_time, articles,
    ref_kind, ref_id, body)
  SELECT org_id, subject_id, kind, authority, by_login, by_org, happened_time,
    string_to_array(articles, ' '), ref_kind, ref_id, body
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::jsonb[]) a (org_id, subject_id, kind,
    authority, by_login, by_org, happened_time, articles, ref_kind, ref_id, body)"""

_WRITTEN: Final = (
    *("org_id", "subject_id", "kind", "authority", "by_login", "by_org", "happened_time"),
    *("articles", "ref_kind", "ref_id", "body"),
)

_PAGE: Final = """
  SELECT a.id, a.org_id AS org, a.subject_id AS subject, a.kind, a.authority, a.by_login,
    a.by_org, a.happened_time, a.recorded_at, a.articles, a.ref_kind, a.ref_id, a.body
  FROM act a
  WHERE (%(subject)s::text IS NULL OR a.subject_id = %(subject)s)
    AND (%(ref_kind)s::text IS NULL OR (a.ref_kind = %(ref_kind)s AND a.ref_id = %(ref_id)s))
    AND (%(before)s::bigint IS NULL OR a.id < %(before)s)
  ORDER BY a.id DESC LIMIT %(limit)s"""


async def record(connection: Connection, act: Act, by: Person | None) -> int:
    """Note an act; return its number.

    Args:
        connection: The transaction in which it happens.
        act: What happened.
        by: Who did it; None: the system's own clock.
    """
    values = _values(act, by)
    row = await fetch_one(connection, _INSERT, values | {"body": Jsonb(values["body"])})
    number: int = row["id"] if row else 0
    return number


async def record_all(connection: Connection, acts: Sequence[Act], by: Person) -> None:
    """Note many acts of one person in one statement."""
    rows = [_values(act, by) for act in acts]
    for row in rows:
        row["articles"] = " ".join(row["articles"])
        row["body"] = json.dumps(row["body"], ensure_ascii=False)
    await connection.execute(_INSERT_ALL, [[row[name] for row in rows] for name in _WRITTEN])


async def page(
    connection: Connection,
    *,
    subject: str | None,
    ref: tuple[str, str] | None,
    before: int | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` acts of the scope, newest first."""
    ref_kind, ref_id = ref or (None, None)
    values = {"subject": subject, "ref_kind": ref_kind, "ref_id": ref_id}
    return await fetch_all(connection, _PAGE, values | {"before": before, "limit": limit})


def _values(act: Act, by: Person | None) -> dict[str, Any]:
    return {
        "org_id": act.org_id,
        "subject_id": act.subject_id,
        "kind": act.kind,
        "authority": "system" if by is None else act.authority or authority_of(by),
        "by_login": by and by.login,
        "by_org": by and by.org_id,
        "happened_time": act.happened_time,
        "articles": list(act.articles),
        "ref_kind": act.ref_kind,
        "ref_id": act.ref_id,
        "body": dict(act.body),
    }
