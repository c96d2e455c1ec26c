"""Whatever officers, shifts, absences and dying workers do: each alert has a person or a clock."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from server.bell import Bell
from server.routing.worker import Router
from tests.server.alert_world import (
    add_handler,
    ask,
    enter_shifts,
    instant,
    raise_alerts,
    route,
    turn,
)
from tests.server.events import outcome
from tests.server.mortal import Killed, Mortal
from tests.server.travelling import travel_of

OFFICERS = ("zhou", "wu", "zheng", "wang")
LOGINS = (*OFFICERS, "officer", "supervisor")
STEPS = (
    *("raise", "raise", "acknowledge", "acknowledge", "resolve", "hand", "shift", "shift", "cut"),
    *("absence", "back", "disable", "enable", "wait", "wait", "route", "route", "kill", "kill"),
)
TAKES_ON = ("routed", "escalated", "acknowledged")


@pytest.fixture
async def travel(site):
    for login in OFFICERS:
        add_handler(site, login, "office-1", "supervisor" if login == "zheng" else "officer")
    async with travel_of(site) as one:
        yield one


class History:
    """Steps that are tried whether they are allowed now or not; only refusals may come of them."""

    def __init__(self, travel, dice):
        self.travel, self.dice, self.raised = travel, dice, 0

    def rows(self, query):
        return self.travel.site.rows(query)

    def any_of(self, query):
        rows = self.rows(query)
        return self.dice.choice(rows) if rows else None

    async def take(self, step):
        await getattr(self, f"do_{step}")()

    async def ask(self, login, path, body, row):
        answer = await ask(self.travel, login, path, body, version=row and row["version"])
        assert answer.status_code in {200, 201, 401, 403, 404, 409, 412, 422}, answer.text

    async def do_raise(self):
        self.raised += 1
        severity = self.dice.choice(["critical", "major", "minor"])
        await raise_alerts(self.travel, outcome(episode=f"e-{self.raised}", severity=severity))

    async def act(self, action, body):
        row = self.any_of("SELECT id, version FROM alert ORDER BY id")
        if row is not None:
            login = self.dice.choice(LOGINS)
            await self.ask(login, f"/alerts/{row['id']}/{action}", body, row)

    async def do_acknowledge(self):
        await self.act("acknowledge", {})

    async def do_resolve(self):
        await self.act("resolve", {"verdict": "excused", "note": "已核实，有正当理由"})

    async def do_hand(self):
        await self.act("assignment", {"to": self.dice.choice([None, *OFFICERS])})

    async def do_shift(self):
        begin, post = self.dice.choice([None, None, 2]), self.dice.choice(["officer", "lead"])
        one = turn(self.travel, self.dice.choice(OFFICERS), begin, self.dice.choice([3, 9]), post)
        answer = await enter_shifts(self.travel, one)
        assert answer.status_code in {201, 401, 409, 422}, answer.text

    async def do_cut(self):
        row = self.any_of("SELECT id, version FROM duty_shift ORDER BY id")
        if row is not None:
            await self.ask("supervisor", f"/rota/shifts/{row['id']}/cancellation", None, row)

    async def do_absence(self):
        login, substitute = self.dice.sample(OFFICERS, 2)
        body = {"login": login, "kind": "leave", "ends_at": instant(self.travel, 5)}
        body |= {"substitute": self.dice.choice([None, substitute])}
        await self.ask("supervisor", "/rota/absences", body, None)

    async def do_back(self):
        row = self.any_of("SELECT id, version FROM duty_absence ORDER BY id")
        if row is not None:
            await self.ask("supervisor", f"/rota/absences/{row['id']}/end", None, row)

    async def do_disable(self):
        login = self.dice.choice(LOGINS[:-1])
        self.rows(f"UPDATE app_user SET disabled = true WHERE login = '{login}'")  # noqa: S608

    async def do_enable(self):
        self.rows("UPDATE app_user SET disabled = false WHERE login <> 'somebody'")

    async def do_wait(self):
        self.travel.clock.move(minutes=self.dice.choice([1, 3, 20, 90, 600]))

    async def do_route(self):
        await route(self.travel)
        self.check()

    async def do_kill(self):
        """A worker dies between two statements: nothing of what it did is there."""
        clock = self.travel.clock
        clock.now = max(clock.now, datetime.now(UTC))
        before = self.state()
        mortal = Mortal(self.travel.site.database.worker_dsn, statements=self.dice.randrange(1, 25))
        parts = replace(self.travel.app.state.parts, database=mortal)
        try:
            await Router(parts, alerts=Bell(most_waiters=1), every_s=60.0).round()
        except Killed:
            assert self.state() == before
        await self.do_route()

    def state(self):
        return [
            self.rows("SELECT * FROM alert ORDER BY id"),
            self.rows("SELECT * FROM alert_step ORDER BY id"),
            self.rows("SELECT key FROM notification ORDER BY id"),
        ]

    def check(self):
        """Every alert that waits is with somebody who is there, and on a clock, as recorded."""
        now = self.travel.clock.now
        away = {
            row["login"]
            for row in self.rows("SELECT * FROM duty_absence")
            if row["begins_at"] <= now < min(row["ends_at"], row["ended_at"] or row["ends_at"])
        }
        able = self.rows(
            "SELECT login FROM app_user WHERE role IN ('officer', 'supervisor')"
            " AND can_sign_in AND NOT disabled"
        )
        there = {row["login"] for row in able} - away
        steps = self.rows("SELECT * FROM alert_step ORDER BY id")
        told = {row["login"] for row in self.rows("SELECT login FROM notification")}
        waiting = self.rows("SELECT * FROM alert WHERE due_at IS NOT NULL")
        alone = {alert["id"] for alert in waiting if alert["held_as"] is None}
        for alert in waiting:
            assert alert["due_at"] > now
            if alert["held_as"] is not None:
                # It waits with one that has a person or is on a clock itself.
                assert alert["held_by"] in alone
                continue
            assert alert["escalate_at"] > now
            assert alert["level"] >= 0
            assert alert["assigned_to"] in there if there else alert["assigned_to"] is None
            its_own = [row for row in steps if row["alert_id"] == alert["id"]]
            self.check_record(alert, [row for row in its_own if row["step"] in TAKES_ON], told)

    def check_record(self, alert, steps, told):
        last = steps[-1]
        holder = last["by_login"] if last["step"] == "acknowledged" else last["body"]["assigned_to"]
        assert holder == alert["assigned_to"]
        assert all(set(row["body"].get("told", ())) <= told for row in steps)


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_alert_has_a_person_or_is_on_a_clock(travel, seed):
    dice = random.Random(seed)  # noqa: S311 - a test's own dice
    history = History(travel, dice)
    for _ in range(40):
        await history.take(dice.choice(STEPS))
    await history.do_route()
    assert history.raised


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3, 7))
async def test_every_alert_has_a_person_or_is_on_a_clock_for_long(travel, seed):
    dice = random.Random(seed)  # noqa: S311 - a test's own dice
    history = History(travel, dice)
    for _ in range(100):
        await history.take(dice.choice(STEPS))
    await history.do_route()
