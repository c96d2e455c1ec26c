"""Officers, late data, tasks, routing, clocks and restarts in any order, over HTTP and database."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from server.alerts.lifecycle import GUARDED, WAITING
from server.alerts.shelf import SHELF
from server.bell import Bell
from server.dispatch.lapsing import LAPSES
from server.dispatch.recalling import CONTRADICTED, RECALLS
from server.reviews.telling import REVIEWS
from server.rounds import Rounds
from server.routing.worker import Router
from tests.server.alert_work import AlertWork
from tests.server.alert_world import route
from tests.server.mortal import Killed, Mortal
from tests.server.travelling import travel_of

MOVES = {
    *("acknowledged", "dispatched", "resolved", "shelved", "unshelved", "reopened", "superseded"),
    *("raised", "amended", "cleared", "noted", "verified", "reviewed", "routed", "escalated"),
    *("accepted", "en_route", "on_site", "reported"),
}
BESIDE = {"noted", "verified", "accepted", "en_route", "on_site", "reported"}
"""What people say without moving the alert."""
FROM = {
    "acknowledged": {"open"},
    "dispatched": {"open", "acknowledged", "dispatched"},
    "resolved": {"open", "acknowledged", "dispatched"},
    "shelved": {"open", "acknowledged"},
    "unshelved": {"shelved"},
    "reopened": {"resolved", "shelved", "superseded"},
}
ALERTS = (("e-1", "exclusion"), ("e-2", "strap"), ("e-3", "sos"))


class Desk:
    """One site under random work; every answer is checked against what stands."""

    def __init__(self, work: AlertWork, seed: int) -> None:
        self.work = work
        self.choose = random.Random(seed)  # noqa: S311 - a seeded choice of a test
        self.done = dict.fromkeys((name for name, _ in ALERTS), 0)

    async def officers(self) -> None:
        """Two people at once on one alert that both saw at the same version."""
        name = self.choose.choice(ALERTS)[0]
        version = (await self.work.alert(name))["version"]
        calls = [self._action(login, name, version) for login in ("of-1", "su-1")]
        answers = await asyncio.gather(*calls)
        statuses = [answer.status_code for answer in answers]
        assert set(statuses) <= {200, 409, 412}, [answer.text for answer in answers]
        assert statuses.count(200) <= 1
        self.done[name] += statuses.count(200)
        for answer in answers:
            if answer.status_code == 412:
                assert answer.json()["current"]["version"] > version

    def _action(self, login: str, name: str, version: int) -> Awaitable[Any]:
        action = self.choose.choice(["acknowledge", "resolve", "shelve", "unshelve", "reopen"])
        body: dict[str, Any] = {"note": "已核实情况"}
        if action == "resolve":
            body["verdict"] = self.choose.choice(["confirmed", "false", "technical", "excused"])
        if action == "shelve":
            until = self.work.travel.clock.now + timedelta(hours=self.choose.randint(-1, 80))
            body["until"] = until.isoformat()
        return self.work.post(login, f"/alerts/{name}/{action}", body, version=version)

    async def late_data(self) -> None:
        name, rule = self.choose.choice(ALERTS)
        change = self.choose.choice(["raised", "amended", "cleared", "superseded"])
        severity = self.choose.choice(["minor", "major", "critical"])
        await self.work.comes(change, episode=name, rule=rule, severity=severity, late=True)

    async def shelf(self) -> None:
        clock = self.work.travel.clock
        clock.move(hours=self.choose.randint(1, 90))
        parts = self.work.travel.app.state.parts
        shelves = [Rounds(parts, SHELF, every_s=60.0).round() for _ in range(2)]
        await asyncio.gather(*shelves)

    async def verification(self) -> None:
        name = self.choose.choice(ALERTS)[0]
        alert = await self.work.alert(name)
        if alert["state"] in WAITING:
            means = self.choose.choice(["call", "field_visit"])
            outcome = self.choose.choice(["founded", "unfounded"])
            login = self.choose.choice(["of-1", "of-2"])
            answer = await self.work.verify(login, name, means=means, outcome=outcome)
            assert answer.status_code == 200, answer.text

    async def dispatch(self) -> None:
        """Two people at once send somebody to one alert that both saw."""
        name = self.choose.choice(ALERTS)[0]
        version = (await self.work.alert(name))["version"]
        body = {"login": self.choose.choice(["of-1", "of-2"])}
        path = f"/alerts/{name}/tasks"
        calls = [self.work.post(one, path, body, version=version) for one in ("of-1", "su-1")]
        answers = await asyncio.gather(*calls)
        statuses = [answer.status_code for answer in answers]
        assert set(statuses) <= {201, 409, 412}, [answer.text for answer in answers]
        assert statuses.count(201) <= 1
        self.done[name] += statuses.count(201)

    async def on_the_way(self) -> None:
        """Who was sent says something, in whatever order, and the task's clock at the same time."""
        rows = self.work.travel.site.rows("SELECT id, login FROM dispatch_task ORDER BY id")
        if not rows:
            return
        task = self.choose.choice(rows)
        event = self.choose.choice(["accepted", "declined", "en_route", "on_site", "reported"])
        path, body = f"/tasks/{task['id']}/answer", {"state": event}
        if event == "reported":
            finding = self.choose.choice(["founded", "unfounded"])
            path, body = f"/tasks/{task['id']}/report", {"finding": finding, "text": "已到场"}
        self.work.travel.clock.move(minutes=self.choose.choice([0, 1, 30]))
        answer, _ = await asyncio.gather(self.work.post(task["login"], path, body), self.clocks())
        assert answer.status_code in {200, 409}, answer.text

    async def clocks(self) -> None:
        parts = self.work.travel.app.state.parts
        dues = (LAPSES, RECALLS, CONTRADICTED, REVIEWS)
        await asyncio.gather(*[Rounds(parts, *dues, every_s=60.0).round() for _ in range(2)])

    async def routing(self) -> None:
        """A worker dies between two statements; another one takes over."""
        parts = self.work.travel.app.state.parts
        mortal = Mortal(parts.database.worker_dsn, statements=self.choose.randrange(1, 25))
        dying = Router(replace(parts, database=mortal), alerts=Bell(most_waiters=1), every_s=60.0)
        with suppress(Killed):
            await dying.round()
        await route(self.work.travel)

    async def settle(self) -> None:
        """When all clocks have run: who waits is with somebody, and nobody goes for nothing."""
        await self.clocks()
        await route(self.work.travel)
        site, now = self.work.travel.site, self.work.travel.clock.now
        for row in site.rows("SELECT * FROM alert WHERE due_at IS NOT NULL"):
            assert row["due_at"] > now
            assert (row["level"] >= 0, row["assigned_to"] is not None) == (True, True)
        going = "SELECT a.state FROM dispatch_task t JOIN alert a ON a.id = t.alert_id"
        states = [row["state"] for row in site.rows(f"{going} WHERE t.lapses_at > '-infinity'")]
        assert set(states) <= {"dispatched"}, states

    async def check(self) -> None:
        """What stands is what its history says, and nobody is forgotten."""
        for name, rule in ALERTS:
            alert = await self.work.alert(name)
            assert (alert["state"] in WAITING) == (alert["due_at"] is not None)
            steps = [step["step"] for step in alert["steps"]]
            assert set(steps) <= MOVES
            state = _replayed(alert["steps"], guarded=rule in GUARDED)
            assert alert["state"] == state, steps
            by_people = [one for one in alert["steps"] if one["by_login"] is not None]
            moved = [one for one in by_people if one["step"] not in BESIDE]
            assert len(moved) == self.done[name]


