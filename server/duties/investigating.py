"""调查评估: commissioned, extended by agreement, reported, answered, adopted or not."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from server.acts.act import Act, Authority
from server.acts.store import record
from server.auth.person import Desk
from server.auth.powers import require, require_another
from server.deadlines import running
from server.documents import issuing
from server.duties import investigation_store as store
from server.duties.investigation_schemas import (
    Adoption,
    Answering,
    Extension,
    NewInvestigation,
    Report,
    Withdrawal,
)
from server.errors import InvalidError, NotFoundError, Refusal, RefusedError
from server.law.articles import article
from server.law.days import ZONE
from server.measures.noting import new_id, past
from server.versions import check_version

_ARTICLE: Final = article("measures-14").key
_LAW: Final = article("law-18").key
_LAST_DAY: Final = timedelta(seconds=1)


async def enter(desk: Desk, body: NewInvestigation) -> str:
    """Enter a commission as the county; its clock begins with its arrival. Return its id.

    Raises:
        InvalidError: It lies in the future, or the office is not the county's.
        RefusedError: This commission is entered, or the power is missing.
    """
    require(desk.person, "verify", article=_ARTICLE)
    county_id = desk.person.org_id
    org_id = body.office or county_id
    if desk.person.org_level != "county":
        raise RefusedError(_county())
    past(desk, body.received_time, "/received_time")
    if body.office is not None and not await store.is_office_of(
        desk.connection, body.office, county_id
    ):
        raise InvalidError([("/office", f"{body.office} is no office of this county")])
    investigation_id = new_id("in")
    times = await running.start(
        desk,
        _clock(body.is_fast),
        org_id=org_id,
        subject_id=None,
        ref_kind="investigation",
        ref_id=investigation_id,
        begins_at=body.received_time,
    )
    row = body.model_dump(exclude={"office"})
    row |= {"id": investigation_id, "org_id": org_id, "county_id": county_id}
    row |= {"due_at": times.due_at}
    row |= {"entered_by": desk.person.login, "entered_at": desk.now}
    if not await store.insert(desk.connection, row):
        raise RefusedError(_twice())
    of = {"id": investigation_id, "org": org_id}
    await _note(desk, "investigation.received", of, happened_time=body.received_time)
    return investigation_id


async def extend(
    desk: Desk, investigation_id: str, body: Extension, *, if_match: str | None
) -> None:
    """Extend an investigation once, by agreement, by another such period from its end.

    Raises:
        NotFoundError: No such investigation in the scope.
        RefusedError: It was extended or answered, or its time is over.
    """
    require(desk.person, "decide", article=_ARTICLE)
    row = await _locked(desk, investigation_id, if_match, "received", "reported")
    if row["extended_to"] is not None or desk.now >= row["due_at"]:
        raise RefusedError(_not_extended())
    ref: dict[str, Any] = {"ref_kind": "investigation", "ref_id": investigation_id}
    await running.cancel(desk, **ref)
    begins: datetime = row["due_at"] - _LAST_DAY
    clock = _clock(row["is_fast"])
    times = await running.start(
        desk, clock, org_id=row["org"], subject_id=None, **ref, begins_at=begins
    )
    values = {"extended_to": times.due_at, "extension": body.agreement}
    await store.update(desk.connection, investigation_id, values)
    await _note(desk, "investigation.extended", row, {"until": times.due_at.isoformat()})


async def report(desk: Desk, investigation_id: str, body: Report, *, if_match: str | None) -> None:
    """Write what was found, by an officer of the office or the county.

    Raises:
        NotFoundError: No such investigation in the scope.
        RefusedError: It was answered or withdrawn.
    """
    require(desk.person, "verify", article=_ARTICLE)
    row = await _locked(desk, investigation_id, if_match, "received", "reported")
    values = {
        "state": "reported",
        "report": body.model_dump(),
        "opinion": body.opinion,
        "reported_by": desk.person.login,
        "reported_at": desk.now,
    }
    await store.update(desk.connection, investigation_id, values)
    await _note(desk, "investigation.reported", row, {"opinion": body.opinion})


async def answer(
    desk: Desk, investigation_id: str, body: Answering, *, if_match: str | None
) -> None:
    """Issue the opinion as another person of the county, or give the report back.

    Raises:
        NotFoundError: No such investigation in the scope.
        RefusedError: It is not reported, or by who reported it.
    """
    require(desk.person, "decide", article=_ARTICLE)
    row = await _locked(desk, investigation_id, if_match, "reported")
    require_another(desk.person, row["reported_by"], article=_ARTICLE)
    if body.outcome == "returned":
        await store.update(desk.connection, investigation_id, {"state": "received"})
        await _note(desk, "investigation.returned", row, {"note": body.note})
        return
    paper = await issuing.issue(
        desk, "investigation_opinion", None, _values(row), "investigation", investigation_id
    )
    ref: dict[str, Any] = {"ref_kind": "investigation", "ref_id": investigation_id}
    await running.meet(desk, _clock(row["is_fast"]), **ref)
    await running.start(desk, "copies_sent", org_id=row["org"], subject_id=None, **ref)
    values = {
        "state": "answered",
        "answered_by": desk.person.login,
        "answered_at": desk.now,
        "is_late": desk.now >= (row["extended_to"] or row["due_at"]),
        "document_id": paper.id,
    }
    await store.update(desk.connection, investigation_id, values)
    said = {"opinion": row["opinion"], "document": paper.id, "is_late": values["is_late"]}
    await _note(desk, "investigation.answered", row, said)


async def note_adoption(
    desk: Desk, investigation_id: str, body: Adoption, *, if_match: str | None
) -> None:
    """Note whether the opinion was followed, with the authority of who decided it.

    Raises:
        NotFoundError: No such investigation in the scope.
        InvalidError: It lies in the future.
        RefusedError: It was not answered yet, or this is noted.
    """
    require(desk.person, "verify", article=_LAW)
    row = await _locked(desk, investigation_id, if_match, "answered")
    happened = past(desk, body.happened_time, "/happened_time")
    values = {
        "state": "closed",
        "adoption": body.adoption,
        "adoption_time": happened,
        "adoption_note": body.note,
    }
    await store.update(desk.connection, investigation_id, values)
    await _note(
        desk,
        "investigation.adoption",
        row,
        {"adoption": body.adoption},
        happened_time=happened,
        authority="deciding_body",
    )


async def withdraw(
    desk: Desk, investigation_id: str, body: Withdrawal, *, if_match: str | None
) -> None:
    """Note that the commission was taken back.

    Raises:
        NotFoundError: No such investigation in the scope.
        RefusedError: It was answered.
    """
    require(desk.person, "verify", article=_ARTICLE)
    row = await _locked(desk, investigation_id, if_match, "received", "reported")
    await running.cancel(desk, ref_kind="investigation", ref_id=investigation_id)
    await store.update(desk.connection, investigation_id, {"state": "withdrawn"})
    await _note(desk, "investigation.withdrawn", row, {"note": body.note})


async def held(desk: Desk, investigation_id: str, *, lock: bool = False) -> dict[str, Any]:
    """Return an investigation.

    Raises:
        NotFoundError: No such investigation in the scope.
    """
    row = await store.investigation(desk.connection, investigation_id, lock=lock)
    if row is None:
        raise NotFoundError("no such investigation in your scope")
    return row


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = row["report"]
    told = {name: said for name, said in found.items() if said and not name.startswith("opinion")}
    received: datetime = row["received_time"]
    return told | {
        "name": row["name"],
        "commissioner": row["commissioner"],
        "commission_number": row["number"],
        "received_on": received.astimezone(ZONE).date(),
        "opinion": found["opinion_text"],
    }


def _clock(is_fast: bool) -> str:  # noqa: FBT001 - a member of the record, not a switch
    return "investigation_fast" if is_fast else "investigation"


async def _locked(
    desk: Desk, investigation_id: str, if_match: str | None, *states: str
) -> dict[str, Any]:
    row = await held(desk, investigation_id, lock=True)
    seen = {name: row[name] for name in ("id", "state", "version")}
    check_version(if_match, row["version"], current=seen)
    if row["state"] not in states:
        raise RefusedError(
            Refusal(
                "",
                "investigation_state",
                _ARTICLE,
                "调查评估的状态不允许",
                f"the investigation is {row['state']}",
                "、".join(states),
                " or ".join(states),
            )
        )
    return row


async def _note(
    desk: Desk,
    kind: str,
    row: Mapping[str, Any],
    body: Mapping[str, Any] | None = None,
    *,
    happened_time: datetime | None = None,
    authority: Authority | None = None,
) -> None:
    act = Act(
        kind=kind,
        org_id=row["org"],
        subject_id=None,
        ref_kind="investigation",
        ref_id=row["id"],
        happened_time=happened_time or desk.now,
        articles=(_LAW, _ARTICLE),
        body=body or {},
        authority=authority,
    )
    await record(desk.connection, act, desk.person)


def _county() -> Refusal:
    return Refusal(
        "",
        "county_level",
        _LAW,
        "调查评估由县级社区矫正机构受理",
        "a commission goes to the county's agency",
        "由县级社区矫正机构登记后交司法所调查",
        "entered by the county, which may ask an office to investigate",
    )


def _twice() -> Refusal:
    return Refusal(
        "/number",
        "one_commission",
        _ARTICLE,
        "该委托函已经登记",
        "this commission is entered",
        "在已登记的调查评估中办理",
        "go on in the one that is entered",
    )


def _not_extended() -> Refusal:
    return Refusal(
        "",
        "extended_once",
        _ARTICLE,
        "已经延长，或者期限已经届满",
        "it was extended, or its time is over",
        "期限届满前与委托机关协商延长一次",
        "once, by agreement, before its end",
    )
