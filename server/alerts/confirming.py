"""Makes a fact of an alert (查实认定): what proves it is frozen in the same transaction."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from server.alerts import review_store, store
from server.alerts.lifecycle import TOLD_ONLY, Category
from server.auth.person import Desk
from server.errors import ConflictError
from server.facts.freezing import freeze_alert
from server.facts.store import keep
from server.scoring.kinds import OF_RULE
from server.scoring.posting import Fact, record_fact


async def confirm(desk: Desk, alert: Mapping[str, Any], *, note: str) -> str:
    """Record the fact that a locked alert is, its record and its ledger entry; return its id.

    Raises:
        ConflictError: The alert is only told, or about nobody; or its fact stands already.
    """
    fact = confirmed_fact(alert, by_login=desk.person.login, note=note)
    fact = replace(fact, id=await _next_fact_id(desk, alert["id"]))
    steps = await store.steps(desk.connection, alert["id"])
    said = {
        "id": fact.id,
        "org": fact.org_id,
        "subject": fact.subject_id,
        "indicator": fact.indicator,
        "occurred_at": fact.occurred_at,
        "note": note,
        "quantity": fact.quantity,
        "confirmed_by": fact.confirmed_by,
    }
    frozen = await freeze_alert(desk, alert, steps, said)
    if not await record_fact(desk.connection, replace(fact, record_sha256=frozen.sha256.hex())):
        raise ConflictError(f"the fact {fact.id} stands already: read it again")
    await keep(
        desk.connection,
        fact.id,
        org_id=fact.org_id,
        subject_id=fact.subject_id,
        content=frozen.content,
        openings=frozen.openings,
        sha256=frozen.sha256,
        signed=frozen.signed,
    )
    return fact.id


def refuse_told(category: Category) -> None:
    """Refuse to make a fact of what is only told (architecture, invariant 6).

    Raises:
        ConflictError: The category is care or notice.
    """
    if category in TOLD_ONLY:
        raise ConflictError(
            f"a {category} alert is told and never confirmed: resolve it as excused, technical or"
            " false"
        )


def refuse_nobody(subject: dict[str, Any] | None) -> None:
    """Refuse to make a fact of what is about no person.

    Raises:
        ConflictError: There is no subject.
    """
    if subject is None:
        raise ConflictError(
            "an alert about an organisation is no fact about a person: resolve it as excused,"
            " technical or false"
        )


def confirmed_fact(alert: Mapping[str, Any], *, by_login: str, note: str) -> Fact:
    """Return the fact that a confirmed alert is; one alert is one fact, whoever repeats it.

    Raises:
        ConflictError: The alert is only told, or about nobody.
    """
    refuse_told(alert["category"])
    refuse_nobody(alert["subject"])
    return Fact(
        id=_fact_id(alert["id"], 0),
        org_id=alert["org"],
        subject_id=alert["subject"]["id"],
        indicator=OF_RULE.get(alert["rule"], alert["rule"]),
        occurred_at=alert["begin_time"],
        quantity=Decimal(1),
        evidence=_kept(alert),
        confirmed_by=by_login,
        note=note,
    )


async def _next_fact_id(desk: Desk, alert_id: str) -> str:
    """Return the id of the fact that an alert becomes now: another one where one was reversed."""
    reversed_before = await review_store.reversed_of(desk.connection, alert_id)
    return _fact_id(alert_id, reversed_before)


def _fact_id(alert_id: str, reversed_before: int) -> str:
    again = f" {reversed_before}" if reversed_before else ""
    return hashlib.sha256(f"alert {alert_id}{again}".encode()).hexdigest()[:32]


def _kept(alert: Mapping[str, Any]) -> dict[str, Any]:
    kept = (
        *("version", "rule", "severity", "category", "title", "condition"),
        *("device", "fence", "begin_time", "end_time"),
    )
    plain = {
        name: value.isoformat() if isinstance(value := alert[name], datetime) else value
        for name in kept
    }
    # What the engine saw is in the record alone, whose places can be destroyed.
    return {"alert_id": alert["id"], **plain, "late": alert["late"]}
