"""The papers of a transfer (执行地变更): the question to the new county, and the decision.

No step waits for a character that the font lacks: its act says which paper is missing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from server.auth.person import Desk
from server.documents.printable import issue_printable
from server.law.days import LegalCalendar
from server.transfers import store
from server.transfers.lifecycle import Action

_DAYS: Final = LegalCalendar()


async def decision_paper(
    desk: Desk, found: Mapping[str, Any], action: Action, reason: str
) -> dict[str, Any]:
    """Issue the decision of the county that has the file; return what the act says of it."""
    values = {
        "decision": "agreed" if action == "approve" else "refused",
        "new_residence": found["address"],
        "reason": reason,
        "destination": await _destination(desk, found),
    }
    return await _said(desk, "transfer_decision", found, values)


async def inquiry_paper(
    desk: Desk, found: Mapping[str, Any], opinion: str, *, answer_by: datetime
) -> dict[str, Any]:
    """Issue the question to the new county, whose clock runs; return what the act says of it.

    Args:
        desk: Who asks.
        found: The transfer.
        opinion: What the asking county thinks.
        answer_by: When the new county's clock lapses.

    Raises:
        RefusedError: A value is too long for the paper.
    """
    # A clock lapses at 24:00 of its last day.
    last_day = _DAYS.date_of(answer_by - timedelta(microseconds=1))
    values = {
        "reason": found["reason"],
        "new_residence": found["address"],
        "answer_by": last_day,
        "opinion": opinion,
        "officer": desk.person.name,
        "destination": await _destination(desk, found),
    }
    return await _said(desk, "transfer_inquiry", found, values)


async def _said(
    desk: Desk, kind: str, found: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    about = ("transfer", found["id"])
    paper = await issue_printable(desk, kind, found["subject"], values, *about)
    return {"without": [kind]} if paper is None else {"document": paper.id}


async def _destination(desk: Desk, found: Mapping[str, Any]) -> str:
    return await store.county_name(desk.connection, found["to_county"]) or ""
