"""Steps of a search, its notice, and its end: found, or closed without the person."""

from datetime import datetime
from typing import Any, Final

from server.auth.person import Desk
from server.auth.powers import require
from server.cases.standing import standing
from server.deadlines import running
from server.documents.issuing import issue
from server.errors import NotFoundError, Refusal, RefusedError
from server.law.articles import article
from server.law.days import ZONE
from server.measures import establishing, finding_store
from server.measures.absence import Absence, absence_between
from server.measures.noting import note
from server.policies.store import calendar_of, policy_of
from server.search import store
from server.search.lifecycle import (
    CLOCK_OF,
    MEANS,
    Search,
    close_refusal,
    found_refusal,
    step_refusal,
)
from server.search.schemas import Closing, Found, NewStep, Notice
from server.versions import check_version

_ARTICLE: Final = article("law-30").key
_STEPS: Final = article("measures-38").key


async def held(desk: Desk, missing_id: str, *, lock: bool = False) -> dict[str, Any]:
    """Return a search.

    Raises:
        NotFoundError: No such search in the scope.
    """
    row = await store.search(desk.connection, missing_id, lock=lock)
    if row is None:
        raise NotFoundError("no such search in your scope")
    return row


async def whole(desk: Desk, missing_id: str) -> dict[str, Any]:
    """Return a search with its steps and with what its absence amounts to now."""
    row = await held(desk, missing_id)
    away = await _absence(desk, row, row["found_time"] or row["ended_at"])
    policy = await policy_of(desk.connection, row["org"], desk.now)
    calendar = await calendar_of(desk.connection, row["org"])
    days = policy.number("admonition_most_absence_days")
    months = policy.number("absence_revocation_months")
    return row | {
        "absence_days": away.days if row["state"] == "open" else row["absence_days"],
        "is_more_than_ten_days": away.is_more_than_days(days),
        "is_more_than_a_month": away.is_more_than_months(months, calendar),
        "steps": await store.steps(desk.connection, missing_id),
    }


async def take_step(desk: Desk, missing_id: str, body: NewStep) -> dict[str, Any]:
    """Note what was done; the first search of the agency's own meets the clock of "at once".

    Raises:
        NotFoundError: No such search in the scope.
        RefusedError: It is over, or the step does not fit.
    """
    require(desk.person, "verify", article=_STEPS)
    row = await held(desk, missing_id, lock=True)
    search = await _search(desk, row)
    _refuse(step_refusal(search, body.means, body.result, body.happened_time, desk.now))
    values = {
        **body.model_dump(),
        "org_id": row["org"],
        "subject_id": row["subject"],
        "missing_id": missing_id,
        "by_login": desk.person.login,
        "noted_at": desk.now,
    }
    await store.insert_step(desk.connection, values)
    if body.means in CLOCK_OF:
        await running.meet(desk, CLOCK_OF[body.means], ref_kind="missing", ref_id=missing_id)
    await note(
        desk,
        "missing.searched",
        row,
        ref_kind="missing",
        articles=(_STEPS,),
        body={"means": body.means, "result": body.result},
        happened_time=body.happened_time,
    )
    return await whole(desk, missing_id)


async def find(desk: Desk, missing_id: str, body: Found, *, if_match: str | None) -> dict[str, Any]:
    """Note that the person was found; the absence with its days becomes a finding to verify.

    Raises:
        NotFoundError: No such search in the scope.
        RefusedError: It is over, or the time cannot be.
    """
    require(desk.person, "verify", article=_ARTICLE)
    row = await _locked(desk, missing_id, if_match)
    _refuse(found_refusal(await _search(desk, row), body.found_time, desk.now))
    away = await _absence(desk, row, body.found_time)
    values = {
        "state": "found",
        "found_time": body.found_time,
        "circumstances": body.circumstances,
        "has_proper_reason": body.has_proper_reason,
        "close_reason": None,
        "absence_days": away.days,
    }
    await _end(desk, row, values)
    finding_id = row["finding"]
    if finding_id is None:
        finding_id = await _enter_finding(desk, row, body.found_time, body.circumstances)
    await finding_store.end_absence(
        desk.connection, finding_id, body.found_time, has_proper_reason=body.has_proper_reason
    )
    await note(
        desk,
        "missing.found",
        row,
        ref_kind="missing",
        articles=(_ARTICLE,),
        body={"absence_days": away.days, "finding": finding_id},
        happened_time=body.found_time,
    )
    return await whole(desk, missing_id)


