"""What is due by class, and its destruction in rounds."""

import asyncio
import logging
from typing import Any, Final

from server.config import ServerSettings
from server.db import Connection, Database
from server.law.articles import article
from server.retention import store
from server.retention.classes import CLASSES, RecordClass, periods

_log = logging.getLogger(__name__)

_BATCH: Final = 1_000
_BATCHES_MAX: Final = 200
"""Of a class in a round; what is left waits for the next one."""


async def plan(connection: Connection, settings: ServerSettings) -> list[dict[str, Any]]:
    """Return every class with its period, its basis, and what of the scope is due or held."""
    days = periods(settings.retention_days)
    given: dict[str, int | None] = {
        "position": settings.position_keep_days,
        "notification": settings.notification_keep_days,
    }
    return [await _planned(connection, one, (days | given)[one.name]) for one in CLASSES]


async def run(database: Database, settings: ServerSettings) -> dict[str, int]:
    """Destroy what is due, batch by batch; return how many rows of each class. May be cut off."""
    done = {}
    for name, days in periods(settings.retention_days).items():
        one = next(found for found in CLASSES if found.name == name)
        if one.does == "destroyed" and days is not None:
            done[name] = await _run_class(database, one, days)
    return done


class Retention:
    """The rounds of a server; several servers wait for each other's lock."""

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        """Take the database and the periods."""
        self._database, self._settings = database, settings

    async def run(self) -> None:
        """Work for ever; an error ends it and the caller starts it again."""
        while True:
            await asyncio.sleep(self._settings.upkeep_s)
            for name, count in (await run(self._database, self._settings)).items():
                if count:
                    _log.info("retention class=%s rows=%d", name, count)


async def _planned(connection: Connection, one: RecordClass, days: int | None) -> dict[str, Any]:
    due, held = 0, 0
    if one.does == "destroyed" and days is not None:
        due, held = await store.due_counts(connection, one.name, days)
    found = article(one.article)
    return {
        "record_class": one.name,
        "zh": one.text.zh,
        "en": one.text.en,
        "article": one.article,
        "basis_zh": found.cited.zh,
        "basis_en": found.cited.en,
        "verified": one.is_verified,
        "least_days": one.least_days,
        "days": days,
        "since_zh": one.since.zh,
        "since_en": one.since.en,
        "does": one.does,
        "how": one.how,
        "due": due,
        "held": held,
    }


async def _run_class(database: Database, one: RecordClass, days: int) -> int:
    found = article(one.article)
    basis = f"{found.cited.zh} / {found.cited.en} ({one.article})"
    total = 0
    for _ in range(_BATCHES_MAX):
        async with database.entrance("/") as connection:
            count = await store.destroy_due(connection, one.name, days, basis, _BATCH)
        total += count
        if count < _BATCH:
            break
    return total
