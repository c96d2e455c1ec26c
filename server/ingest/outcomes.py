"""Takes a batch of outcomes: alerts, steps, mark and announcement in one transaction."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import psycopg
from pydantic import TypeAdapter, ValidationError

from server.alerts.local_store import LocalTelling, known_alerts, take_tellings
from server.alerts.outcome_store import Outcome, announce_alerts, take_outcomes
from server.auth.gateway import Gateway, GatewayDesk
from server.db import Connection, fetch_all
from server.errors import InvalidError, TooLargeError
from server.grouping.joining import grouping_of
from server.ingest.announced import take_announced
from server.ingest.attempted import take_attempted
from server.ingest.marks import hold_mark, refuse_gap, set_mark
from server.ingest.quarantine import Refusals, Refused, keep_refused
from server.ingest.schemas import (
    CHECKIN_EVENTS,
    LOCAL_EVENTS,
    MEDIA_EVENTS,
    OUTCOME_EVENTS,
    CheckInEvent,
    LocalEvent,
    MediaEvent,
    OutcomeEvent,
    Taking,
)
from server.problem import pointer_of

_KNOWN: Final = {
    "org": "SELECT id FROM org WHERE id = ANY (%s)",
    "subject": "SELECT id FROM subject WHERE id = ANY (%s)",
    "device": "SELECT id FROM device WHERE id = ANY (%s)",
}
_LOCAL: Final = "guitu.local.v1."
_MEDIA: Final = "guitu.media.v1."
_CHECKIN: Final = "guitu.checkin.v1."
T = TypeVar("T")
_TRIES_MAX: Final = 4_096
"""Attempts to store the parts of one batch, as for positions."""


@dataclass(frozen=True, slots=True)
class OutcomeBatch:
    """The events of a request: those that hold to the page, and those that do not.

    Attributes:
        tellings: What the gateway itself told terminals on duty, and who saw it.
        recordings: What recorders say they hold.
        attempts: What became of attempts to check in.
    """

    outcomes: list[Outcome]
    malformed: list[Refused]
    tellings: list[LocalTelling] = field(default_factory=list)
    recordings: list[MediaEvent] = field(default_factory=list)
    attempts: list[CheckInEvent] = field(default_factory=list)


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
    local = [event for event in raw if _is_of(event, _LOCAL)]
    media = [event for event in raw if _is_of(event, _MEDIA)]
    checkins = [event for event in raw if _is_of(event, _CHECKIN)]
    apart = (_LOCAL, _MEDIA, _CHECKIN)
    found = [event for event in raw if not any(_is_of(event, family) for family in apart)]
    told, told_faults = _sound(LOCAL_EVENTS, local)
    recorded, media_faults = _sound(MEDIA_EVENTS, media)
    judged, checkin_faults = _sound(CHECKIN_EVENTS, checkins)
    events, faults = _sound(OUTCOME_EVENTS, found)
    return OutcomeBatch(
        [_outcome(event, body["data"], gateway) for event, body in events],
        [
            Refused(_seq_of(event), "malformed", text, _content(event))
            for event, text in (*faults, *told_faults, *media_faults, *checkin_faults)
        ],
        [_telling(event, gateway) for event, _ in told],
        [event for event, _ in recorded],
        [event for event, _ in judged],
    )


def _is_of(event: Any, family: str) -> bool:
    kind = event.get("type") if isinstance(event, dict) else None
    return isinstance(kind, str) and kind.startswith(family)


def _sound(
    events: TypeAdapter[list[T]], raw: list[Any]
) -> tuple[list[tuple[T, dict[str, Any]]], list[tuple[Any, str]]]:
    """Return the events that hold to the page, each with its body, and the others with why not."""
    faults: dict[int, str] = {}
    try:
        events.validate_python(raw)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            faults.setdefault(
                int(fault["loc"][0]), f"{pointer_of(fault['loc'][1:])}: {fault['msg']}"
            )
    sound = [event for index, event in enumerate(raw) if index not in faults]
    return (
        list(zip(events.validate_python(sound), sound, strict=True)),
        [(raw[index], text) for index, text in faults.items()],
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
    taken, moved = await _store(connection, known, refusals)
    told = await _take_tellings(connection, batch.tellings, refusals)
    await take_announced(connection, desk.gateway, batch.recordings, refusals)
    await take_attempted(connection, desk.gateway, batch.attempts, refusals)
    await keep_refused(connection, desk.gateway, "outcomes", refusals)
    if not is_part:
        await set_mark(connection, desk.gateway, "outcomes", last)
    await announce_alerts(connection, told | moved | {one.episode: one.org for one in taken})
    return Taking("taken", len(taken), refusals.counts)


async def _take_tellings(
    connection: Connection, tellings: list[LocalTelling], refusals: Refusals
) -> dict[str, str]:
    """Write what concerns an alert of the scope; return the organisations of those alerts."""
    if not tellings:
        return {}
    org_of = await known_alerts(connection, sorted({telling.alert for telling in tellings}))
    for telling in tellings:
        if telling.alert not in org_of:
            content = {"alert": telling.alert, "change": telling.change, "device": telling.device}
            detail = "alert is not in this gateway's scope"
            refusals.add([Refused(telling.entry_seq, "unknown_alert", detail, content)])
    await take_tellings(connection, [one for one in tellings if one.alert in org_of], org_of)
    return org_of


async def _store(
    connection: Connection, outcomes: list[Outcome], refusals: Refusals
) -> tuple[list[Outcome], dict[str, str]]:
    """Store a batch whole, or else in halves and in order, down to what cannot be stored.

    Returns:
        What was new, and the organisations of the alerts that went to another group, by alert.
    """
    waiting = [outcomes]
    taken: list[Outcome] = []
    moved: dict[str, str] = {}
    for _ in range(_TRIES_MAX):
        if not waiting:
            return taken, moved
        part = waiting.pop()
        try:
            async with connection.transaction():
                grouping = await grouping_of(connection, part)
                taken += await take_outcomes(connection, part, grouping)
                moved |= {alert: to.org for alert, to in grouping.moved.items()}
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


def _telling(event: LocalEvent, gateway: Gateway) -> LocalTelling:
    data = event.data
    return LocalTelling(
        alert=data.episode,
        change=data.change,
        device=data.device,
        gateway=gateway.gateway_id,
        entry_seq=data.entry_seq,
        at=data.at,
    )


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
        category=data.category,
        title=data.title.model_dump() if data.title else None,
        explanation=data.explanation.model_dump() if data.explanation else None,
        subject=data.subject or None,
        device=data.device or None,
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
        named = (getattr(outcome, kind) for outcome in outcomes)
        wanted = sorted({name for name in named if name is not None})
        known = {None, *(row["id"] for row in await fetch_all(connection, query, (wanted,)))}
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
