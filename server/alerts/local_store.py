"""SQL of what gateways told terminals on duty by themselves; run as guitu_ingest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all

_HOLDERS: Final = """
  SELECT DISTINCT ON (w.n) w.n, b.holder_id AS login
  FROM unnest(%s::text[], %s::timestamptz[]) WITH ORDINALITY AS w (device, at, n)
  JOIN binding b ON b.device_id = w.device AND b.holder_kind = 'officer'
    AND b.valid_from <= w.at AND coalesce(b.valid_to, 'infinity') > w.at
  ORDER BY w.n, b.valid_from DESC"""

_STEP: Final = """
  INSERT INTO alert_step (org_id, alert_id, step, by_login, body)
  VALUES (%(org)s, %(alert)s, %(step)s, %(by)s, %(body)s)
  ON CONFLICT DO NOTHING"""

# The first of them: whoever saw it later knows that somebody has.
_SEEN: Final = """
  UPDATE alert SET seen_locally_by = %(by)s, seen_locally_at = %(at)s
  WHERE id = %(alert)s AND (seen_locally_at IS NULL OR seen_locally_at > %(at)s)"""


@dataclass(frozen=True, slots=True)
class LocalTelling:
    """A terminal was told of an alert, or its person has seen it.

    Attributes:
        at: When, the gateway's clock, aware.
    """

    alert: str
    change: Literal["told", "seen"]
    device: str
    gateway: str
    entry_seq: int
    at: datetime


async def known_alerts(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return the organisations of the alerts that the scope has, by alert."""
    rows = await fetch_all(
        connection, "SELECT id, org_id FROM alert WHERE id = ANY (%s)", (list(ids),)
    )
    return {row["id"]: row["org_id"] for row in rows}


async def take_tellings(
    connection: Connection, tellings: Sequence[LocalTelling], org_of: Mapping[str, str]
) -> None:
    """Write tellings of known alerts into their histories, in order; again changes nothing."""
    if not tellings:
        return
    devices, times = [one.device for one in tellings], [one.at for one in tellings]
    rows = await fetch_all(connection, _HOLDERS, (devices, times))
    who = {row["n"]: row["login"] for row in rows}
    steps: list[dict[str, Any]] = []
    for nth, one in enumerate(tellings, 1):
        login = who.get(nth)
        body = {"device": one.device, "login": login, "at": one.at.isoformat()}
        steps.append(
            {
                "org": org_of[one.alert],
                "alert": one.alert,
                "step": f"{one.change}_locally",
                # The gateway tells; the person sees.
                "by": login if one.change == "seen" else None,
                "body": Jsonb(body | {"gateway": one.gateway}),
                "at": one.at,
            }
        )
    # In the order of the ids: two batches cannot wait for each other.
    steps_seen = sorted(
        (step for step in steps if step["by"] is not None), key=lambda step: str(step["alert"])
    )
    async with connection.cursor() as cursor:
        await cursor.executemany(_STEP, steps)
        if steps_seen:
            await cursor.executemany(_SEEN, steps_seen)
