"""What a person does with a transfer, in one transaction with its act and its clocks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.auth.powers import Power, require, require_another
from server.cases.file_clocks import start_clock
from server.cases.noting import claimed, new_id
from server.cases.standing import require_stage, standing
from server.cases.tracking import end_tracking
from server.db import open_file
from server.deadlines import running
from server.deadlines.running import Times
from server.errors import ConflictError, NotFoundError, Refusal, RefusedError
from server.law.days import LegalCalendar
from server.personal.moving import seal_for
from server.policies.store import policy_of
from server.transfers import store
from server.transfers.lifecycle import (
    ARTICLE,
    SIDE,
    Action,
    Moment,
    Side,
    State,
    after,
    application_faults,
)
from server.transfers.papers import decision_paper, inquiry_paper
from server.transfers.schemas import NewTransfer
from server.versions import check_version

_DAYS: Final = LegalCalendar()
_POWER: Final[dict[Action, Power]] = {
    **dict.fromkeys(("verify", "move", "report", "search", "withdraw"), "verify"),
    **dict.fromkeys(("ask", "agree", "decline", "approve", "refuse", "miss"), "decide"),
}
_BY: Final[dict[Action, str]] = {
    "verify": "verified_by",
    "ask": "asked_by",
    "agree": "answered_by",
    "decline": "answered_by",
    "approve": "decided_by",
    "refuse": "decided_by",
}
_MEETS: Final[dict[Action, str]] = {
    "ask": "transfer_consult",
    "agree": "transfer_answer",
    "decline": "transfer_answer",
    "approve": "transfer_decision",
    "refuse": "transfer_decision",
    "move": "transfer_files",
    "search": "search_start",
}
_STARTS: Final[dict[Action, str]] = {
    "verify": "transfer_consult",
    "ask": "transfer_answer",
    "agree": "transfer_decision",
    "decline": "transfer_decision",
    "approve": "transfer_files",
    "miss": "search_start",
}


async def apply(desk: Desk, subject_id: str, body: NewTransfer) -> dict[str, Any]:
    """Apply for a transfer, as an officer for the person or as the person.

    Raises:
        RefusedError: To nowhere, to where the person is, or too late.
        ConflictError: One is under way.
    """
    person = desk.person
    if person.role != "subject":
        require(person, "verify", article="measures-30")
    file = await standing(desk.connection, subject_id, lock=True)
    require_stage(file, "in_correction", article="law-27")
    policy = await policy_of(desk.connection, file.org_id, desk.now)
    faults = application_faults(
        own_county=file.county_id,
        to_county=body.to_county,
        is_county=await store.county_name(desk.connection, body.to_county) is not None,
        move_on=body.move_on,
        today=_DAYS.date_of(desk.now),
        policy=policy,
        is_awaited=await store.is_awaited(desk.connection, subject_id),
    )
    if faults:
        raise RefusedError(*faults)
    if await store.runs(desk.connection, subject_id):
        raise ConflictError("a transfer of this person is under way")
    transfer_id = new_id("tr")
    owner = {"id": transfer_id, "org": file.org_id, "subject": subject_id}
    row = body.model_dump() | owner | {"by": person.login, "at": desk.now}
    await store.insert(desk.connection, row)
    said = {"to": body.to_county}
    await _note(desk, row, "transfer.applied", said, articles=("measures-30",), at=desk.now)
    return await _found(desk, transfer_id)


async def act(
    desk: Desk,
    transfer_id: str,
    action: Action,
    *,
    if_match: str | None,
    said: Mapping[str, Any],
    to_org: str | None = None,
    happened_time: datetime | None = None,
) -> dict[str, Any]:
    """Do an action on the version that was seen; return the transfer after it.

    Raises:
        NotFoundError: No such transfer that the person's scope sees.
        RefusedError: Not by this person or county, not in this state, or not yet.
    """
    found = await store.transfer(desk.connection, transfer_id, lock=True)
    if found is None:
        raise NotFoundError("no such transfer in your scope")
    check_version(if_match, found["version"], current={"version": found["version"]})
    require(desk.person, _POWER[action], article=ARTICLE[action])
    state = await _state_after(desk, found, action)
    if action in {"approve", "refuse"}:
        for login in (found["applied_by"], found["verified_by"]):
            require_another(desk.person, login or "", article="law-27")
    row = {"id": transfer_id, "state": state, "at": desk.now, "by": desk.person.login}
    row |= {"column": _BY.get(action), "to_org": await _taking_office(desk, found, action, to_org)}
    row["summary"] = (
        await store.summary(desk.connection, desk.parts.vault, found) if action == "ask" else None
    )
    happened = claimed(desk, happened_time)
    if action == "move":
        await _move_file(desk, found, row)
    else:
        await store.move(desk.connection, row)
    times = await _clocks(desk, found, action)
    if action in {"approve", "refuse"}:
        said = {**said, **await decision_paper(desk, found, action, said["note"])}
    if action == "ask" and times is not None:
        paper = await inquiry_paper(desk, found, said["note"], answer_by=times.due_at)
        said = {**said, **paper}
    await _note(desk, found, f"transfer.{state}", said, articles=(ARTICLE[action],), at=happened)
    return await _found(desk, transfer_id)


async def _state_after(desk: Desk, found: Mapping[str, Any], action: Action) -> State:
    due_at = None
    if found["state"] == "moved":
        due_at = await store.report_due_at(desk.connection, found["subject"], found["state_at"])
    moment = Moment(found["state"], await _side(desk, found), due_at, desk.now)
    state = after(moment, action)
    if isinstance(state, Refusal):
        raise RefusedError(state)
    return state


async def _side(desk: Desk, found: Mapping[str, Any]) -> Side | None:
    own = await store.county_of(desk.connection, desk.person.org_id)
    if own is not None and own == found["to_county"]:
        return "to"
    is_from = own is not None and own == await store.county_of(desk.connection, found["org"])
    return "from" if is_from else None


async def _taking_office(
    desk: Desk, found: Mapping[str, Any], action: Action, to_org: str | None
) -> str | None:
    if action != "agree":
        return None
    taking = to_org or found["to_county"]
    if await store.county_of(desk.connection, taking) == found["to_county"]:
        return taking
    text = ("接收机构不属于新执行地", "no office of the new county")
    allowed = ("新执行地的司法所或县级机构", "an office of the new county, or the county itself")
    raise RefusedError(Refusal("/to_org", "office_of_county", "measures-30", *text, *allowed))


async def _move_file(desk: Desk, found: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    """Hand the file over; the person is tracked no more, and the new place's clock runs."""
    file = await standing(desk.connection, found["subject"], lock=True)
    require_stage(file, "in_correction", article="measures-31")
    await end_tracking(desk, file)
    await store.end_group(desk.connection, file.subject_id, desk.now)
    for kind in ("transfer_report", "group"):
        await start_clock(desk, file, kind)
    await seal_for(desk.connection, desk.parts.vault, file.subject_id, found["to_org"])
    await store.move_file(desk.connection, row["id"])
    await store.move(desk.connection, row)