def _replayed(steps: list[dict[str, Any]], *, guarded: bool) -> str:
    """Follow a history; an illegal line fails."""
    state, before_shelf, verdict = "open", "open", None
    for step in steps:
        name = step["step"]
        if name in FROM:
            assert state in FROM[name], f"{name} from {state}"
            assert not (name == "reopened" and verdict == "confirmed" and state == "resolved")
        if name == "shelved":
            assert not guarded
            before_shelf, state = state, "shelved"
        elif name == "unshelved":
            # The clock and people put it back, graver evidence opens it.
            state = "open" if step["body"].get("outcome") else before_shelf
        elif name == "reopened":
            state = "open"
        elif name in ("acknowledged", "dispatched", "resolved"):
            state, verdict = name, step["verdict"]
        elif name == "superseded" and not guarded and state in ("open", "acknowledged", "shelved"):
            state = "superseded"
    return state


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", range(3))
async def test_no_order_of_work_loses_a_move_or_makes_an_illegal_one(site, seed):
    async with travel_of(site) as travel:
        work = AlertWork(travel)
        # Somebody with a password may be sent, and is routed to.
        travel.site.rows("UPDATE app_user SET password_hash = 'none that fits' WHERE login ~ '-'")
        desk = Desk(work, seed)
        for name, rule in ALERTS:
            await work.comes(episode=name, rule=rule)
        rounds: list[Callable[[], Awaitable[None]]] = [
            *(desk.officers, desk.officers, desk.officers),
            *(desk.late_data, desk.late_data, desk.shelf, desk.verification),
            *(desk.dispatch, desk.dispatch, desk.on_the_way, desk.on_the_way, desk.routing),
        ]
        for _ in range(50):
            await desk.choose.choice(rounds)()
        await desk.settle()
        await desk.check()
        await work.gateway.aclose()
    # Another server on the same database: nothing was in the first one's memory.
    async with travel_of(site) as again:
        desk.work.travel = again
        await desk.check()
