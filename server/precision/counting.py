"""What counts make of themselves: the share of verdicts that confirmed, and alerts like one."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from server.db import Connection
from server.precision import store
from server.precision.interval import share_of
from server.precision.period import local_day

VERDICTS: Final = ("confirmed", "false", "technical", "excused")
COUNTS: Final = ("raised", "undecided", "superseded", *VERDICTS)
ALIKE_DAYS: Final = 180


def with_precision(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return counts by verdict with the share that was confirmed."""
    share = share_of(row["confirmed"], sum(row[name] for name in VERDICTS))
    return {**row, "precision": None if share is None else asdict(share)}


async def likeness(
    connection: Connection, org: str, alert: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Return how alerts like this one turned out in the last 180 days, in `org` and below.

    Like it are those of its rule at fences of the same kind, or of the same device model where it
    is about no fence. It does not count itself.
    """
    named = {name: alert[name] for name in ("rule", "fence_kind", "device_model")}
    since = local_day(now) - timedelta(days=ALIKE_DAYS)
    found = await store.alike(connection, org=org, **named, since=since)
    if alert["verdict"] is not None and local_day(alert["raised_at"]) >= since:
        found["judged"] -= 1
        found["confirmed"] -= alert["verdict"] == "confirmed"
    by = "fence_kind" if alert["fence_kind"] else "device_model"
    share = share_of(found["confirmed"], found["judged"])
    told = {"by": by, "key": alert[by] or "", "days": ALIKE_DAYS, **found}
    return told | {"precision": None if share is None else asdict(share)}
