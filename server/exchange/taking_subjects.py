"""Takes people who are supervised already over into this system, with files and clocks."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import psycopg

from server.acts.act import Act
from server.acts.store import record_all
from server.auth.person import Desk
from server.cases.group_store import logins_known
from server.cases.noting import new_id
from server.db import open_all_files
from server.deadlines.together import Wanted, start_all
from server.exchange import subject_store
from server.exchange.faults import FaultyFileError, RowFault, fault
from server.exchange.parsing import Values
from server.exchange.subject_rules import Known, is_minor, subject_faults
from server.law.days import LegalCalendar
from server.registry import store as registry_store
from server.scoring.posting import open_ledgers

Rows = Sequence[tuple[int, Values]]
_DAYS: Final = LegalCalendar()
_AT_ONCE: Final = 5_000


async def faults_of(desk: Desk, rows: Rows) -> list[RowFault]:
    """Return what is wrong with the rows."""

    def given(name: str) -> list[str]:
        return [values[name] for _, values in rows if values.get(name) is not None]

    ids, identities = await subject_store.taken(
        desk.connection, desk.parts.vault, given("subject"), given("identity_number")
    )
    known = Known(
        levels=await subject_store.levels(desk.connection),
        subjects=ids,
        identities=identities,
        logins=await logins_known(desk.connection, sorted(set(given("officer")))),
    )
    return list(subject_faults(rows, known, _DAYS.date_of(desk.now)))


async def write(desk: Desk, rows: Rows, moved: Callable[[int], Awaitable[None]]) -> None:
    """Write rows without a fault; `moved` is told how many are done.

    Raises:
        FaultyFileError: An id is taken outside of what the caller may see.
    """
    people = [_person(values) for _, values in rows]
    await open_all_files(desk.connection)
    await registry_store.lock(desk.connection)
    for begin in range(0, len(people), _AT_ONCE):
        part = people[begin : begin + _AT_ONCE]
        try:
            await subject_store.insert(desk.connection, desk.parts.vault, part, desk.now)
        except psycopg.errors.UniqueViolation as error:
            text = ("某个对象编号已被占用", "an id is taken")
            allowed = ("留空，由系统编号", "leave the ids out")
            taken = fault(0, "subject", "exists", text=text, allowed=allowed)
            raise FaultyFileError([taken], rows=len(rows)) from error
        await start_all(desk, [clock for one in part for clock in _clocks(one, desk.now)])
        await record_all(desk.connection, [_act(one, desk.now) for one in part], desk.person)
        await moved(begin + len(part))
    await _after(desk, people)


async def _after(desk: Desk, people: Sequence[Values]) -> None:
    openings = [
        (one["subject"], one["org"], None if credit is None else Decimal(str(credit)))
        for one in people
        for credit in [one.get("public_credit")]
    ]
    await open_ledgers(desk.connection, openings, author=desk.person.login)
    orgs = {one["org"] for one in people}
    await registry_store.next_directory_version(desk.connection, orgs, desk.person.login)


def _person(values: Values) -> Values:
    return values | {
        "subject": values.get("subject") or new_id("s"),
        "stage": values.get("stage") or "in_correction",
        "is_sealed": bool(values.get("is_sealed")),
        "is_minor": is_minor(values),
    }


def _clocks(one: Values, now: datetime) -> list[Wanted]:
    """Return the clocks of a file: of its end, and where reception is not over, of that."""
    ends = _DAYS.begins_at(one["term_to"])
    begins: dict[str, datetime] = {"release_summary": ends, "release_certificate": ends}
    if one["stage"] == "received":
        arrival = "handover" if one["category"] == "medical" else "subject_report"
        begins |= {arrival: _DAYS.begins_at(one["effective_on"])}
        begins |= {"group": now, "exit_ban_filing": now}
    subject, org = one["subject"], one["org"]
    return [Wanted(kind, org, subject, "file", subject, at) for kind, at in begins.items()]


def _act(one: Values, now: datetime) -> Act:
    body: dict[str, Any] = {name: one[name] for name in ("stage", "is_minor", "is_sealed")}
    articles = ("law-22", "law-54") if one["is_minor"] else ("law-22",)
    subject = one["subject"]
    return Act(
        "file.imported", one["org"], subject, "file", subject, now, articles=articles, body=body
    )
