"""An archive as the role of the gateways reads it."""

from contextlib import asynccontextmanager

import psycopg
from psycopg.rows import dict_row

from server.archive.reading import read_segment, verify_chain
from server.db import set_scope

GATEWAY = "gw-1"
ARCHIVE = "/api/v1/gateway/archive"


@asynccontextmanager
async def reader(site, scope="/"):
    connection = await psycopg.AsyncConnection.connect(
        site.database.worker_dsn, row_factory=dict_row
    )
    async with connection:
        await set_scope(connection, scope, role="guitu_ingest")
        yield connection


async def read(site, master, first=1):
    async with reader(site) as connection:
        return await read_segment(connection, master, GATEWAY, first)


async def chain(site):
    async with reader(site) as connection:
        return await verify_chain(connection, GATEWAY)


def bodies(joined):
    return {entry.seq: entry.body for entry in joined.entries}
