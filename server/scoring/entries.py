"""The lines of a ledger as they are shown: with a balance, their reasons and their facts."""

from decimal import Decimal
from typing import Any

from server.db import Connection
from server.scoring import ledger_store
from server.scoring.schedule import Schedule
from server.scoring.words import reason


async def shown_entries(
    connection: Connection, subject_id: str, schedule: Schedule
) -> list[dict[str, Any]]:
    """Return a subject's lines as `Entry` has them, the newest first."""
    balance = Decimal(0)
    entries = []
    for row in await ledger_store.ledger(connection, subject_id):
        balance += row["points"]
        text = reason(row, schedule)
        fact = None
        if row["fact_id"] is not None:
            names = ("alert_id", "confirmed_by", "confirmed_at", "note")
            fact = {"id": row["fact_id"], **{name: row[name] for name in names}}
        entry = {"at": row["recorded_at"], "balance": balance, "fact": fact}
        entries.append(row | entry | {"reason_zh": text.zh, "reason_en": text.en})
    return entries[::-1]
