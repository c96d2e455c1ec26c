"""Keeps the store: late rows merged, hours counted, ended orders' rows and old keys deleted."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from server.config import ServerSettings
from server.db import Database, fetch_all
from server.metrics import Metrics

_log = logging.getLogger(__name__)

_PATIENCE: Final = "SET LOCAL statement_timeout = '10min'"
"""A day of a province is 58 million rows where a request handles thousands."""

_MERGE: Final = "SELECT merged_day AS what, moved AS count FROM merge_late_positions()"
_RETIRE: Final = "SELECT retired_order AS what, report_count AS count FROM retire_positions(%s)"
_DESTROY: Final = (
    "SELECT lifted_order AS what, report_count AS count FROM destroy_lifted_positions(%s)"
)
_DESTROY_EVIDENCE: Final = (
    "SELECT lifted_order AS what, alert_count AS count FROM destroy_lifted_evidence(%s)"
)
_DESTROY_FACT_PLACES: Final = (
    "SELECT lifted_order AS what, fact_count AS count FROM destroy_lifted_fact_places(%s)"
)
_UNBIND: Final = "SELECT 'wristbands' AS what, end_due_wristbands() AS count"
_SEAL: Final = "SELECT 'days' AS what, seal_position_days(current_date - %s::int, %s::int) AS count"
_SWEEP: Final = "SELECT swept_day AS what, report_count AS count FROM sweep_positions(%s)"
_DROP: Final = (
    "SELECT dropped_day AS what, 1 AS count FROM drop_empty_position_day(current_date - %s::int)"
)
_COUNT: Final = (
    "SELECT 'hours' AS what, n AS count FROM count_due_position_hours(%s::int) AS n WHERE n > 0"
)
_TRIM: Final = "SELECT 'quarantine' AS what, trim_ingest_quarantine(%s::int) AS count"
_FORGET: Final = (
    "SELECT 'request keys' AS what, n AS count FROM trim_request_keys(%s, %s::int) AS n WHERE n > 0"
)

_STEPS_MAX: Final = 400
"""Days or orders of one kind in a round; what is left waits for the next."""

_FORGOTTEN_MAX: Final = 1_000
"""Request keys that go in one transaction."""

_SEALED_MAX: Final = 30

_HOURS_MAX: Final = 5_000
"""Hours of devices that are counted in one transaction: a second or so."""


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
        await self._once("lifted_evidence", _DESTROY_EVIDENCE, keep)
        await self._once("lifted_facts", _DESTROY_FACT_PLACES, keep)
        await self._all("swept", _SWEEP, keep)
        await self._all("dropped_days", _DROP, settings.position_keep_days)
        await self._all("counted_hours", _COUNT, _HOURS_MAX)
        await self._once("unbound", _UNBIND)
        await self._once("sealed", _SEAL, settings.late_after_days, _SEALED_MAX)
        await self._once("trimmed", _TRIM, settings.quarantine_rows_max)
        key_life = timedelta(hours=settings.request_key_keep_h)
        await self._all("forgotten_keys", _FORGET, key_life, _FORGOTTEN_MAX)

    async def _all(self, work: str, query: str, *parameters: object) -> None:
        for _ in range(_STEPS_MAX):
            if not await self._once(work, query, *parameters):
                return

    async def _once(self, work: str, query: str, *parameters: object) -> bool:
        async with self._database.upkeep() as connection:
            await connection.execute(_PATIENCE)
            rows = await fetch_all(connection, query.encode(), parameters)
        for row in rows:
            if row["count"]:
                self._metrics.upkeep_rows.labels(work).inc(row["count"])
                _log.info("upkeep work=%s what=%s rows=%s", work, row["what"], row["count"])
        return bool(rows)
