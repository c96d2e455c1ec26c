"""What gateways say of attempts to check in (docs/wire/uplink-v1.md)."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from server.auth.gateway import Gateway
from server.db import Connection, fetch_all
from server.ingest.quarantine import Refusals, Refused
from server.ingest.schemas import CheckInEvent

_INSERT: Final = """
  INSERT INTO checkin_attempt (id, org_id, subject_id, kiosk_id, gateway_id, entry_seq, attempt,
    challenge_time, response_time, received_at, verdict, causes, capture)
  VALUES (%(id)s, %(org)s, %(subject)s, %(kiosk)s, %(gateway)s, %(entry_seq)s, %(attempt)s,
    %(challenge_time)s, %(response_time)s, %(received_at)s, %(verdict)s, %(causes)s, %(capture)s)
  ON CONFLICT DO NOTHING RETURNING id"""
_FULFIL: Final = """
  UPDATE information_check SET state = 'done', result = 'as_expected',
    happened_time = %(response_time)s, done_by = %(kiosk)s, version = version + 1
  WHERE subject_id = %(subject)s AND method = 'kiosk' AND state = 'planned'
    AND due_from <= %(response_time)s AND %(response_time)s < due_to"""


async def take_attempted(
    connection: Connection, gateway: Gateway, events: Sequence[CheckInEvent], refusals: Refusals
) -> None:
    """Note attempts of the scope's people at the scope's kiosks; a match does a check that waits.

    The same attempt again changes nothing: its first verdict stands.
    """
    if not events:
        return
    org_of = await _orgs(connection, "subject", sorted({one.data.subject for one in events}))
    kiosks = await _orgs(connection, "device", sorted({one.data.device for one in events}))
    for event in events:
        data = event.data
        if data.subject not in org_of or data.device not in kiosks:
            refusals.add([_refused(event)])
            continue
        row: dict[str, Any] = data.model_dump() | {
            "id": attempt_id(data.device, data.attempt),
            "org": org_of[data.subject],
            "kiosk": data.device,
            "gateway": gateway.gateway_id,
            "capture": bytes.fromhex(data.capture) if data.capture else None,
        }
        made = await fetch_all(connection, _INSERT, row)
        if made and data.verdict == "match":
            await connection.execute(_FULFIL, row)


def attempt_id(kiosk: str, attempt: str) -> str:
    """Return the id of a kiosk's attempt: the same at every hop."""
    return f"ca-{hashlib.sha256(f'{kiosk}/{attempt}'.encode()).hexdigest()[:32]}"


async def _orgs(connection: Connection, table: str, ids: list[str]) -> dict[str, str]:
    rows = await fetch_all(connection, _ORGS[table], (ids,))
    return {row["id"]: row["org_id"] for row in rows}


_ORGS: Final = {
    "subject": "SELECT id, org_id FROM subject WHERE id = ANY (%s)",
    "device": "SELECT id, org_id FROM device WHERE id = ANY (%s)",
}


def _refused(event: CheckInEvent) -> Refused:
    data = event.data
    content = {"device": data.device, "subject": data.subject, "attempt": data.attempt}
    return Refused(data.entry_seq, "unknown", "person or kiosk is not in the scope", content)
