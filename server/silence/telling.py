"""Turns readings into alerts, in the transaction of whoever looked."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from server.db import Connection
from server.silence import store
from server.silence.beginning import Beginning, begin
from server.silence.trouble import KINDS, Reading, changes


async def take_readings(
    connection: Connection, org: str, source: str, readings: Iterable[Reading], at: datetime
) -> dict[str, str]:
    """Begin and end troubles; return the organisation of each alert that reads otherwise now."""
    held = await store.standing(connection, org, source)
    begun, ended = changes(readings, held)
    changed = []
    for one in begun:
        figures = dict(one.figures)
        began = Beginning(org, source, one.rule, at, figures, _explained(one, source))
        changed.append(await begin(connection, began))
    for one in ended:
        at_end: dict[str, Any] = dict(one.figures)
        cleared = await store.end(
            connection, org=org, source=source, rule=one.rule, at=at, body=at_end
        )
        changed.append(cleared)
    return {alert: org for alert in changed if alert is not None}


def _explained(reading: Reading, source: str) -> tuple[str, str]:
    figures = ", ".join(f"{name}={value}" for name, value in reading.figures.items())
    kind = KINDS[reading.rule]
    return f"{source}：{kind.zh}（{figures}）", f"{source}: {kind.en} ({figures})"
