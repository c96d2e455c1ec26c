"""The terminals on duty, as a section of the directory: now and for the next days, no names."""

from datetime import datetime, timedelta
from typing import Any, Final

from server.db import Connection
from server.directory import duty_store as store
from server.rota.duty_spans import duty_spans
from server.rota.on_duty import by_login

AHEAD: Final = timedelta(days=3)
"""A gateway that is cut off knows who is next for at least two days: links of a county are mended
within one."""


async def duty_sections(connection: Connection, midnight: datetime) -> dict[str, Any]:
    """Return who is on duty with which terminal, and which organisation is above which.

    Empty where nobody carries a terminal that could be told.

    Args:
        connection: The transaction, in a gateway's scope.
        midnight: The last one; the section holds from then on for AHEAD.
    """
    carried: dict[str, list[dict[str, Any]]] = {}
    for row in await store.terminals(connection):
        carried.setdefault(row["login"], []).append(row)
    if not carried:
        return {"on_duty": [], "above": []}
    shifts = await store.shifts(connection, midnight, midnight + AHEAD)
    first = min((shift.begins_at for shift in shifts), default=midnight)
    last = max((shift.ends_at for shift in shifts), default=midnight)
    spans = duty_spans(shifts, by_login(await store.absences(connection, first, last)))
    rows = []
    for span in spans:
        for held in carried.get(span.login, ()):
            begin = max(span.begins_at, held["valid_from"])
            end = min(span.ends_at, held["valid_to"] or span.ends_at)
            if begin < end and end > midnight:
                times = {"valid_from": begin, "valid_to": end}
                rows.append({"org": span.org_id, "device": held["device"], **times})
    return {"on_duty": rows, "above": await store.above(connection)}
