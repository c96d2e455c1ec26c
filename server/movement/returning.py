"""A leave while it runs, and its end: return, delay, lapse, who is informed."""

from collections.abc import Mapping
from typing import Any

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.auth.powers import require
from server.cases import noting
from server.cases.standing import Standing
from server.deadlines.running import AtWork, meet
from server.errors import InvalidError
from server.movement import leave_store as store
from server.movement.leave_rules import AWAY, LAW, check_state
from server.movement.leave_schemas import Copy, Delay, LeaveInfo, Return
from server.movement.leaving import held, read
from server.registry.store import lock, next_directory_version
from server.scoring.intake import take


async def come_back(desk: Desk, leave_id: str, body: Return, if_match: str | None) -> LeaveInfo:
    """Take the report on return; where the leave went on longer, it ends now.

    Raises:
        NotFoundError: No such leave in the scope.
        InvalidError: It happened in the future, or before the leave began.
        RefusedError: The leave was not approved, or the return is known.
    """
    _require_handler(desk)
    await lock(desk.connection)
    row, found = await held(desk, leave_id, if_match)
    check_state(row["state"], "approved")
    if not row["from_time"] <= body.returned_time <= desk.now:
        raise InvalidError([("/returned_time", "must lie between the leave's begin and now")])
    await store.mark_returned(desk.connection, leave_id, body.returned_time)
    noted: dict[str, Any] = {"returned_time": body.returned_time.isoformat(), "note": body.note}
    noted["is_late"] = body.returned_time > row["to_time"]
    # Not from the return on: nothing that was allowed becomes a violation afterwards.
    if await store.end_overlay(desk.connection, leave_id, desk.now):
        by = desk.person.login
        version = await next_directory_version(desk.connection, [found.org_id], by)
        noted["directory_version"] = version
    await _note(desk, "leave.returned", found, leave_id, noted)
    await meet(desk, "leave_return_report", ref_kind="leave", ref_id=leave_id)
    # What a person said alone is confirmed when an officer gathers it.
    if desk.person.role != "subject":
        by = desk.person.login
        await take(desk.connection, "leave", [leave_id], by_login=by, now=desk.now)
    return await read(desk, leave_id)


async def delay(desk: Desk, leave_id: str, body: Delay, if_match: str | None) -> LeaveInfo:
    """Take the report that the person cannot be back in time; it extends nothing.

    Raises:
        NotFoundError: No such leave in the scope.
        RefusedError: The leave was not approved, or the person is back.
    """
    _require_handler(desk)
    row, found = await held(desk, leave_id, if_match)
    check_state(row["state"], "approved")
    noted = {"reason": body.reason, "until": body.until.isoformat()}
    await _note(desk, "leave.delay_reported", found, leave_id, noted)
    return await read(desk, leave_id)


async def inform(desk: Desk, leave_id: str, body: Copy, if_match: str | None) -> LeaveInfo:
    """Note that the county informed the procuratorate of a leave that the city approved.

    Raises:
        NotFoundError: No such leave in the scope.
        InvalidError: It happened in the future, or before the approval.
        RefusedError: By the wrong person, or the leave was not approved.
    """
    require(desk.person, "decide", article=LAW)
    row, found = await held(desk, leave_id, if_match)
    check_state(row["state"], "approved", "returned")
    if not row["decided_at"] <= body.sent_time <= desk.now:
        raise InvalidError([("/sent_time", "must lie between the approval and now")])
    noted = {"to": "procuratorate", "sent_time": body.sent_time.isoformat()}
    await _note(desk, "leave.copy_sent", found, leave_id, noted | {"number": body.number})
    await meet(desk, "copies_sent", ref_kind="leave", ref_id=leave_id)
    return await read(desk, leave_id)


async def note_overdue(work: AtWork, row: Mapping[str, Any]) -> None:
    """Note that nobody reported back: the act of clock `leave_return_report`."""
    act = Act(
        kind="leave.overdue",
        org_id=row["org_id"],
        subject_id=row["subject_id"],
        ref_kind="leave",
        ref_id=row["ref_id"],
        happened_time=row["due_at"],
        articles=(LAW, AWAY),
    )
    await record(work.connection, act, None)


def _require_handler(desk: Desk) -> None:
    if desk.person.role != "subject":
        require(desk.person, "verify", article=AWAY)


async def _note(
    desk: Desk, kind: str, found: Standing, leave_id: str, body: Mapping[str, Any]
) -> None:
    await noting.note(desk, found, kind, LAW, AWAY, ref=("leave", leave_id), body=body)
