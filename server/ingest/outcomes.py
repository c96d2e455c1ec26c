"""Takes a batch of outcomes: alerts, steps, mark and announcement in one transaction."""

import json
from typing import Any, Final

from pydantic import ValidationError

from server.alerts.outcome_store import Outcome, announce_alert, take_outcome
from server.auth.gateway import Gateway, GatewayDesk
from server.db import Connection, fetch_all
from server.errors import InvalidError, TooLargeError
from server.ingest.marks import hold_mark, refuse_gap, set_mark
from server.ingest.schemas import OUTCOME_EVENTS, OutcomeEvent
from server.problem import pointer_of

_KNOWN: Final = {
    "org": "SELECT id FROM org WHERE id = ANY (%s)",
    "subject": "SELECT id FROM subject WHERE id = ANY (%s)",
    "device": "SELECT id FROM device WHERE id = ANY (%s)",
}


def parse_outcomes(body: bytes, gateway: Gateway, *, most: int) -> list[Outcome]:
    """Return the outcomes of a request body.

    Raises:
        InvalidError: With the pointer of each fault.
        TooLargeError: More than `most` events.
    """
    try:
        events = OUTCOME_EVENTS.validate_json(body)
    except ValidationError as error:
        faults = [(pointer_of(fault["loc"]), fault["msg"]) for fault in error.errors()]
        raise InvalidError(faults) from error
    if len(events) > most:
        raise TooLargeError(f"{len(events)} events, at most {most} in one request: send fewer")
    bodies = [event["data"] for event in json.loads(body)]
    return [_outcome(event, data, gateway) for event, data in zip(events, bodies, strict=True)]


async def take_outcomes(
    desk: GatewayDesk, outcomes: list[Outcome], *, first: int, last: int
) -> tuple[str, int]:
    """Take a batch; return the result's word for the metrics and how many outcomes were new.

    Raises:
        GapError: Entries before it are missing.
        InvalidError: An event names an organisation, subject or device that the gateway's scope
            does not have; the text says which event.
    """
    connection = desk.connection
    through = await hold_mark(connection, desk.gateway, "outcomes")
    if last <= through:
        return "repeated", 0
    refuse_gap(through=through, first=first)
    await _refuse_unknown(connection, outcomes)
    touched: dict[str, str] = {}
    count = 0
    for outcome in outcomes:
        if await take_outcome(connection, outcome):
            touched[outcome.episode] = outcome.org
            count += 1
    await set_mark(connection, desk.gateway, "outcomes", last)
    for alert_id, org in touched.items():
        await announce_alert(connection, org, alert_id)
    return "taken", count


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


async def _refuse_unknown(connection: Connection, outcomes: list[Outcome]) -> None:
    faults = []
    for kind, query in _KNOWN.items():
        wanted = sorted({getattr(outcome, kind) for outcome in outcomes})
        known = {row["id"] for row in await fetch_all(connection, query, (wanted,))}
        faults += [
            (f"/{index}/data/{kind}", f"{name} is not in this gateway's scope")
            for index, outcome in enumerate(outcomes)
            if (name := getattr(outcome, kind)) not in known
        ]
    if faults:
        raise InvalidError(faults)
