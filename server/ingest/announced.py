"""What gateways say of recorders' media indexes (docs/wire/uplink-v1.md)."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from server.auth.gateway import Gateway
from server.db import Connection, fetch_all
from server.ingest.quarantine import Refusals, Refused
from server.ingest.schemas import MediaEvent
from server.media import store
from server.media.naming import media_id
from server.policies.store import policy_of


async def take_announced(
    connection: Connection, gateway: Gateway, events: Sequence[MediaEvent], refusals: Refusals
) -> None:
    """Note recordings of the scope's recorders.

    One that is told again otherwise is refused: what it was first is what its file is held to.
    """
    devices = sorted({event.data.device for event in events})
    rows = await fetch_all(
        connection, "SELECT id, org_id FROM device WHERE id = ANY (%s)", (devices,)
    )
    org_of = {row["id"]: row["org_id"] for row in rows}
    for event in events:
        data = event.data
        if data.device not in org_of:
            refusals.add(_refused(event, "unknown_device", "device is not in the scope"))
            continue
        sha256, named = bytes.fromhex(data.sha256), media_id(data.device, data.media)
        known = await store.announced(connection, named)
        if known is not None:
            if (known["sha256"], known["size_bytes"]) != (sha256, data.size_bytes):
                text = "the recording was announced with another digest or size"
                refusals.add(_refused(event, "announced_otherwise", text))
            continue
        policy = await policy_of(connection, org_of[data.device], data.at)
        hours = float(policy.number("media_copy_hours"))
        row = {
            "id": named,
            "org": org_of[data.device],
            "device": data.device,
            "gateway": gateway.gateway_id,
            "entry_seq": data.entry_seq,
            "recording": data.media,
            "kind": data.media_type,
            "begin_time": data.begin_time,
            "end_time": data.end_time,
            "sha256": sha256,
            "size_bytes": data.size_bytes,
            "officer": data.officer,
            "case": data.case,
            "at": data.at,
            "due_at": data.at + timedelta(hours=hours),
        }
        await store.announce(connection, row)
        await store.link_reported(connection, [named])


def _refused(event: MediaEvent, reason: str, detail: str) -> Iterable[Refused]:
    data = event.data
    content = {"device": data.device, "media": data.media, "sha256": data.sha256}
    return [Refused(data.entry_seq, reason, detail, content)]
