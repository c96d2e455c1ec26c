"""What a feature does with the law's clocks, in its own transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from server.acts.act import Act
from server.acts.store import record
from server.db import Connection
from server.deadlines import store
from server.law.clocks import Rules, clock
from server.law.days import LegalCalendar
from server.law.policy import Policy
from server.policies.store import calendar_of, policy_of


class AtWork(Protocol):
    """A transaction and its instant: a person's `Desk`, or a round of the upkeep."""

    @property
    def connection(self) -> Connection:
        """The transaction."""

    @property
    def now(self) -> datetime:
        """Its instant, aware."""

    @property
    def rules(self) -> Rules:
        """Figures and days of each organisation, kept for as long as the transaction."""


async def rules_of(work: AtWork, org_id: str) -> tuple[Policy, LegalCalendar]:
    """Return what an organisation's clocks run by; it is read once in a transaction.

    Raises:
        LawError: A policy that was entered under an older version does not hold to this one.
    """
    if org_id not in work.rules:
        policy = await policy_of(work.connection, org_id, work.now)
        work.rules[org_id] = policy, await calendar_of(work.connection, org_id)
    return work.rules[org_id]


@dataclass(frozen=True, slots=True)
class Times:
    """A clock's event, its end and its warning; aware."""

    begins_at: datetime
    due_at: datetime
    warn_at: datetime


async def start(
    work: AtWork,
    kind: str,
    *,
    org_id: str,
    subject_id: str | None,
    ref_kind: str,
    ref_id: str,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Times:
    """Start a clock of a thing; the same one again changes nothing.

    Its length is the policy's of now: a change of policy moves no clock that runs.

    Args:
        work: The transaction.
        kind: A key of `server.law.clocks.CLOCKS`.
        org_id: Whose record it is.
        subject_id: Whom it is about, if anybody.
        ref_kind: What it is about.
        ref_id: Its id.
        begins_at: The event that it counts from (or back from), aware; None: now.
        ends_at: An earlier end that a decision set, aware; None: as long as the law gives.

    Raises:
        UnknownNameError: No such clock.
    """
    asked, begins = clock(kind), begins_at or work.now
    policy, calendar = await rules_of(work, org_id)
    due = min(asked.due_at(begins, policy, calendar), ends_at or datetime.max.replace(tzinfo=UTC))
    times = Times(begins, due, asked.warn_at(begins, due, policy, calendar))
    row = {
        "org_id": org_id,
        "subject_id": subject_id,
        "kind": kind,
        "who": asked.who,
        "article": asked.article,
        "ref_kind": ref_kind,
        "ref_id": ref_id,
        "begins_at": times.begins_at,
        "due_at": times.due_at,
        "warn_at": times.warn_at,
    }
    await store.start(work.connection, row)
    return times


async def meet(work: AtWork, kind: str, *, ref_kind: str, ref_id: str) -> None:
    """Meet the earliest clock of a thing that still asks for something, if there is one.

    What is done after its time has lapsed first, and is noted as met late.
    """
    for row in (await store.running(work.connection, kind, ref_kind, ref_id))[:1]:
        if row["state"] == "open" and row["due_at"] > work.now:
            await store.end(work.connection, row["id"], "met", work.now)
            continue
        if row["state"] == "open":
            await lapse(work, row)
        await store.mark_met_late(work.connection, row["id"])


async def is_owed(work: AtWork, kind: str, *, ref_kind: str, ref_id: str) -> bool:
    """Return whether a clock of a thing still asks for something: it runs, or lapsed unmet."""
    return bool(await store.running(work.connection, kind, ref_kind, ref_id))


async def cancel(work: AtWork, *, ref_kind: str, ref_id: str, kind: str | None = None) -> None:
    """Cancel the open clocks of a thing that asks for nothing any more; None: of every kind.

    One whose time is over lapses instead; what lapsed stays so, and nobody owes it any more.
    """
    for row in await store.running(work.connection, kind, ref_kind, ref_id):
        if row["state"] == "open" and row["due_at"] <= work.now:
            await lapse(work, row)
    await store.cancel(work.connection, ref_kind, ref_id, kind, work.now)


async def cancel_all(work: AtWork, subject_id: str) -> None:
    """Cancel every clock of a person whose case has ended, as `cancel` does."""
    for ref in await store.things(work.connection, subject_id):
        await cancel(work, **ref)


async def lapse(work: AtWork, row: Mapping[str, Any]) -> None:
    """Note that a clock ran out: it stands in the record with its own instant."""
    await store.end(work.connection, row["id"], "lapsed", work.now)
    await record(work.connection, _noted(row, "deadline.lapsed", row["due_at"]), None)


async def warn(work: AtWork, row: Mapping[str, Any]) -> None:
    """Note that a clock's warning was given."""
    await store.mark_warned(work.connection, row["id"], work.now)
    await record(work.connection, _noted(row, "deadline.warned", work.now), None)


def _noted(row: Mapping[str, Any], kind: str, at: datetime) -> Act:
    return Act(
        kind=kind,
        org_id=row["org_id"],
        subject_id=row["subject_id"],
        ref_kind=row["ref_kind"],
        ref_id=row["ref_id"],
        happened_time=at,
        articles=(row["article"],),
        body={"clock": row["kind"], "due_at": row["due_at"].isoformat()},
    )
