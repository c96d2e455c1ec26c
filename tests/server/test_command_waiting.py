"""A gateway waits for commands, the live feed tells people, and what nobody fetched ends."""

import asyncio

import httpx
import pytest

from server.bell import Bell
from server.errors import UnavailableError
from tests.server.conftest import TOKEN, until
from tests.server.live_server import serving, stream
from tests.server.test_commands import DEVICE, GATEWAY, LOCATE, POWER_OFF, report


@pytest.fixture
async def live(site):
    async with serving(site.settings(live_heartbeat_s=0.2)) as started:
        yield started


@pytest.fixture
async def gateway(live):
    async with httpx.AsyncClient(base_url=live.base, trust_env=False, timeout=40) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


@pytest.fixture
async def enter(live, site):
    """Enter a command as a login; return it."""
    async with httpx.AsyncClient(base_url=live.base, trust_env=False) as client:

        async def entered(login="officer", body=LOCATE, *, key="command-key-1"):
            secret, csrf = site.open_session(login)
            headers = {"Cookie": f"guitu_session={secret}", "X-CSRF-Token": csrf}
            answer = await client.post(
                DEVICE, json=body, headers={**headers, "Idempotency-Key": key}
            )
            assert answer.status_code == 201, answer.text
            return answer.json()

        yield entered


async def waiter_of(live):
    """Wait until a gateway waits."""

    async def has_waiter():
        return live.app.state.command_bell.count

    await until(has_waiter)


async def test_a_waiting_gateway_is_answered_when_a_command_is_queued(live, gateway, enter):
    waiting = asyncio.create_task(gateway.get(f"{GATEWAY}?wait_s=30"))
    await waiter_of(live)
    command = await enter()
    answer = await waiting
    assert [each["command"] for each in answer.json()["commands"]] == [command["id"]]


async def test_what_is_no_command_for_it_does_not_end_a_wait(live, gateway, enter, site):
    command = await enter()
    await report(gateway, command, "sent")
    waiting = asyncio.create_task(gateway.get(f"{GATEWAY}?wait_s=30"))
    await waiter_of(live)
    await report(gateway, command, "answered")
    await enter("supervisor", POWER_OFF, key="not approved")
    secret, _ = site.open_session("officer")
    async with stream(live.base, secret) as events:
        await events.until("hb")
    assert not waiting.done()
    later = await enter(key="the next one")
    assert [each["command"] for each in (await waiting).json()["commands"]] == [later["id"]]


async def test_many_waiting_gateways_hold_no_connection(site, enter):
    async with (
        serving(site.settings(pool_size=2, pool_timeout_s=5)) as live,
        httpx.AsyncClient(base_url=live.base, trust_env=False, timeout=40) as client,
    ):
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        waiting = [asyncio.create_task(client.get(f"{GATEWAY}?wait_s=30")) for _ in range(12)]

        async def all_wait():
            return live.app.state.command_bell.count == 12

        await until(all_wait)
        assert (await client.get("/api/v1/gateway/marks")).status_code == 200
        await enter()
        answers = await asyncio.gather(*waiting)
        assert [len(answer.json()["commands"]) for answer in answers] == [1] * 12


async def test_a_wait_without_a_command_ends_with_an_empty_list(gateway):
    answer = await gateway.get(f"{GATEWAY}?wait_s=0.05")
    assert answer.json() == {"commands": []}
    assert (await gateway.get(f"{GATEWAY}?wait_s=31")).status_code == 422


async def test_a_stop_ends_the_waits_at_once(live, gateway):
    waiting = asyncio.create_task(gateway.get(f"{GATEWAY}?wait_s=30"))
    await waiter_of(live)
    await live.stop()
    assert (await waiting).json() == {"commands": []}


def test_no_more_gateways_wait_than_allowed():
    bell = Bell(most_waiters=1)
    with bell.waiting("/"), pytest.raises(UnavailableError), bell.waiting("/"):
        pass
    with bell.waiting("/"):
        assert bell.count == 1
    assert bell.count == 0


async def test_what_becomes_of_a_command_is_told_to_everybody_of_its_scope(
    live, gateway, enter, site
):
    site.add_org("county-b", "/")
    site.add_account("stranger", "county-b", "officer")
    secrets = {name: site.open_session(name)[0] for name in ("officer", "admin", "stranger")}
    async with (
        stream(live.base, secrets["officer"]) as officer,
        stream(live.base, secrets["admin"]) as admin,
        stream(live.base, secrets["stranger"]) as stranger,
    ):
        for events in (officer, admin, stranger):
            await events.until("hello")
        command = await enter()
        for events in (officer, admin):
            assert (await events.until("command")).data == command
        await report(gateway, command, "answered", detail="OK")
        told = (await officer.until("command")).data
        assert (told["id"], told["state"], told["version"]) == (command["id"], "answered", 2)
        await stranger.until("hb")
        await stranger.until("hb")
        assert "command" not in {event.name for event in stranger.seen}


async def test_a_stream_that_comes_back_hears_the_commands_that_it_missed(live, enter, site):
    secret, _ = site.open_session("officer")
    first = await enter()
    await enter(key="the second one")
    async with stream(live.base, secret, headers={"Last-Event-ID": "1"}) as events:
        missed = await events.until("command")
        assert missed.data["id"] != first["id"]
        await events.until("pos")
        assert [event.name for event in events.seen] == ["hello", "command", "pos"]


@pytest.mark.parametrize(
    "ending",
    [
        ("queued", "61 s", "not sent in time"),
        ("awaiting_approval", "1 s", "not approved in time"),
        ("sent", "7201 s", "no word from the gateway"),
    ],
    ids=lambda ending: ending[0],
)
async def test_what_nobody_takes_further_ends_and_is_told(live, gateway, enter, site, ending):
    state, overdue, detail = ending
    is_dangerous = state == "awaiting_approval"
    secret, _ = site.open_session("officer")
    async with stream(live.base, secret) as events:
        command = await enter("supervisor", POWER_OFF if is_dangerous else LOCATE)
        if state == "sent":
            await report(gateway, command, "sent")
        site.rows(
            "UPDATE command SET requested_at = now() - interval '1 day',"
            " expires_at = now() - %s::interval",
            (overdue,),
        )
        assert (await gateway.get(GATEWAY)).json() == {"commands": []}
        while (told := (await events.until("command")).data)["state"] != "timed_out":
            pass
        assert told["detail"] == detail
    assert site.one("SELECT detail FROM command_step WHERE step = 'timed_out'") == detail
