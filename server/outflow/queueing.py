"""Queues what receivers are told after a close, and what takes it back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from server.outflow import store
from server.outflow.mapping import (
    MappingContent,
    message_id,
    revocation_content,
    score_content,
)
from server.rounds import Due, Round, Row
from server.scoring.closing import last_month
from server.scoring.score import BEIJING
from server.scoring.standing import scores

_INSTANT: Final = timedelta(microseconds=1)


async def _due(work: Round) -> Sequence[Row]:
    month, _ = last_month(work.now)
    return await store.due(work.connection, month, resting=work.resting, most=work.most)


async def _tell(work: Round, row: Row) -> None:
    await store.insert_message(work.connection, _score(dict(row), row["content"], work.now, ""))


def _score(row: dict[str, Any], mapping: Any, at: datetime, after: str) -> dict[str, Any]:
    content = score_content(row, MappingContent.model_validate(mapping))
    kept = ("org_id", "subject_id", "basis_id", "mapping_id", "receiver", "month", "grade")
    return {name: row[name] for name in kept} | {
        # One that takes another's place is another message, also where it says the same.
        "id": message_id(row["basis_id"], row["month"], after),
        "kind": "score",
        "revokes": None,
        "because": None,
        "content": content,
        "at": at,
        # A close says what was known then: what fell since is looked for once.
        "is_checked": after != "",
    }


async def _stale(work: Round) -> Sequence[Row]:
    return await store.stale(work.connection, resting=work.resting, most=work.most)


async def _take_back(work: Round, row: Row) -> None:
    """Take a message back when the person does not want it any more, or its grade was wrong."""
    is_withdrawn = row["withdrawn_at"] is not None
    grade = row["grade"] if is_withdrawn else await _grade_now(work, row)
    await store.check(work.connection, row["id"], work.now)
    if not is_withdrawn and grade == row["grade"]:
        return
    if not await store.drop(work.connection, row["id"]):
        because = "withdrawn" if is_withdrawn else "corrected"
        kept = ("org_id", "subject_id", "basis_id", "mapping_id", "receiver", "month", "grade")
        revocation = {name: row[name] for name in kept} | {
            "id": message_id("revocation", row["id"]),
            "kind": "revocation",
            "revokes": row["id"],
            "because": because,
            "content": revocation_content(row["content"], row["id"], because),
            "at": work.now,
            "is_checked": True,
        }
        await store.insert_message(work.connection, revocation)
    if not is_withdrawn:
        corrected = dict(row) | {"grade": grade}
        after = _score(corrected, row["mapping"], work.now, str(row["id"]))
        await store.insert_message(work.connection, after)


async def _grade_now(work: Round, row: Row) -> str:
    """Return the grade of a closed month as it is known now."""
    year, month = divmod(row["month"] + 1, 12)
    at = datetime(year, month + 1, 1, tzinfo=BEIJING) - _INSTANT
    subject = row["subject_id"]
    found = await scores(work.connection, [subject], now=work.now, at=at)
    return found[subject].grade if subject in found else row["grade"]


OUTFLOW: Final = (
    Due(name="outflow", find=_due, settle=_tell),
    Due(name="outflow corrections", find=_stale, settle=_take_back, most=50),
)
"""Closes to be told to receivers, and messages that do not stand."""
