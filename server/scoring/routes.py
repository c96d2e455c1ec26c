"""The ledger, and facts that are entered by hand."""

import hashlib
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header

from server.auth.person import HandlerDesk, ReaderDesk
from server.db import Connection
from server.errors import ConflictError, InvalidError, NotFoundError
from server.scoring import ledger_store
from server.scoring.entries import shown_entries
from server.scoring.kinds import FACT_KINDS
from server.scoring.posting import REVERSAL, Fact, record_fact
from server.scoring.schedule import schedule_of
from server.scoring.schemas import Ledger, NewFact, TakenFact
from server.scoring.score import month_number
from server.scoring.standing import scores

router = APIRouter(prefix="/api/v1/subjects", tags=["score"])


@router.get("/{subject_id}/ledger", response_model=Ledger)
async def read_ledger(desk: ReaderDesk, subject_id: str) -> dict[str, Any]:
    """Read a subject's score and every entry behind it."""
    org_id = await ledger_store.subject_org(desk.connection, subject_id)
    if org_id is None:
        raise NotFoundError("no such subject in your scope")
    score = (await scores(desk.connection, [subject_id], now=desk.now)).get(subject_id)
    schedule = await schedule_of(desk.connection, org_id)
    return {
        "score": score.described() if score else None,
        "policy_version": schedule.at(month_number(desk.now)).version,
        "entries": await shown_entries(desk.connection, subject_id, schedule),
    }


@router.post("/{subject_id}/facts", response_model=TakenFact, status_code=201)
async def enter_fact(
    desk: HandlerDesk,
    subject_id: str,
    body: NewFact,
    idempotency_key: Annotated[str, Header(min_length=8, max_length=120)],
) -> dict[str, Any]:
    """Enter a confirmed fact; the same Idempotency-Key again changes nothing."""
    org_id = await ledger_store.subject_org(desk.connection, subject_id)
    if org_id is None:
        raise NotFoundError("no such subject in your scope")
    _refuse_wrong(body, desk.now)
    fact = Fact(
        id=hashlib.sha256(f"hand {subject_id} {idempotency_key}".encode()).hexdigest()[:32],
        org_id=org_id,
        subject_id=subject_id,
        indicator=body.indicator,
        occurred_at=body.occurred_at,
        quantity=body.quantity,
        evidence={"entered_by": desk.person.login},
        confirmed_by=desk.person.login,
        note=body.note,
    )
    if not await record_fact(desk.connection, fact):
        await _refuse_other(desk.connection, fact)
    schedule = await schedule_of(desk.connection, org_id)
    entries = await shown_entries(desk.connection, subject_id, schedule)
    own = [one for one in entries if one["fact_id"] == fact.id and one["indicator"] != REVERSAL]
    return {"fact": fact.id, "entry": own[0] if own else None}


def _refuse_wrong(body: NewFact, now: datetime) -> None:
    kind = FACT_KINDS.get(body.indicator)
    if kind is None or not kind.is_by_hand:
        by_hand = [name for name, known in FACT_KINDS.items() if known.is_by_hand]
        raise InvalidError([("/indicator", f"is not one of {', '.join(by_hand)}")])
    if kind.unit == "time" and body.quantity != 1:
        raise InvalidError([("/quantity", f"{body.indicator} is counted one by one: 1")])
    if body.occurred_at > now:
        raise InvalidError([("/occurred_at", "lies in the future")])


async def _refuse_other(connection: Connection, fact: Fact) -> None:
    standing = await ledger_store.fact(connection, fact.id)
    names = ("indicator", "occurred_at", "quantity", "note")
    if standing is None or any(standing[name] != getattr(fact, name) for name in names):
        raise ConflictError("this Idempotency-Key was used for another fact: take a new one")
