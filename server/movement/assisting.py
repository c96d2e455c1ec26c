"""协助监管: the agency at the destination of a leave is asked to help, and answers."""

import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, Field

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.auth.powers import require
from server.deadlines.running import start
from server.errors import InvalidError, NotFoundError, Refusal, RefusedError
from server.movement import assistance_store as store
from server.movement.leave_rules import AWAY, check_state
from server.movement.leave_schemas import Id
from server.movement.leaving import held, note
from server.schema import Strict
from server.transfers.store import county_name
from server.versions import check_version

_Said = Annotated[str, Field(min_length=4, max_length=1000)]
_AS_ASKED: Final = frozenset({"accepted"})


class NewAssistance(Strict):
    """Which county is asked, and for what."""

    to_org: Id
    request: _Said


class AssistanceAnswer(Strict):
    """Whether the destination helps."""

    accepted: bool
    answer: _Said


class Sighting(Strict):
    """That the person reported on arrival or departure."""

    kind: Literal["arrival", "departure"]
    happened_time: AwareDatetime


class AssistanceInfo(BaseModel):
    """A request to the agency of a destination."""

    id: str
    version: int
    org: str
    to_org: str
    subject: str
    person_name: str
    leave: str
    destination: str
    from_time: AwareDatetime
    to_time: AwareDatetime
    request: str
    asked_by: str
    asked_at: AwareDatetime
    state: Literal["asked", "accepted", "declined"]
    answered_by: str | None
    answered_at: AwareDatetime | None
    answer: str | None
    arrived_time: AwareDatetime | None
    departed_time: AwareDatetime | None


class AssistancePage(BaseModel):
    """Requests from and to the own organisation, newest first."""

    items: list[AssistanceInfo]
    next_cursor: str | None


async def ask(
    desk: Desk, leave_id: str, body: NewAssistance, if_match: str | None
) -> AssistanceInfo:
    """Ask the county of the destination; it sees name, place and time of this leave, no more.

    Raises:
        NotFoundError: No such leave in the scope.
        RefusedError: By the wrong person, of no approved leave, or to nowhere.
    """
    require(desk.person, "verify", article=AWAY)
    row, found = await held(desk, leave_id, if_match)
    check_state(row["state"], "approved")
    if body.to_org == found.county_id or not await county_name(desk.connection, body.to_org):
        raise RefusedError(_nowhere(body.to_org))
    request_id = f"as-{secrets.token_hex(12)}"
    values: dict[str, Any] = {
        "id": request_id,
        "org": found.org_id,
        "to_org": body.to_org,
        "leave": leave_id,
    }
    values |= {"request": body.request, "by": desk.person.login, "now": desk.now}
    await store.insert(desk.connection, values)
    noted = {"to_org": body.to_org, "assistance": request_id}
    await note(desk, "leave.assistance_asked", found, leave_id, noted)
    await start(
        desk,
        "assistance_answer",
        org_id=found.org_id,
        subject_id=found.subject_id,
        ref_kind="assistance",
        ref_id=request_id,
    )
    return await read(desk, request_id)


async def answer(
    desk: Desk, request_id: str, body: AssistanceAnswer, if_match: str | None
) -> AssistanceInfo:
    """Answer as the county that was asked.

    Raises:
        NotFoundError: No such request to the own county.
        RefusedError: By the wrong person, or it was answered.
    """
    require(desk.person, "decide", article=AWAY)
    row = await _received(desk, request_id, if_match)
    if row["state"] != "asked":
        raise RefusedError(_answered())
    state = "accepted" if body.accepted else "declined"
    values: dict[str, Any] = {"id": request_id, "state": state, "answer": body.answer}
    await store.answer(desk.connection, values | {"by": desk.person.login, "now": desk.now})
    noted = {"state": state, "answer": body.answer}
    await _note(desk, "assistance.answered", row, noted)
    return await read(desk, request_id)


async def sight(
    desk: Desk, request_id: str, body: Sighting, if_match: str | None
) -> AssistanceInfo:
    """Note as the destination that the person arrived or departed.

    Raises:
        NotFoundError: No such request to the own county.
        InvalidError: It happened in the future, or before the arrival.
        RefusedError: By the wrong person, or help was not promised.
    """
    require(desk.person, "verify", article=AWAY)
    row = await _received(desk, request_id, if_match)
    if row["state"] not in _AS_ASKED:
        raise RefusedError(_not_accepted())
    earliest = row["asked_at"] if body.kind == "arrival" else row["arrived_time"]
    if earliest is None or not earliest <= body.happened_time <= desk.now:
        text = "must not lie in the future, nor before the request or the arrival"
        raise InvalidError([("/happened_time", text)])
    await store.sight(desk.connection, request_id, body.kind, body.happened_time)
    noted = {"kind": body.kind, "happened_time": body.happened_time.isoformat()}
    await _note(desk, "assistance.sighted", row, noted)
    return await read(desk, request_id)


async def read(desk: Desk, request_id: str) -> AssistanceInfo:
    """Return a request.

    Raises:
        NotFoundError: Neither from nor to the own scope.
    """
    row = await store.request(desk.connection, request_id)
    if row is None:
        raise NotFoundError("no such request in your scope")
    return AssistanceInfo.model_validate(row)


async def _received(desk: Desk, request_id: str, if_match: str | None) -> dict[str, Any]:
    row = await store.received(desk.connection, request_id)
    if row is None:
        raise NotFoundError("no such request to your county")
    current = AssistanceInfo.model_validate(row).model_dump(mode="json")
    check_version(if_match, row["version"], current=current)
    return row


async def _note(desk: Desk, kind: str, row: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    act = Act(
        kind=kind,
        org_id=row["to_org"],
        subject_id=None,
        ref_kind="assistance",
        ref_id=row["id"],
        happened_time=desk.now,
        articles=(AWAY,),
        body=body,
    )
    await record(desk.connection, act, desk.person)


def _nowhere(org: str) -> Refusal:
    return Refusal(
        "/to_org",
        "another_county",
        AWAY,
        f"{org}不是本县以外的县级社区矫正机构",
        f"{org} is no other county here",
        "目的地的县级社区矫正机构",
        "the county of the destination",
    )


def _answered() -> Refusal:
    zh, en = "该请求已经答复", "the request was answered"
    return Refusal("", "answered_once", AWAY, zh, en, "另行请求", "another request")


def _not_accepted() -> Refusal:
    zh, en = "尚未同意协助", "help was not promised"
    return Refusal("", "assistance_accepted", AWAY, zh, en, "同意协助后记录", "after accepting")
