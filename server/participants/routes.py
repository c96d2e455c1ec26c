"""Volunteers and social organisations: who they are, what they did, what it comes to."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk, HandlerDesk, ReaderDesk
from server.auth.powers import require_another
from server.cursor import Cursor, Limit, decode_cursor, page_of
from server.errors import ConflictError, InvalidError, NotFoundError
from server.participants import store
from server.participants.counting import MILLI, Share, month_of, shares, star_of, total_milli
from server.participants.policy import ParticipantKind, Schedule
from server.participants.schemas import (
    NewDeed,
    NewParticipant,
    Participant,
    ParticipantDeeds,
    Participants,
    Voiding,
)

router = APIRouter(prefix="/api/v1", tags=["participants"])


@router.post("/participants", response_model=Participant, status_code=201)
async def enter_participant(desk: HandlerDesk, body: NewParticipant) -> dict[str, Any]:
    """Enter a volunteer, by number alone, or an organisation, by code and name."""
    if (body.kind == "organisation") == (body.name is None):
        allowed = "is an organisation's: it has one, and a volunteer has none"
        raise InvalidError([("/name", allowed)])
    row: dict[str, Any] = {"id": f"vp-{secrets.token_hex(12)}", "org": desk.person.org_id}
    row |= body.model_dump() | {"by": desk.person.login, "at": desk.now}
    if not await store.insert(desk.connection, row):
        raise ConflictError(f"{body.registration} was entered before: look for it in the list")
    await _note(desk, "participant.entered", row["org"], row["id"], {"kind": body.kind})
    return (await _told(desk, [await _participant(desk, row["id"])]))[0]


@router.get("/participants", response_model=Participants)
async def list_participants(
    *,
    desk: ReaderDesk,
    kind: ParticipantKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List who helps in the scope, with the points and the star of each."""
    key = decode_cursor(cursor, str)
    asked = {"kind": kind, "after": key[0] if key else None, "limit": limit + 1}
    page = page_of(await store.page(desk.connection, asked), limit, "id")
    return page | {"items": await _told(desk, page["items"])}


@router.get("/participants/{participant_id}", response_model=ParticipantDeeds)
async def read_participant(desk: ReaderDesk, participant_id: str) -> dict[str, Any]:
    """Return a participant with every deed, what each comes to, and why."""
    row = await _participant(desk, participant_id)
    schedule = Schedule(await store.in_force(desk.connection, row["org"]))
    deeds = await store.deeds(desk.connection, [participant_id])
    counted = shares(row["kind"], [one for one in deeds if one["voided_at"] is None], schedule)
    by_deed = {one.deed["id"]: one for one in counted}
    told = _summed(desk, row, schedule, counted)
    return told | {"deeds": [_deed_told(one, by_deed.get(one["id"])) for one in deeds]}


@router.post(
    "/participants/{participant_id}/deeds", response_model=ParticipantDeeds, status_code=201
)
async def record_deed(desk: HandlerDesk, participant_id: str, body: NewDeed) -> dict[str, Any]:
    """Record what somebody did; the same deed at the same time is recorded once."""
    row = await _participant(desk, participant_id)
    if body.occurred_at > desk.now:
        raise InvalidError([("/occurred_at", "lies in the future: now at the latest")])
    schedule = Schedule(await store.in_force(desk.connection, row["org"]))
    _, content = schedule.at(month_of({"occurred_at": body.occurred_at}))
    known = content.groups[row["kind"]].deeds
    if body.deed not in known:
        raise InvalidError([("/deed", f"is not one of {', '.join(sorted(known))}")])
    text = f"{participant_id}\n{body.deed}\n{body.occurred_at.timestamp()}"
    deed: dict[str, Any] = {"id": f"vd-{hashlib.sha256(text.encode()).hexdigest()[:24]}"}
    deed |= {"org": row["org"], "participant": participant_id} | body.model_dump()
    if not await store.insert_deed(
        desk.connection, deed | {"by": desk.person.login, "at": desk.now}
    ):
        raise ConflictError("this deed of this time was recorded before")
    said = {"participant": participant_id, "deed": body.deed, "quantity": float(body.quantity)}
    await _note(desk, "participant.deed_recorded", row["org"], deed["id"], said)
    return await read_participant(desk, participant_id)


@router.post("/participant-deeds/{deed_id}/voiding", response_model=ParticipantDeeds)
async def void_deed(desk: HandlerDesk, deed_id: str, body: Voiding) -> dict[str, Any]:
    """Take a deed back, as another person than who recorded it; what it had kept out counts."""
    deed = await store.deed(desk.connection, deed_id)
    if deed is None:
        raise NotFoundError("no such deed in your scope")
    require_another(desk.person, deed["recorded_by"], article=None)
    row = {"deed": deed_id, "org": deed["org"], "reason": body.reason}
    if not await store.void(desk.connection, row | {"by": desk.person.login, "at": desk.now}):
        raise ConflictError("it was taken back before")
    said = {"participant": deed["participant"], "reason": body.reason}
    await _note(desk, "participant.deed_voided", deed["org"], deed_id, said)
    return await read_participant(desk, deed["participant"])


async def _participant(desk: Desk, participant_id: str) -> dict[str, Any]:
    row = await store.participant(desk.connection, participant_id)
    if row is None:
        raise NotFoundError("no such participant in your scope")
    return row


async def _told(desk: Desk, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return participants with their points and stars."""
    of: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for deed in await store.deeds(desk.connection, [row["id"] for row in rows]):
        if deed["voided_at"] is None:
            of[deed["participant"]].append(deed)
    schedules = {
        org: Schedule(await store.in_force(desk.connection, org))
        for org in {row["org"] for row in rows}
    }
    found = []
    for row in rows:
        schedule = schedules[row["org"]]
        found.append(_summed(desk, row, schedule, shares(row["kind"], of[row["id"]], schedule)))
    return found


def _summed(
    desk: Desk, row: dict[str, Any], schedule: Schedule, counted: Sequence[Share]
) -> dict[str, Any]:
    milli = total_milli(counted)
    _, content = schedule.at(month_of({"occurred_at": desk.now}))
    star = star_of(content.groups[row["kind"]].stars, milli)
    return row | {"points": milli / MILLI, "star": None if star is None else star.text.model_dump()}


def _deed_told(deed: dict[str, Any], share: Share | None) -> dict[str, Any]:
    if share is None:
        none = {"points": 0.0, "without_most": 0.0, "policy": None}
        return deed | none | {"zh": "已撤销，不计分。", "en": "Taken back: it counts nought."}
    counts = {"points": share.milli / MILLI, "without_most": share.most_milli / MILLI}
    return deed | counts | {"policy": share.policy, "zh": share.zh, "en": share.en}


async def _note(desk: Desk, kind: str, org: str, ref: str, said: dict[str, Any]) -> None:
    ref_kind = kind.partition(".")[0]
    await record(
        desk.connection, Act(kind, org, None, ref_kind, ref, desk.now, body=said), desk.person
    )
