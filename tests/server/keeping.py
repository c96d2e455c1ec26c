"""A server with its upkeep, and orders that positions are kept under."""

import time
from contextlib import asynccontextmanager

from server.app import create_app
from server.ingest.upkeep import Upkeep
from tests.server.conftest import TOKEN, http, running

DAY_MS = 86_400_000
SUBJECT = "s-4k2m9q"


@asynccontextmanager
async def taking(site, **changed):
    """A gateway's client, and what keeps the positions."""
    settings = site.settings(**changed)
    async with running(create_app(settings)) as app, http(app) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        parts = app.state.parts
        yield client, Upkeep(settings, parts.database, parts.metrics)


def order(site, order_id, from_ms, to_ms, lifted_ms=None):
    site.rows(
        "INSERT INTO positioning_order (id, org_id, subject_id, ground, approved_by, approved_at,"
        " valid_from, valid_to, lifted_at) SELECT %(id)s, org_id, id, 1, 'x', 'epoch',"
        " to_timestamp(%(from)s), to_timestamp(%(to)s), to_timestamp(%(lifted)s) FROM subject"
        " WHERE id = %(subject)s",
        {
            "id": order_id,
            "from": from_ms / 1000,
            "to": to_ms / 1000,
            "lifted": None if lifted_ms is None else lifted_ms / 1000,
            "subject": SUBJECT,
        },
    )


def has_timescale(site):
    return site.one("SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'") == 1


def now_ms():
    return int(time.time() * 1000)
