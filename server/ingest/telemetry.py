"""Takes a batch of telemetry: positions, the map's newest, mark and announcement at once."""

import asyncio

import pyarrow as pa

from server.auth.gateway import GatewayDesk
from server.ingest.columns import REQUIRED
from server.ingest.hours_store import hours_of, note_hours
from server.ingest.lawfulness import without_unlawful_places
from server.ingest.marks import hold_mark, refuse_gap, set_mark
from server.ingest.newest_store import copy_newest, laid_out_newest, show_newest
from server.ingest.position_store import store_positions
from server.ingest.quarantine import Refusals, keep_refused
from server.ingest.schemas import Taking
from server.ingest.soundness import known_rows, sound_rows


async def take_telemetry(desk: GatewayDesk, table: pa.Table, *, first: int, last: int) -> Taking:
    """Take a batch and return what became of it; a row that cannot be stored is refused alone.

    Raises:
        GapError: Entries before it are missing.
        TooLargeError: More rows are unstorable than can be told apart in one request.
    """
    connection = desk.connection
    through = await hold_mark(connection, desk.gateway, "telemetry")
    if last <= through:
        return Taking("repeated")
    refuse_gap(through=through, first=first)
    refusals = Refusals(first=first, through=through)
    count, newest = 0, dict[str, bytes]()
    if table.num_rows:
        table = await asyncio.to_thread(sound_rows, table, refusals, required=REQUIRED)
        table = await known_rows(connection, table, refusals)
        table, stripped = await without_unlawful_places(connection, table)
        desk.parts.metrics.stripped.inc(stripped)
        late_ms = desk.parts.settings.late_after_days * 86_400_000
        storing = store_positions(
            connection, desk.gateway.gateway_id, table, refusals, late_ms=late_ms
        )
        # Chosen while the database stores; again only when it refused some.
        (stored, count), newest = await asyncio.gather(
            storing, asyncio.to_thread(laid_out_newest, table)
        )
        if stored.num_rows < table.num_rows:
            newest = await asyncio.to_thread(laid_out_newest, stored)
        table = stored
        await keep_refused(connection, desk.gateway, "telemetry", refusals)
    await set_mark(connection, desk.gateway, "telemetry", last)
    if table.num_rows:
        await note_hours(connection, await asyncio.to_thread(hours_of, table))
        await copy_newest(connection, newest)
        # From here on the feed's lock is held: the least that needs the feed's number.
        await show_newest(connection, desk.gateway.org_id)
    return Taking("taken", count, refusals.counts)
