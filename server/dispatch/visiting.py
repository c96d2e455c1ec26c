"""Whether somebody was there: the visitor's own device against the person's last place."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from server.db import Connection
from server.dispatch import store
from server.dispatch.nearest import Place, distance_between_m
from server.policies.store import policy_of


async def visit(
    connection: Connection, current: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Return what positions say of a visit that is reported now, for the alert's history.

    `proven`: the visitor's newest position is fresh, and near where the person's wristband was
    last. A place that somebody named, a task without a terminal's position and a person without
    an order in force prove nothing.

    Args:
        connection: A person's or a gateway's; what it may see is what counts.
        current: The task.
        now: When it is reported.
    """
    policy = await policy_of(connection, current["org"], now)
    fresh = timedelta(minutes=policy.number("dispatch_position_stale_minutes"))
    visitor = (await store.seen(connection, [current["login"]])).get(current["login"])
    person = None
    if current["subject"] is not None:
        person = await store.subject_seen(connection, current["subject"])
    if visitor is None or person is None or abs(now - visitor["fix_time"]) > fresh:
        return {"proven": False}
    away_m = distance_between_m(_place(visitor), _place(person))
    return {
        "proven": away_m <= policy.number("dispatch_visit_near_m"),
        "distance_m": round(away_m),
        "accuracy_m": visitor["accuracy_m"],
        "fix_time": visitor["fix_time"].isoformat(),
    }


def _place(row: Mapping[str, Any]) -> Place:
    return Place(row["longitude_deg"], row["latitude_deg"])
