"""The ledger, and facts that are entered by hand."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Header

from server.auth.person import HandlerDesk, ReaderDesk
from server.db import Connection
from server.errors import ConflictError, InvalidError, NotFoundError
from server.scoring import store
from server.scoring.policy import CURRENT, reasons
from server.scoring.schemas import Ledger, NewFact, TakenFact
from server.scoring.store import Fact

router = APIRouter(prefix="/api/v1/subjects", tags=["score"])


@router.get("/{subject_id}/ledger", response_model=Ledger)
async def read_ledger(desk: ReaderDesk, subject_id: str) -> dict[str, Any]:
    """Read a subject's score and every entry behind it."""
    if await store.subject_org(desk.connection, subject_id) is None:
        raise NotFoundError("no such subject in your scope")
    score = (await store.scores(desk.connection, [subject_id])).get(subject_id)
    return {
        "score": score.described() if score else None,
        "policy_version": CURRENT.version,
        "entries": await _entries(desk.connection, subject_id),
    }


@router.post("/{subject_id}/facts", response_model=TakenFact, status_code=201)
async def enter_fact(
    desk: HandlerDesk,
    subject_id: str,
    body: NewFact,
    idempotency_key: Annotated[str, Header(min_length=8, max_length=120)],
) -> dict[str, Any]:
    """Enter a confirmed fact; the same Idempotency-Key again changes nothing."""
    org_id = await store.subject_org(desk.connection, subject_id)
    if org_id is None:
        raise NotFoundError("no such subject in your scope")
    _refuse_wrong(body)
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
    if not await store.record_fact(desk.connection, fact):
        await _refuse_other(desk.connection, fact)
    entries = await _entries(desk.connection, subject_id)
    of_fact = [entry for entry in entries if entry["fact"] and entry["fact"]["id"] == fact.id]
    return {"fact": fact.id, "entry": of_fact[0] if of_fact else None}


def _refuse_wrong(body: NewFact) -> None:
    by_hand = [name for name, known in CURRENT.indicators.items() if known.by_hand]
    if body.indicator not in by_hand:
        raise InvalidError([("/indicator", f"is not one of {', '.join(by_hand)}")])
    if body.occurred_at > datetime.now(UTC):
        raise InvalidError([("/occurred_at", "lies in the future")])


async def _refuse_other(connection: Connection, fact: Fact) -> None:
    standing = await store.fact(connection, fact.id)
    names = ("indicator", "occurred_at", "quantity", "note")
    if standing is None or any(standing[name] != getattr(fact, name) for name in names):
        raise ConflictError("this Idempotency-Key was used for another fact: take a new one")


async def _entries(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    balance = Decimal(0)
    entries = []
    for row in await store.ledger(connection, subject_id):
        balance += row["points"]
        reason_zh, reason_en = reasons(row["part"], row["indicator"])
        fact = None
        if row["fact_id"] is not None:
            names = ("alert_id", "confirmed_by", "confirmed_at", "note")
            fact = {"id": row["fact_id"], **{name: row[name] for name in names}}
        entry = {"at": row["recorded_at"], "balance": balance, "fact": fact}
        entries.append(row | entry | {"reason_zh": reason_zh, "reason_en": reason_en})
    return entries[::-1]
