"""SQL of attempts to check in; run as guitu_app in a person's scope."""

from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all

_PAGE: Final = """
  SELECT id, org_id AS org, subject_id AS subject, kiosk_id AS kiosk, attempt, challenge_time,
    response_time, received_at, verdict, causes, encode(capture, 'hex') AS capture
  FROM checkin_attempt
  WHERE (%(subject)s::text IS NULL OR subject_id = %(subject)s)
    AND (%(verdict)s::text IS NULL OR verdict = %(verdict)s)
    AND (%(after_at)s::timestamptz IS NULL
      OR (response_time, id) < (%(after_at)s, %(after_id)s))
  ORDER BY response_time DESC, id DESC LIMIT %(limit)s"""

_RATES: Final = """
  SELECT
    (SELECT coalesce(jsonb_object_agg(verdict, n), '{}') FROM
      (SELECT verdict, count(*) AS n FROM checkin_attempt
       WHERE response_time >= %(begin)s AND response_time < %(end)s GROUP BY 1) v) AS attempts,
    (SELECT coalesce(jsonb_object_agg(method, n), '{}') FROM
      (SELECT method, count(*) AS n FROM information_check
       WHERE state = 'done' AND due_from >= %(begin)s AND due_from < %(end)s GROUP BY 1) m)
      AS checks"""


async def page(
    connection: Connection,
    *,
    subject: str | None,
    verdict: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` attempts, the latest first."""
    after_at, after_id = after or (None, None)
    values = {"subject": subject, "verdict": verdict, "after_at": after_at, "after_id": after_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})


async def rates(connection: Connection, begin: datetime, end: datetime) -> dict[str, Any]:
    """Return how many attempts had which verdict, and checks were done by which method."""
    (row,) = await fetch_all(connection, _RATES, {"begin": begin, "end": end})
    return row
