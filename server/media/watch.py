"""Recordings that were announced and do not come, and those whose time is over."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from server.alerts.outcome_store import announce_alerts
from server.db import open_all_files
from server.media import watch_store
from server.media.errors import StorageError
from server.media.parts import MediaParts
from server.parts import Parts
from server.policies.store import policy_of
from server.silence.telling import take_readings
from server.silence.trouble import Reading

_log = logging.getLogger(__name__)
_MOST: Final = 200


class MediaWatch:
    """One server's watch; of several, one raises each alert and destroys each file."""

    def __init__(self, parts: Parts, media: MediaParts | None, *, every_s: float) -> None:
        """Take the parts, those of recordings if the site takes any, and the pause of rounds."""
        self._parts = parts
        self._media = media
        self._every_s = every_s

    async def run(self) -> None:
        """Work for ever; an error ends it and the caller starts it again."""
        while True:
            await self.round()
            await asyncio.sleep(self._every_s)

    async def round(self) -> int:
        """Look once; return how many recordings were destroyed."""
        now = self._parts.clock()
        await self._tell(now)
        return 0 if self._media is None else await self._destroy(self._media, now)

    async def _tell(self, now: datetime) -> None:
        """Raise an alert for each recorder that owes files, and end it when they have come."""
        async with self._parts.database.upkeep() as connection:
            changed: dict[str, str] = {}
            for row in await watch_store.owing(connection, now, _MOST):
                readings = _readings(row)
                device = row["device"]
                changed |= await take_readings(connection, row["org"], device, readings, now)
            await announce_alerts(connection, changed)

    async def _destroy(self, media: MediaParts, now: datetime) -> int:
        count = 0
        async with self._parts.database.work() as connection:
            await open_all_files(connection)
            for row in await watch_store.cases_over(connection, _MOST):
                policy = await policy_of(connection, row["org"], now)
                keep_until = row["ended_at"] + timedelta(days=policy.number("media_keep_days"))
                await watch_store.set_end(connection, row["id"], keep_until)
            rows = await watch_store.over(connection, now, _MOST)
        for row in rows:
            try:
                # First the key: what stays of the object then is noise.
                async with self._parts.database.work() as connection:
                    await open_all_files(connection)
                    if not await watch_store.destroyed(connection, row["id"], now):
                        continue
                await media.store.destroy(row["object"])
                count += 1
                _log.info("media_destroyed id=%s", row["id"])
            except StorageError as error:
                _log.error("media_object_left id=%s error=%s", row["id"], error)
        return count


def _readings(row: Mapping[str, Any]) -> list[Reading]:
    overdue, wrong = row["overdue"], row["wrong"]
    late = {"recordings": overdue, "bytes": row["bytes"], "oldest_end_time": row["oldest"]}
    other = {"recordings": wrong}
    return [
        Reading("media_overdue", overdue > 0, overdue == 0, late),
        Reading("media_mismatch", wrong > 0, wrong == 0, other),
    ]
