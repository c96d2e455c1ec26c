"""Schedules of a person: started by class and category, ended with the case."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk, Person
from server.auth.powers import require
from server.cases.standing import Standing, require_stage, standing
from server.deadlines import running
from server.deadlines.running import AtWork
from server.duties import store
from server.duties.kinds import DUTIES, EXTENSION_CLOCK, DutyKind, SupervisionClass, owed
from server.duties.periods import next_begin
from server.errors import InvalidError, NotFoundError, Refusal, RefusedError
from server.law.articles import article
from server.law.clocks import CLOCKS
from server.measures.noting import new_id

_ARTICLE: Final = article("law-24").key


async def plan(desk: Desk, subject_id: str, begins_on: date | None) -> None:
    """Start what a person owes by class and category, and end what is not owed any more.

    A duty whose class changed starts anew; what runs as it should goes on. Twice is once.

    Raises:
        NotFoundError: No such person in the scope.
        InvalidError: The day lies in the past.
        RefusedError: The person is not in correction, or the power is missing.
    """
    require(desk.person, "verify", article=_ARTICLE)
    found = await standing(desk.connection, subject_id, lock=True)
    require_stage(found, "in_correction", article=_ARTICLE)
    _, calendar = await running.rules_of(desk, found.org_id)
    today = calendar.date_of(desk.now)
    if begins_on is not None and begins_on < today:
        raise InvalidError([("/begins_on", "lies in the past: today at the earliest")])
    await arrange(desk, found, begins_on or today, by=desk.person)


async def arrange(work: AtWork, found: Standing, begin: date, *, by: Person | None) -> None:
    """Bring a person's schedules into line with class, category and policy of now."""
    policy, _ = await running.rules_of(work, found.org_id)
    supervision_class = await class_now(work, found.subject_id)
    wanted = owed(found.category, supervision_class, policy)
    kept: set[DutyKind] = set()
    for row in await store.running(work.connection, found.subject_id):
        kind: DutyKind = row["kind"]
        if kind in wanted and row["class"] == supervision_class:
            kept.add(kind)
            continue
        await stop(work, row, by=by)
    for kind in wanted:
        if kind not in kept:
            await _start(work, found, kind, supervision_class, begin, by=by)


async def class_now(work: AtWork, subject_id: str) -> SupervisionClass:
    """Return the class in force; who has none is of the general one."""
    found = await store.class_of(work.connection, subject_id, work.now)
    return found if found in {"strict", "lenient"} else "general"  # type: ignore[return-value]


async def stop(work: AtWork, row: Mapping[str, Any], *, by: Person | None) -> None:
    """End a schedule and its open clock."""
    await store.end(work.connection, row["id"], work.now)
    await running.cancel(work, ref_kind="schedule", ref_id=row["id"])
    await record(work.connection, _noted(work, "duty.ended", row), by)


async def stop_all(work: AtWork, subject_id: str, *, by: Person | None) -> None:
    """End everything that a person owes, as when the case ends."""
    for row in await store.running(work.connection, subject_id):
        await stop(work, row, by=by)


async def advance(work: AtWork, row: Mapping[str, Any]) -> None:
    """Begin the period after the one that runs; its clock starts at once.

    Args:
        work: The transaction.
        row: The schedule, held.
    """
    policy, calendar = await running.rules_of(work, row["org"])
    kind: DutyKind = row["kind"]
    clock = CLOCKS[DUTIES[kind].clock_for(row["class"])]
    begin = next_begin(row["period_begin"], row["anchor"], clock, policy, calendar)
    due = await _run(work, row, clock.kind, calendar.begins_at(begin))
    await store.begin_period(work.connection, row["id"], clock=clock.kind, begin=begin, due=due)


async def miss(work: AtWork, row: Mapping[str, Any]) -> None:
    """Note that a period passed without what it asked for, and begin the next.

    Args:
        work: A round of the sweep.
        row: The clock that lapsed.
    """
    if row["ref_kind"] != "schedule":
        return
    schedule = await store.schedule(work.connection, row["ref_id"])
    if schedule is None or schedule["ended_at"] is not None:
        return
    await _note_missed(work, schedule, row["due_at"])
    try:
        found = await standing(work.connection, schedule["subject"])
    except NotFoundError:
        found = None
    if found is None or found.stage != "in_correction":
        await stop(work, schedule, by=None)
    elif schedule["period_due"] == row["due_at"]:
        await advance(work, schedule)


