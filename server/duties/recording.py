"""What was done: one duty of many persons at once, or a person's own report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.auth.powers import require
from server.cases.standing import require_stage, standing
from server.deadlines import running
from server.deadlines import store as deadlines
from server.duties import planning, store
from server.duties.kinds import DUTIES, DutyKind
from server.duties.schemas import Entry, NewRecords, OwnReport
from server.errors import InvalidError, NotFoundError
from server.law.articles import article
from server.policies.store import policy_of
from server.scoring.intake import take

_CHANGE: Final = article("measures-24").key
_TIMED: Final = frozenset({"education", "community_work"})


@dataclass(frozen=True, slots=True)
class Deed:
    """What one person did of one duty.

    Attributes:
        kind: A kind of duty, or `change`.
        amount: Times, or minutes.
    """

    subject_id: str
    kind: str
    outcome: str
    amount: int
    result: str
    happened_time: datetime
    form: str | None = None
    activity_id: str | None = None


async def enter(desk: Desk, body: NewRecords) -> list[int]:
    """Note one duty of many persons; all or none.

    Raises:
        InvalidError: Somebody is not there, stands twice, or minutes are missing or out of place;
            lists every fault.
        RefusedError: The power is missing, or somebody's stage does not allow it.
    """
    require(desk.person, "verify", article=_article_of(body.kind))
    if body.happened_time is not None and body.happened_time > desk.now:
        raise InvalidError([("/happened_time", "lies in the future: now at the latest")])
    _refuse_faults(body)
    numbers = []
    faults = []
    for index, entry in enumerate(body.entries):
        deed = Deed(
            subject_id=entry.subject,
            kind=body.kind,
            outcome=entry.outcome,
            amount=_amount(entry),
            result=entry.result,
            happened_time=body.happened_time or desk.now,
            form=body.form,
        )
        try:
            numbers.append(await note_deed(desk, deed))
        except NotFoundError as error:
            faults.append((f"/entries/{index}/subject", error.detail))
    if faults:
        raise InvalidError(faults)
    await take(desk.connection, "duty", numbers, by_login=desk.person.login, now=desk.now)
    return numbers


async def report_own(desk: Desk, body: OwnReport) -> int:
    """Note a report from the person's own account."""
    deed = Deed(
        subject_id=str(desk.person.subject_id),
        kind=body.kind,
        outcome="done",
        amount=1,
        result=body.result,
        happened_time=desk.now,
        form="own_account",
    )
    return await note_deed(desk, deed)


async def note_deed(desk: Desk, deed: Deed) -> int:
    """Note what one person did; it counts for the earliest period that still asks for it.

    Raises:
        NotFoundError: No such person in the scope.
        RefusedError: The person's stage does not allow it.
    """
    found = await standing(desk.connection, deed.subject_id, lock=True)
    require_stage(found, "in_correction", article=_article_of(deed.kind))
    schedule = None
    if deed.kind in DUTIES:
        schedule = await store.of_kind(desk.connection, deed.subject_id, deed.kind)
    due = None if schedule is None else await _owing(desk, schedule)
    row = {
        "org_id": found.org_id,
        "subject_id": deed.subject_id,
        "schedule_id": schedule and schedule["id"],
        "period_due": due,
        "kind": deed.kind,
        "outcome": deed.outcome,
        "amount": deed.amount if deed.outcome == "done" else 0,
        "form": deed.form,
        "result": deed.result,
        "activity_id": deed.activity_id,
        "happened_time": deed.happened_time,
        "by_login": desk.person.login,
        "noted_at": desk.now,
    }
    number = await store.insert_record(desk.connection, row)
    if schedule is not None and due is not None:
        await _settle(desk, schedule, due, deed.outcome)
    act = Act(
        kind=f"duty.{deed.outcome}",
        org_id=found.org_id,
        subject_id=deed.subject_id,
        ref_kind="duty",
        ref_id=str(number),
        happened_time=deed.happened_time,
        articles=(_article_of(deed.kind),),
        body={"duty": deed.kind, "amount": row["amount"]},
    )
    await record(desk.connection, act, desk.person)
    return number


async def _owing(desk: Desk, schedule: Mapping[str, Any]) -> datetime | None:
    """Return the end of the earliest period that still asks for something."""
    clocks = await deadlines.running(desk.connection, schedule["clock"], "schedule", schedule["id"])
    due: datetime | None = clocks[0]["due_at"] if clocks else None
    return due


async def _settle(desk: Desk, schedule: Mapping[str, Any], due: datetime, outcome: str) -> None:
    """Meet a period's clock when it has what it asks for, or a person said why not.

    One session that was missed does not end a month of hours: another may follow.
    """
    kind: DutyKind = schedule["kind"]
    if outcome != "done" and kind in _TIMED:
        return
    policy = await policy_of(desk.connection, schedule["org"], desk.now)
    wanted = DUTIES[kind].wanted(schedule["class"], policy)
    done = await store.done_in(desk.connection, schedule["id"], due)
    if outcome == "done" and done < wanted:
        return
    ref = {"ref_kind": "schedule", "ref_id": schedule["id"]}
    await running.meet(desk, schedule["clock"], **ref)
    if due == schedule["period_due"]:
        await planning.advance(desk, schedule)


def _amount(entry: Entry) -> int:
    return entry.minutes or 1


def _refuse_faults(body: NewRecords) -> None:
    faults = []
    seen: set[str] = set()
    for index, entry in enumerate(body.entries):
        if entry.subject in seen:
            faults.append((f"/entries/{index}/subject", f"{entry.subject} stands twice"))
        seen.add(entry.subject)
        is_timed = body.kind in _TIMED and entry.outcome == "done"
        if is_timed and entry.minutes is None:
            faults.append((f"/entries/{index}/minutes", f"is wanted by {body.kind}"))
        if entry.minutes is not None and not is_timed:
            faults.append((f"/entries/{index}/minutes", f"does not go with {body.kind}"))
    if faults:
        raise InvalidError(faults)


def _article_of(kind: str) -> str:
    return DUTIES[cast("DutyKind", kind)].article if kind in DUTIES else _CHANGE
