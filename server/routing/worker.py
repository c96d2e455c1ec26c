"""Takes alerts whose clock ended, one batch after another; several servers pass over each other's.

Everything that becomes of an alert happens in one transaction: a server that dies leaves the clock
as it was, and another one takes the alert.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from server.alerts.outcome_store import announce_alerts
from server.bell import Bell
from server.db import EVERYTHING, Connection, open_all_files
from server.grouping import store as group_store
from server.grouping.growth import is_news
from server.grouping.holding import Holder, Look, holding_law, is_foldable, look
from server.grouping.holds import Holds, candidate_of, read_holds, with_head
from server.law.policy import Policy
from server.notifications.outbox import Notification, enqueue
from server.parts import Parts
from server.policies.store import policy_of
from server.rounds import backoff
from server.routing import store
from server.routing.deciding import Routed, Waiting, decide
from server.routing.people import read_world
from server.routing.plan import Load, World
from server.routing.telling import told_of, told_of_empty, told_of_growth
from server.supervised import attempted

_log = logging.getLogger(__name__)

_MOST_AT_ONCE: Final = 200
_WAITING: Final = tuple(Waiting.__dataclass_fields__)
_STATEMENT_MS: Final = 5000
"""One alert's statement may hold up the others for so long, not for the session's 30 s."""


@dataclass(slots=True)
class _Batch:
    """What is written of some alerts, together."""

    moves: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    told: dict[str, Notification] = field(default_factory=dict)
    held: list[dict[str, Any]] = field(default_factory=list)
    let_go: list[dict[str, Any]] = field(default_factory=list)
    changed: dict[str, str] = field(default_factory=dict)
    grown: set[str] = field(default_factory=set)


class Router:
    """Routes what is due: woken by the live feed, and by a timer."""

    def __init__(self, parts: Parts, *, alerts: Bell, every_s: float) -> None:
        """Take the parts and the bell that rings when an alert changed."""
        self._parts = parts
        self._bell = alerts
        self._every_s = every_s

    async def run(self) -> None:
        """Work for ever; an error ends it and the caller starts it again."""
        with self._bell.waiting(EVERYTHING) as waiter:
            while not self._bell.is_closed:
                await self.round()
                await waiter.wait(self._every_s)

    async def round(self) -> None:
        """Route all that is due."""
        while await self._batch() == _MOST_AT_ONCE:
            pass

    async def _batch(self) -> int:
        now = self._parts.clock()
        async with self._parts.database.work() as connection:
            # Where this fails, what is held is looked at when it is due: it has a clock.
            await self._noted(connection, partial(group_store.release, connection, now))
            rows = await store.due(connection, now, _MOST_AT_ONCE)
            if not rows:
                return 0
            await open_all_files(connection)
            await connection.execute(f"SET LOCAL statement_timeout = {_STATEMENT_MS}".encode())
            orgs = {row["org_id"] for row in rows}
            names = ("assigned_to", "seen_locally_by")
            holders = {row[name] for row in rows for name in names if row[name]}
            world = await read_world(connection, orgs, holders, now)
            holds = Holds()
            # Where this fails, nothing is held: each alert is told on its own.
            await self._noted(connection, partial(read_holds, connection, rows, holds))
            work = _Work(connection, world, holds)
            # Together: a storm's thousand alerts are four statements in place of four thousand.
            if await attempted(connection, partial(work.route, rows)):
                await self._one_by_one(work, rows)
            self._count(work)
            await announce_alerts(connection, work.changed)
        return len(rows)

    async def _one_by_one(self, work: "_Work", rows: Sequence[Mapping[str, Any]]) -> None:
        work.begin_anew()
        for row in rows:
            error = await attempted(work.connection, partial(work.route, [row]))
            if error is None:
                continue
            failures = row["route_failures"] + 1
            again_in = backoff(failures)
            await store.postpone(work.connection, row["id"], work.world.now + again_in)
            self._parts.metrics.alerts_not_routed.inc()
            _log.error(
                "alert_not_routed alert=%s failures=%d again_in_s=%d error=%s",
                row["id"],
                failures,
                again_in.total_seconds(),
                type(error).__name__,
                exc_info=error if failures == 1 else None,
            )

    async def _noted(self, connection: Connection, work: Callable[[], Awaitable[None]]) -> None:
        """Do what routing can go on without, and say where it fails."""
        error = await attempted(connection, work)
        if error is not None:
            _log.error("alert_groups_not_read error=%s", type(error).__name__, exc_info=error)

    def _count(self, work: "_Work") -> None:
        metrics = self._parts.metrics
        for because, count in work.counts.items():
            metrics.alerts_routed.labels(because).inc(count)
        if nobody := work.counts.get("nobody"):
            _log.warning("alerts_reach_nobody count=%d", nobody)


class _Work:
    """A batch's transaction, and what was done in it.

    Attributes:
        changed: Organisations of the alerts that read otherwise now, by alert.
        counts: How many went to somebody, by why.
    """

    def __init__(self, connection: Connection, world: World, holds: Holds) -> None:
        self.connection = connection
        self.world = world
        self._holds = holds
        self._policies: dict[str, Policy] = {}
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what was undone."""
        self._loads = dict(self.world.loads)
        self._world = replace(self.world, loads=self._loads)
        self._heads = dict(self._holds.heads)
        self.changed: dict[str, str] = {}
        self.counts: dict[str, int] = {}

    async def route(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Decide on alerts and write it."""
        batch = _Batch()
        heads = self._heads
        for row in rows:
            policy = await self._policy(row["org_id"])
            looked = self._look(row, heads, policy)
            if looked.held_as is not None:
                _hold(batch, row, looked)
                continue
            alert = Waiting(**{name: row[name] for name in _WAITING} | {"group_id": looked.group})
            routed = decide(alert, self._world, policy)
            head = Holder(
                alert.id, looked.group, alert.severity, row["begin_time"], routed.escalate_at
            )
            heads = with_head(heads, head)
            self._carry(alert, routed)
            self._gather(batch, row, alert, routed)
        await self._write(batch)
        self._heads = heads
        self.changed |= batch.changed
        for step in batch.steps:
            because = step["body"]["because"]
            self.counts[because] = self.counts.get(because, 0) + 1

    async def _write(self, batch: _Batch) -> None:
        if batch.held:
            await group_store.hold(self.connection, batch.held)
        if batch.let_go:
            await group_store.let_go(self.connection, batch.let_go)
        await store.move(self.connection, batch.moves)
        await store.add_steps(self.connection, batch.steps)
        await enqueue(self.connection, list(batch.told.values()))
        heads = await group_store.told_of(self.connection, batch.grown)
        grown = [one for one in heads if is_news(one["waiting"], one["told"])]
        await enqueue(self.connection, [told_of_growth(one, self.world.now) for one in grown])

    def _look(self, row: Mapping[str, Any], heads: Mapping[str, Holder], policy: Policy) -> Look:
        outages = self._holds.inhibitors.get(row["id"], ())
        law = holding_law(policy)
        return look(candidate_of(row), outages, heads, now=self.world.now, law=law)

    async def _policy(self, org_id: str) -> Policy:
        if org_id not in self._policies:
            found = await policy_of(self.connection, org_id, self.world.now)
            self._policies[org_id] = found
        return self._policies[org_id]

    def _carry(self, alert: Waiting, routed: Routed) -> None:
        """Let the next alert of the batch see what this one laid on whose desk."""
        if routed.assigned_to == alert.assigned_to:
            return
        for login, change in ((alert.assigned_to, -1), (routed.assigned_to, 1)):
            if login is not None:
                load = self._loads.get(login, Load())
                last_at = routed.assigned_at if change > 0 else load.last_at
                self._loads[login] = Load(max(load.waiting + change, 0), last_at)

    def _gather(
        self, batch: _Batch, row: Mapping[str, Any], alert: Waiting, routed: Routed
    ) -> None:
        names = ("level", "assigned_to", "assigned_at", "on_duty_until", "clock_phase")
        move = {name: getattr(routed, name) for name in (*names, "escalate_at", "due_at")}
        batch.moves.append(move | {"id": alert.id})
        if (row["level"], row["assigned_to"]) != (routed.level, routed.assigned_to):
            batch.changed[alert.id] = alert.org_id
        if row["held_as"] is not None or row["group_id"] != alert.group_id:
            batch.let_go.append({"id": alert.id, "group": alert.group_id})
            batch.changed[alert.id] = alert.org_id
        if routed.step is None:
            return
        body: dict[str, Any] = {"because": routed.because, "level": routed.level}
        body |= {"assigned_to": routed.assigned_to, "from": alert.assigned_to}
        body |= {"told": list(routed.told), "escalate_at": routed.escalate_at.isoformat()}
        body |= {"nobody_at": [{"org": s.org_id, "level": s.level} for s in routed.empty]}
        step = {"org_id": alert.org_id, "id": alert.id, "step": routed.step, "body": body}
        batch.steps.append(step)
        now = self.world.now
        alike = self._holds.waiting.get(alert.group_id or "", 1)
        alike = alike if is_foldable(candidate_of(row)) else 1
        empty = [told_of_empty(station, now) for station in routed.empty]
        told = [*told_of(alert, routed, now, alike=alike), *empty]
        batch.told |= {one.key: one for one in told}


def _hold(batch: _Batch, row: Mapping[str, Any], looked: Look) -> None:
    """Let what explains an alert, or stands for it, be told in its place."""
    batch.held.append(
        {
            "id": row["id"],
            "held_by": looked.held_by,
            "held_as": looked.held_as,
            "group": looked.group,
            "due_at": looked.due_at,
        }
    )
    if (row["held_by"], row["held_as"]) == (looked.held_by, looked.held_as):
        return
    if looked.held_as == "folded" and looked.held_by is not None:
        batch.grown.add(looked.held_by)
    body = {"because": looked.held_as, "held_by": looked.held_by}
    batch.steps.append({"org_id": row["org_id"], "id": row["id"], "step": "routed", "body": body})
    batch.changed[row["id"]] = row["org_id"]