async def extend_review(desk: Desk, subject_id: str, reasons: str) -> None:
    """Extend the time of the medical review that runs, by the next-higher agency, once.

    Raises:
        NotFoundError: No such person in the scope, or no review runs.
        RefusedError: Extended before, or the power is missing.
    """
    of = article("measures-24").key
    require(desk.person, "review", article=of)
    row = await store.of_kind(desk.connection, subject_id, "medical_review")
    if row is None:
        raise NotFoundError("no medical review runs for this person")
    if row["clock"] == EXTENSION_CLOCK:
        raise RefusedError(
            Refusal(
                "",
                "extended_once",
                of,
                "本期病情复查已经延期",
                "this period was extended",
                "由省级规定的机关批准",
                "the body that the province names",
            )
        )
    await running.cancel(desk, ref_kind="schedule", ref_id=row["id"], kind=row["clock"])
    policy, calendar = await running.rules_of(desk, row["org"])
    clock = CLOCKS[row["clock"]]
    last = next_begin(row["period_begin"], row["anchor"], clock, policy, calendar)
    due = await _run(desk, row, EXTENSION_CLOCK, calendar.begins_at(last))
    await store.begin_period(desk.connection, row["id"], clock=EXTENSION_CLOCK, begin=last, due=due)
    act = _noted(desk, "duty.extended", row, {"until": due.isoformat(), "reasons": reasons})
    await record(desk.connection, act, desk.person)


async def _start(
    work: AtWork,
    found: Standing,
    kind: DutyKind,
    supervision_class: SupervisionClass,
    begin: date,
    *,
    by: Person | None,
) -> None:
    _, calendar = await running.rules_of(work, found.org_id)
    clock = DUTIES[kind].clock_for(supervision_class)
    schedule_id = new_id("du")
    about = {"id": schedule_id, "org": found.org_id, "subject": found.subject_id, "kind": kind}
    due = await _run(work, about, clock, calendar.begins_at(begin))
    row = {
        "id": schedule_id,
        "org_id": found.org_id,
        "subject_id": found.subject_id,
        "kind": kind,
        "class": supervision_class,
        "clock": clock,
        "anchor": begin,
        "period_begin": begin,
        "period_due": due,
        "planned_by": by and by.login,
        "planned_at": work.now,
    }
    await store.insert(work.connection, row)
    await record(work.connection, _noted(work, "duty.planned", about), by)


async def _run(work: AtWork, row: Mapping[str, Any], clock: str, begins: datetime) -> datetime:
    times = await running.start(
        work,
        clock,
        org_id=row["org"],
        subject_id=row["subject"],
        ref_kind="schedule",
        ref_id=row["id"],
        begins_at=begins,
    )
    return times.due_at


async def _note_missed(work: AtWork, schedule: Mapping[str, Any], due: datetime) -> None:
    row = {
        "org_id": schedule["org"],
        "subject_id": schedule["subject"],
        "schedule_id": schedule["id"],
        "period_due": due,
        "kind": schedule["kind"],
        "outcome": "missed",
        "amount": 0,
        "form": None,
        "result": "",
        "activity_id": None,
        "happened_time": min(due, work.now),
        "by_login": None,
        "noted_at": work.now,
    }
    await store.insert_record(work.connection, row)
    act = _noted(work, "duty.missed", schedule, {"period_due": due.isoformat()})
    await record(work.connection, act, None)


def _noted(
    work: AtWork, kind: str, row: Mapping[str, Any], body: Mapping[str, Any] | None = None
) -> Act:
    duty: DutyKind = row["kind"]
    return Act(
        kind=kind,
        org_id=row["org"],
        subject_id=row["subject"],
        ref_kind="schedule",
        ref_id=row["id"],
        happened_time=work.now,
        articles=(DUTIES[duty].article,),
        body={"duty": duty, **(body or {})},
    )