async def _clocks(desk: Desk, found: Mapping[str, Any], action: Action) -> Times | None:
    """Meet, end and start what an action does; return the times of the clock that it starts."""
    about = {"ref_kind": "transfer", "ref_id": found["id"]}
    if action in _MEETS:
        await running.meet(desk, _MEETS[action], **about)
    if action == "report":
        await running.meet(desk, "transfer_report", ref_kind="file", ref_id=found["subject"])
    if action in {"report", "withdraw", "refuse"}:
        await running.cancel(desk, **about)
    if action not in _STARTS:
        return None
    starter = found["org"] if SIDE[action] == "from" else desk.person.org_id
    times = await running.start(
        desk, _STARTS[action], org_id=starter, subject_id=found["subject"], **about
    )
    await store.hand_clocks(desk.connection, found["id"])
    return times


async def _note(
    desk: Desk,
    found: Mapping[str, Any],
    kind: str,
    said: Mapping[str, Any],
    *,
    articles: tuple[str, ...],
    at: datetime,
) -> None:
    # Each county keeps its own record; a closed file stays closed but for this line.
    await open_file(desk.connection, found["subject"])
    own = desk.person.org_id
    side = await _side(desk, found) if desk.person.role != "subject" else "from"
    noted = Act(
        kind=kind,
        org_id=found["org"] if side == "from" else own,
        subject_id=found["subject"],
        ref_kind="transfer",
        ref_id=found["id"],
        happened_time=at,
        articles=articles,
        body=said,
    )
    await record(desk.connection, noted, desk.person)


async def _found(desk: Desk, transfer_id: str) -> dict[str, Any]:
    found = await store.transfer(desk.connection, transfer_id)
    if found is None:
        raise NotFoundError("no such transfer in your scope")
    return found
