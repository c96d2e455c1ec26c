"""Takes a batch of outcomes: alerts, steps, mark and announcement in one transaction."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from pydantic import ValidationError

from server.alerts.outcome_store import Outcome, announce_alerts, take_outcomes
from server.auth.gateway import Gateway, GatewayDesk
from server.db import Connection, fetch_all
from server.errors import InvalidError, TooLargeError
from server.ingest.marks import hold_mark, refuse_gap, set_mark
from server.ingest.quarantine import Refusals, Refused, keep_refused
from server.ingest.schemas import OUTCOME_EVENTS, OutcomeEvent, Taking
from server.problem import pointer_of

_KNOWN: Final = {
    "org": "SELECT id FROM org WHERE id = ANY (%s)",
    "subject": "SELECT id FROM subject WHERE id = ANY (%s)",
    "device": "SELECT id FROM device WHERE id = ANY (%s)",
}
_TRIES_MAX: Final = 4_096
"""Attempts to store the parts of one batch, as for positions."""


@dataclass(frozen=True, slots=True)
class OutcomeBatch:
    """The events of a request: those that hold to the page, and those that do not."""

    outcomes: list[Outcome]
    malformed: list[Refused]


def parse_outcomes(body: bytes, gateway: Gateway, *, most: int) -> OutcomeBatch:
    """Return the outcomes of a request body.

    Raises:
        InvalidError: It is not an array in JSON.
        TooLargeError: More than `most` events.
    """
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidError([("", "is not JSON")]) from error
    if not isinstance(raw, list):
        raise InvalidError([("", "is not an array of events")])
    if len(raw) > most:
        raise TooLargeError(f"{len(raw)} events, at most {most} in one request: send fewer")
    faults: dict[int, str] = {}
    try:
        OUTCOME_EVENTS.validate_python(raw)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            faults.setdefault(
                int(fault["loc"][0]), f"{pointer_of(fault['loc'][1:])}: {fault['msg']}"
            )
    sound = [event for index, event in enumerate(raw) if index not in faults]
    outcomes = [
        _outcome(event, body["data"], gateway)
        for event, body in zip(OUTCOME_EVENTS.validate_python(sound), sound, strict=True)
    ]
    return OutcomeBatch(
        outcomes,
        [
            Refused(_seq_of(raw[i]), "malformed", text, _content(raw[i]))
            for i, text in faults.items()
        ],
    )


async def take_outcome_batch(
    desk: GatewayDesk, batch: OutcomeBatch, *, first: int, last: int, is_part: bool = False
) -> Taking:
    """Take a batch and return what became of it; an event that cannot be taken is refused alone.

    Args:
        desk: The gateway's request.
        batch: What it brought.
        first: First journal entry of the batch.
        last: Last one; the mark moves to it.
        is_part: More outcomes of the entry `first` follow; the mark stays.

    Raises:
        GapError: Entries before it are missing.
        TooLargeError: More events are unstorable than can be told apart in one request.
    """
    connection = desk.connection
    through = await hold_mark(connection, desk.gateway, "outcomes")
    if last <= through:
        return Taking("repeated")
    refuse_gap(through=through, first=first)
    refusals = Refusals(first=first, through=through)
    refusals.add(batch.malformed)
    known = await _known(connection, batch.outcomes, refusals)
    taken = await _store(connection, known, refusals)
    await keep_refused(connection, desk.gateway, "outcomes", refusals)
    if not is_part:
        await set_mark(connection, desk.gateway, "outcomes", last)
    await announce_alerts(connection, {outcome.episode: outcome.org for outcome in taken})
    return Taking("taken", len(taken), refusals.counts)


async def _store(
    connection: Connection, outcomes: list[Outcome], refusals: Refusals
) -> list[Outcome]:
    """Store a batch whole, or else in halves and in order, down to what cannot be stored."""
    waiting = [outcomes]
    taken: list[Outcome] = []
    for _ in range(_TRIES_MAX):
        if not waiting:
            return taken
        part = waiting.pop()
        try:
            async with connection.transaction():
                taken += await take_outcomes(connection, part)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(part) == 1:
                # Without a code it was refused on our side: a NUL in a text.
                code = error.sqlstate
                reason = f"sqlstate_{code.lower()}" if code else "unstorable"
                refusals.add(_refused(part, reason, error.diag.message_primary or reason))
            else:
                middle = len(part) // 2
                waiting += [part[middle:], part[:middle]]
    raise TooLargeError("too many events that cannot be stored to tell them apart: send fewer")


def _outcome(event: OutcomeEvent, body: dict[str, Any], gateway: Gateway) -> Outcome:
    data = event.data
    return Outcome(
        id=event.id,
        gateway=gateway.gateway_id,
        entry_seq=data.entry_seq,
        episode=data.episode,
        change=data.change,
        org=data.org,
        rule=data.rule,
        severity=data.severity,
        subject=data.subject,
        device=data.device,
        fence=data.fence,
        begin_time=data.begin_time,
        end_time=data.end_time,
        late=data.late,
        evidence=data.evidence,
        body=body,
    )


async def _known(
    connection: Connection, outcomes: list[Outcome], refusals: Refusals
) -> list[Outcome]:
    """Return the outcomes whose organisation, subject and device the gateway's scope has."""
    for kind, query in _KNOWN.items():
        wanted = sorted({getattr(outcome, kind) for outcome in outcomes})
        known = {row["id"] for row in await fetch_all(connection, query, (wanted,))}
        unknown = [outcome for outcome in outcomes if getattr(outcome, kind) not in known]
        detail = f"{kind} is not in this gateway's scope"
        refusals.add(_refused(unknown, f"unknown_{kind}", detail))
        outcomes = [outcome for outcome in outcomes if getattr(outcome, kind) in known]
    return outcomes


def _refused(outcomes: list[Outcome], reason: str, detail: str) -> Iterator[Refused]:
    for outcome in outcomes:
        body = {"id": outcome.id, **{n: v for n, v in outcome.body.items() if n != "evidence"}}
        yield Refused(outcome.entry_seq, reason, detail, body)


def _seq_of(event: Any) -> int | None:
    data = event.get("data") if isinstance(event, dict) else None
    seq = data.get("entry_seq") if isinstance(data, dict) else None
    return seq if type(seq) is int and 0 < seq < 2**62 else None


def _content(event: Any) -> dict[str, Any]:
    """Return what of a malformed event says what it was, without its evidence."""
    if not isinstance(event, dict):
        return {"type": type(event).__name__}
    data = event.get("data")
    named: dict[str, Any] = {name: value for name, value in event.items() if isinstance(value, str)}
    if isinstance(data, dict):
        named["data"] = {
            name: value for name, value in data.items() if isinstance(value, str | int | None)
        }
    return named
