"""Keeps the position store: late rows merged, old days compressed, ended orders' rows deleted."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from server.config import ServerSettings
from server.db import EVERYTHING, Database, fetch_all
from server.metrics import Metrics

_log = logging.getLogger(__name__)

_PATIENCE: Final = "SET LOCAL statement_timeout = '10min'"
"""A day of a province is 58 million rows where a request handles thousands."""

_MERGE: Final = "SELECT merged_day AS what, moved AS count FROM merge_late_positions()"
_RETIRE: Final = "SELECT retired_order AS what, report_count AS count FROM retire_positions(%s)"
_DESTROY: Final = (
    "SELECT lifted_order AS what, report_count AS count FROM destroy_lifted_positions(%s)"
)
_SEAL: Final = "SELECT 'days' AS what, seal_position_days(current_date - %s::int, %s::int) AS count"
_TRIM: Final = "SELECT 'quarantine' AS what, trim_ingest_quarantine(%s::int) AS count"

_STEPS_MAX: Final = 400
"""Days or orders of one kind in a round; what is left waits for the next."""

_SEALED_MAX: Final = 30


class Upkeep:
    """One round after another; several servers at once wait for each other's locks."""

    def __init__(self, settings: ServerSettings, database: Database, metrics: Metrics) -> None:
        """Take the bounds and the database."""
        self._settings = settings
        self._database = database
        self._metrics = metrics

    async def run(self) -> None:
        """Work for ever; an error ends it and the caller starts it again."""
        while True:
            await asyncio.sleep(self._settings.upkeep_s)
            await self.round()

    async def round(self) -> None:
        """Do what is due, each piece in a transaction of its own."""
        settings = self._settings
        keep = timedelta(days=settings.position_keep_days)
        await self._all("merged_late", _MERGE)
        await self._all("retired", _RETIRE, keep)
        # A lifting may be told late, but not of an order whose positions have gone already.
        await self._once("lifted", _DESTROY, keep)
        await self._once("sealed", _SEAL, settings.late_after_days, _SEALED_MAX)
        await self._once("trimmed", _TRIM, settings.quarantine_rows_max)

    async def _all(self, work: str, query: str, *parameters: object) -> None:
        for _ in range(_STEPS_MAX):
            if not await self._once(work, query, *parameters):
                return

    async def _once(self, work: str, query: str, *parameters: object) -> bool:
        async with self._database.gateways(EVERYTHING) as connection:
            await connection.execute(_PATIENCE)
            rows = await fetch_all(connection, query.encode(), parameters)
        for row in rows:
            if row["count"]:
                self._metrics.upkeep_rows.labels(work).inc(row["count"])
                _log.info("upkeep work=%s what=%s rows=%s", work, row["what"], row["count"])
        return bool(rows)