async def find_absence(desk: Desk, missing_id: str, *, if_match: str | None) -> dict[str, Any]:
    """Enter the absence as a finding while the search goes on, so that a measure may rest on it.

    Raises:
        NotFoundError: No such search in the scope.
        RefusedError: It is over, or its finding is entered.
    """
    require(desk.person, "verify", article=_ARTICLE)
    row = await _locked(desk, missing_id, if_match)
    _refuse(found_refusal(await _search(desk, row), desk.now, desk.now))
    if row["finding"] is not None:
        _refuse(
            Refusal(
                "",
                "one_finding",
                _ARTICLE,
                "该次脱离监管已经登记",
                "the absence is entered as a finding",
                row["finding"],
                row["finding"],
            )
        )
    await _enter_finding(desk, row, None, row["note"])
    return await whole(desk, missing_id)


async def close(
    desk: Desk, missing_id: str, body: Closing, *, if_match: str | None
) -> dict[str, Any]:
    """End a search without the person, by a person of the county.

    Raises:
        NotFoundError: No such search in the scope.
        RefusedError: It is over, or the term still runs.
    """
    require(desk.person, "decide", article=_ARTICLE)
    row = await _locked(desk, missing_id, if_match)
    calendar = await calendar_of(desk.connection, row["org"])
    search = await _search(desk, row)
    _refuse(close_refusal(search, body.reason, calendar.date_of(desk.now)))
    away = await _absence(desk, row, None)
    is_mistaken = body.reason == "mistaken"
    values = {
        "state": "closed",
        "found_time": None,
        "circumstances": body.circumstances,
        "has_proper_reason": None,
        "close_reason": body.reason,
        "absence_days": None if is_mistaken else away.days,
    }
    await _end(desk, row, values)
    if row["finding"] is not None:
        await finding_store.end_absence(
            desk.connection, row["finding"], desk.now, has_proper_reason=is_mistaken
        )
    said = {"reason": body.reason}
    await note(desk, "missing.closed", row, ref_kind="missing", articles=(_ARTICLE,), body=said)
    return await whole(desk, missing_id)


async def give_notice(
    desk: Desk, missing_id: str, body: Notice, *, if_match: str | None
) -> dict[str, Any]:
    """Issue the notice (查找通知书) that asks the police for help; it lists the steps so far.

    Raises:
        NotFoundError: No such search in the scope.
        RefusedError: It is over, nothing was searched yet, or the organisation issues none.
    """
    require(desk.person, "decide", article=_STEPS)
    row = await _locked(desk, missing_id, if_match)
    search = await _search(desk, row)
    _refuse(step_refusal(search, "police", "informed", desk.now, desk.now))
    steps = await store.steps(desk.connection, missing_id)
    lines = [
        f"{_told(one['happened_time'])}{MEANS[one['means']].zh}：{one['note']}" for one in steps
    ]
    values = {name: said for name, said in body.model_dump().items() if said is not None}
    values |= {"lost_at": row["absent_since"], "searched": lines[-60:]}
    paper = await issue(desk, "search_notice", row["subject"], values, "missing", missing_id)
    await store.set_document(desk.connection, missing_id, paper.id)
    said = {"document": paper.id, "number": paper.number}
    await note(desk, "missing.notice", row, ref_kind="missing", articles=(_STEPS,), body=said)
    return await whole(desk, missing_id)


async def _enter_finding(
    desk: Desk, row: dict[str, Any], end: datetime | None, description: str
) -> str:
    found = await standing(desk.connection, row["subject"])
    entered = await establishing.enter(
        desk,
        found,
        "late_arrival" if row["kind"] == "never_arrived" else "absence",
        (row["absent_since"], end),
        description=f"查找记录{row['id']}：{description}"[:2000],
        evidence=[],
        missing_id=row["id"],
    )
    finding_id: str = entered["id"]
    await store.set_finding(desk.connection, row["id"], finding_id)
    return finding_id


async def _locked(desk: Desk, missing_id: str, if_match: str | None) -> dict[str, Any]:
    row = await held(desk, missing_id, lock=True)
    seen = {name: row[name] for name in ("id", "state", "version")}
    check_version(if_match, row["version"], current=seen)
    return row


async def _search(desk: Desk, row: dict[str, Any]) -> Search:
    steps = await store.steps(desk.connection, row["id"])
    found = await standing(desk.connection, row["subject"])
    searched = frozenset(step["means"] for step in steps)
    return Search(row["state"], row["absent_since"], row["opened_at"], searched, found.term_to)


async def _absence(desk: Desk, row: dict[str, Any], end: datetime | None) -> Absence:
    calendar = await calendar_of(desk.connection, row["org"])
    return absence_between(row["absent_since"], end, desk.now, calendar)


async def _end(desk: Desk, row: dict[str, Any], values: dict[str, Any]) -> None:
    ended = {"ended_at": desk.now, "ended_by": desk.person.login}
    await store.end(desk.connection, row["id"], values | ended)
    await running.cancel(desk, ref_kind="missing", ref_id=row["id"])


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise RefusedError(refusal)


def _told(instant: datetime) -> str:
    local = instant.astimezone(ZONE)
    return f"{local.month}月{local.day}日"
