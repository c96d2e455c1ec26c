"""Alerts, officers and notifications while servers and the database are killed in turn."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from guitu.embedded.ports import free_port
from server.config import ServerSettings
from tests.server.alert_world import add_handler
from tests.server.conftest import TOKEN, Site, post_outcomes, until
from tests.server.events import outcome
from tests.server.notification_work import QUICK, telling
from tests.server.server_program import is_ready, kill, start
from tests.services.receivers import OK, Receiver, listening

ALERTS = 15
PATIENT_S = 90.0
# No group folds a strap: each is routed and told by itself.
ON_ITS_OWN: dict[str, Any] = {"rule": "strap", "fence": None, "fence_version": None}
CHANGES = ("raised", "amended", "cleared")
# One person's exits, minutes apart: routing folds them into one matter while it is killed.
EXIT: dict[str, Any] = {"rule": "inclusion", "severity": "major", "category": "violation"}
EXITS_BEGIN = (datetime.now(UTC) - timedelta(days=1)).replace(hour=14, minute=0, second=0)
TOTAL = ALERTS * (len(CHANGES) + 1)


class Servers:
    """Two programs side by side, and whoever asks one of them until it answers."""

    def __init__(self, settings: list[ServerSettings]) -> None:
        self.settings = settings
        self.choose = random.Random(1)  # noqa: S311 - a seeded choice of a test
        self.processes: list[Any] = []
        self.clients: list[httpx.AsyncClient] = []

    async def begin(self) -> None:
        for settings in self.settings:
            base = f"http://127.0.0.1:{settings.http_port}"
            self.clients.append(httpx.AsyncClient(base_url=base, trust_env=False, timeout=20))
            self.processes.append(await start(settings))
        for client in self.clients:
            await is_ready(client)

    async def kill(self, number: int) -> None:
        """Kill one and start it again: the other one goes on."""
        await kill(self.processes[number])
        self.processes[number] = await start(self.settings[number])

    async def end(self) -> None:
        for process in self.processes:
            await kill(process)
        for client in self.clients:
            await client.aclose()

    async def ask(self, call: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]) -> Any:
        """Ask any of them, until one has an answer."""

        async def answered() -> httpx.Response | None:
            try:
                answer = await call(self.choose.choice(self.clients))
            except httpx.TransportError:
                return None
            return None if answer.is_server_error else answer

        return await until(answered, PATIENT_S)


@asynccontextmanager
async def two_servers(site: Site) -> AsyncIterator[Servers]:
    given = QUICK | {"routes_alerts": True, "alert_routing_s": 0.5, "pool_timeout_s": 5.0}
    given |= {"notification_attempts_max": 20}
    settings = [site.settings(**given, http_port=free_port()) for _ in range(2)]
    servers = Servers(settings)
    try:
        await servers.begin()
        yield servers
    finally:
        await servers.end()


class Flow:
    """What a gateway sends and an officer does, all the while.

    Attributes:
        sent: Outcomes that a server confirmed.
        done: Moves of the officer that a server confirmed, by action.
    """

    def __init__(self, site: Site, servers: Servers) -> None:
        self.servers = servers
        self.sent = 0
        self.done: dict[str, set[str]] = {"acknowledge": set(), "resolve": set()}
        secret, csrf = site.open_session("zhou")
        self.officer = {"Cookie": f"guitu_session={secret}", "X-CSRF-Token": csrf}

    async def gateway(self) -> None:
        """Outcomes in order, each again and again until it is confirmed."""
        token = {"Authorization": f"Bearer {TOKEN}"}
        for number in range(ALERTS):
            for change in CHANGES:
                await self.send(change, token, episode=f"e-{number}", **ON_ITS_OWN)
            begin = EXITS_BEGIN - timedelta(minutes=number)
            exit_of = EXIT | {"episode": f"g-{number}", "begin_time": begin.isoformat()}
            await self.send("raised", token, **exit_of)

    async def send(self, change: str, token: dict[str, str], **given: Any) -> None:
        event = outcome(change, entry_seq=self.sent + 1, **given)

        async def post(client: httpx.AsyncClient) -> httpx.Response:
            client.headers.update(token)
            return await post_outcomes(client, [event], first=self.sent + 1)

        answer = await self.servers.ask(post)
        assert answer.status_code == httpx.codes.OK, answer.text
        self.sent += 1

    async def work(self) -> None:
        """Two alerts of three are taken on, one of three is resolved."""
        for number in range(ALERTS):
            if number % 3:
                await self.move(f"e-{number}", "acknowledge", {}, while_in="open")
            if number % 3 == 1:
                body = {"verdict": "confirmed", "note": "本人承认"}
                await self.move(f"e-{number}", "resolve", body, while_in="acknowledged")

    async def move(self, name: str, action: str, body: Any, *, while_in: str) -> None:
        """Try until it is done: a confirmation may be lost with the server that gave it."""
        path = f"/api/v1/alerts/{name}"

        async def tried() -> bool:
            seen = await self.servers.ask(lambda client: client.get(path, headers=self.officer))
            if seen.status_code == httpx.codes.NOT_FOUND:
                return False
            if seen.json()["state"] != while_in:
                return True
            headers = self.officer | {"If-Match": seen.headers["etag"]}
            answer = await self.servers.ask(
                lambda client: client.post(f"{path}/{action}", json=body, headers=headers)
            )
            if answer.status_code == httpx.codes.OK:
                self.done[action].add(name)
            return bool(answer.status_code == httpx.codes.OK)

        await until(tried, PATIENT_S)

    async def reaches(self, count: int) -> None:
        async def is_there() -> bool:
            return self.sent >= count

        await until(is_there, PATIENT_S)


async def killing(flow: Flow, database: Any) -> None:
    """Each part in turn, in the middle of the work."""
    await flow.reaches(TOTAL // 6)
    await flow.servers.kill(0)
    await flow.reaches(TOTAL // 3)
    await flow.servers.kill(1)
    await flow.reaches(TOTAL // 2)
    database.kill()
    database.start()
    await flow.reaches(2 * TOTAL // 3)
    await flow.servers.kill(0)
    await flow.servers.kill(1)


def check_alerts(site: Site, flow: Flow) -> None:
    """Each is with somebody and on a clock, or decided; each line of its history is there once."""
    assert site.one("SELECT count(*) FROM outcome") == flow.sent == TOTAL
    rows = site.rows("SELECT * FROM alert WHERE id LIKE 'e-%' ORDER BY id")
    assert len(rows) == ALERTS
    for row in rows:
        steps = [
            (step["step"], step["body"].get("because"))
            for step in site.rows("SELECT * FROM alert_step WHERE alert_id = %s", (row["id"],))
        ]
        number = int(row["id"].removeprefix("e-"))
        expected = [(change, None) for change in CHANGES]
        if number % 3:
            expected.append(("acknowledged", None))
        if number % 3 == 1:
            expected.append(("resolved", None))
        else:
            assert (row["due_at"] is not None, row["assigned_to"]) == (True, "zhou")
        if not number % 3:
            expected.append(("routed", "raised"))
        # Who is quick takes an alert on before routing looks.
        assert set(Counter(steps) - Counter(expected)) <= {("routed", "raised")}, steps
        assert not Counter(expected) - Counter(steps), steps
        assert max(Counter(steps).values()) == 1, steps
    for action, step in (("acknowledge", "acknowledged"), ("resolve", "resolved")):
        noted = site.rows("SELECT alert_id FROM alert_step WHERE step = %s", (step,))
        assert flow.done[action] <= {row["alert_id"] for row in noted}


def check_group(site: Site) -> None:
    """Each exit is with somebody, or waits with one that is; what routing did stands once."""
    rows = {row["id"]: row for row in site.rows("SELECT * FROM alert WHERE id LIKE 'g-%'")}
    assert len(rows) == ALERTS
    assert len({row["group_id"] for row in rows.values()}) == 1
    held = [row for row in rows.values() if row["held_as"] is not None]
    assert held, "routing folded none of them"
    for row in rows.values():
        assert row["due_at"] is not None
        with_whom = rows[row["held_by"]] if row["held_as"] else row
        assert (with_whom["held_as"], with_whom["assigned_to"]) == (None, "zhou")
    steps = site.rows("SELECT alert_id, step, body FROM alert_step WHERE alert_id LIKE 'g-%'")
    counted = Counter(
        (one["alert_id"], one["step"], one["body"].get("because"), one["body"].get("held_by"))
        for one in steps
    )
    assert max(counted.values()) == 1, counted


def check_told(site: Site, receiver: Receiver) -> None:
    """Each notification came at least once, and again under the same key only, unchanged."""
    routed = site.one(
        "SELECT count(*) FROM alert_step WHERE step = 'routed' AND body ->> 'because' <> 'folded'"
    )
    told = site.rows(
        "SELECT n.key, d.state, d.message_key FROM notification n"
        " LEFT JOIN notification_delivery d ON d.notification_id = n.id"
        " WHERE n.kind IN ('alert_raised', 'alert_group')"
    )
    assert len(told) == routed
    assert {row["state"] for row in told} == {"delivered"}
    came: dict[str, set[bytes]] = {}
    for request in receiver.requests:
        came.setdefault(request.key, set()).add(request.body)
    assert {row["message_key"] for row in told} <= set(came)
    assert {len(bodies) for bodies in came.values()} == {1}
    noted = {row["message_key"] for row in site.rows("SELECT * FROM notification_delivery")}
    assert set(came) == noted


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_servers_and_a_database_that_are_killed_lose_no_alert_and_no_word(
    own_site, private_database
):
    add_handler(own_site, "zhou", "office-1")
    # Every third message is left without an answer: it is under way while things are killed.
    receiver = Receiver(answers=[OK, OK, None] * 4 + [OK])
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(listening(receiver))
        async with telling(own_site) as desk:
            await desk.channel("webhook", receiver.url, org="office-1")
        servers = await stack.enter_async_context(two_servers(own_site))
        flow = Flow(own_site, servers)
        async with asyncio.TaskGroup() as group:
            for work in (flow.gateway(), flow.work(), killing(flow, private_database)):
                group.create_task(work)

        async def is_settled() -> bool:
            waiting = "SELECT count(*) FROM alert WHERE due_at <= now()"
            under_way = "SELECT count(*) FROM notification_delivery WHERE state <> 'delivered'"
            return own_site.one(waiting) == 0 == own_site.one(under_way)

        await until(is_settled, PATIENT_S)
        check_alerts(own_site, flow)
        check_group(own_site)
        check_told(own_site, receiver)
