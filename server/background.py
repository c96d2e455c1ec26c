"""What the server does by itself: the live feed, upkeep, the law's clocks and the alerts'."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Final

from server.alerts.shelf import SHELF
from server.audit.sealing import Sealer
from server.bell import Bell
from server.cases.term_watch import TERMS
from server.checks.watch import CHECKS
from server.deadlines.sweep import OnLapse, clocks
from server.dispatch.lapsing import LAPSES
from server.dispatch.recalling import CONTRADICTED, RECALLS
from server.duties.kinds import DUTY_CLOCKS
from server.duties.planning import miss
from server.incidents.reminding import REMINDERS
from server.ingest.upkeep import Upkeep
from server.live.hub import Hub, HubSettings
from server.live.pulse import Pulse
from server.live.supervised import keep_running
from server.looks.alarms import LOOK_ALARMS
from server.media.keeping import Keeper
from server.media.parts import MediaParts
from server.media.watch import MediaWatch
from server.movement import permitting, returning
from server.notifications.starting import notification_worker
from server.orders import running as orders
from server.outflow.queueing import OUTFLOW
from server.parts import Parts
from server.personal.sealing import dues as personal_dues
from server.precision.folding import Folding
from server.redemption.crediting import CREDITS
from server.retention.planning import Retention
from server.reviews.telling import REVIEWS
from server.rounds import Due, Rounds
from server.routing.worker import Router
from server.score_notices.raising import NOTICES
from server.scoring.closing import CLOSES
from server.scoring.intake import FACTS
from server.search.opening import open_after_lapse
from server.silence.watch import Watch
from server.transfers.lapsing import tell_old_county
from server.treatments.proposing import TREATMENTS

ON_LAPSE: Final[Mapping[str, OnLapse]] = {
    **dict.fromkeys(DUTY_CLOCKS, miss),
    "subject_report": open_after_lapse,
    "transfer_report": tell_old_county,
    "order_end": orders.expire,
    "leave_return_report": returning.note_overdue,
    "cross_county_end": permitting.end_permit,
}
"""What a feature does when a clock of a kind ran out; a line each."""

_BY_THE_LAW: Final[Mapping[str, tuple[Due, ...]]] = {
    "deadlines": clocks(ON_LAPSE),
    "shelf": (SHELF,),
    "terms": (TERMS,),
    "checks": (CHECKS,),
    "facts": (FACTS, CLOSES, NOTICES, TREATMENTS, CREDITS, *OUTFLOW),
}
_BY_THE_DESK: Final[Mapping[str, tuple[Due, ...]]] = {
    "reminders": (REMINDERS,),
    "dispatch": (LAPSES, RECALLS, CONTRADICTED),
    "reviews": (REVIEWS,),
    "look alarms": (LOOK_ALARMS,),
}
_PATIENCE_S: Final = 1.0


class Background:
    """The tasks of one app.

    Attributes:
        hub: The live feed.
        pulse: Which tasks fail.
        watch: Looks for silence.
        media_watch: Looks for recordings that do not come, and destroys those whose time is over.
        media_keeper: Takes recordings that have come; None: this site takes none.
    """

    def __init__(
        self, parts: Parts, *, commands: Bell, directory: Bell, media: MediaParts | None
    ) -> None:
        """Take the parts, the bells that the feed rings, and what recordings need, if any."""
        settings, database, metrics = parts.settings, parts.database, parts.metrics
        hub_settings = HubSettings(
            dsn=database.worker_dsn,
            most_clients=settings.live_max_clients,
            coalesce_s=settings.live_coalesce_ms / 1000,
            heartbeat_s=settings.live_heartbeat_s,
            session_check_s=settings.live_session_check_s,
            feed_keep_s=settings.feed_keep_s,
            silent_after_s=settings.gateway_silent_after_s,
        )
        alerts = Bell(most_waiters=1)
        self.hub = Hub(hub_settings, metrics, commands=commands, directory=directory, alerts=alerts)
        self._router = Router(parts, alerts=alerts, every_s=settings.alert_routing_s)
        self._upkeep = Upkeep(settings, database, metrics)
        self._retention = Retention(database, settings)
        self._notifications = notification_worker(parts)
        self._folding = Folding(database, every_s=settings.deadline_sweep_s)
        self.pulse = Pulse(time.monotonic)
        self.watch = Watch(parts)
        self._rounds = {
            name: Rounds(parts, *dues, every_s=settings.deadline_sweep_s).run
            for name, dues in _BY_THE_LAW.items()
        }
        sealer = Sealer(
            settings.audit_algorithm, parts.checkpoint_signer, settings.audit_anchor_dir
        )
        self._rounds["personal"] = Rounds(
            parts, *personal_dues(parts.vault), every_s=settings.deadline_sweep_s
        ).run
        self._rounds["audit"] = Rounds(parts, *sealer.dues(), every_s=settings.audit_seal_s).run
        self._desk = {"routing": self._router.run} | {
            name: Rounds(parts, *dues, every_s=settings.alert_routing_s).run
            for name, dues in _BY_THE_DESK.items()
        }
        self._routes_alerts = settings.routes_alerts
        self.media_watch = MediaWatch(parts, media, every_s=settings.deadline_sweep_s)
        self.media_keeper = None if media is None else Keeper(parts, media)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work until left; streams and waits end then."""
        works = {
            "live": self.hub.listen,
            "upkeep": self._upkeep.run,
            "retention": self._retention.run,
            "tallies": self._folding.run,
            "silence": self.watch.run,
            "media_watch": self.media_watch.run,
            **({} if self.media_keeper is None else {"media": self.media_keeper.run}),
            **self._notifications.works,
            **self._rounds,
            **(self._desk if self._routes_alerts else {}),
        }
        tasks = [
            asyncio.create_task(keep_running(name, work, self.pulse))
            for name, work in works.items()
        ]
        yield
        self.hub.close()
        await _cancelled(tasks)
        await _cancelled(self._notifications.sending)
        await self._notifications.close()


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until they end.

    Once is not enough: a driver may make an error of its own of a cancellation that comes while it
    waits for the database, and the task would start its work anew.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_PATIENCE_S)
