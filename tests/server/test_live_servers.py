"""Several server processes beside one database: each stream has everything, whoever did it."""

import asyncio

import httpx
import psycopg
import pytest

from tests.server.conftest import TOKEN, post_outcomes
from tests.server.events import outcome
from tests.server.live_server import serving, stream


@pytest.fixture
async def pair(site):
    async with serving(site.settings()) as one, serving(site.settings()) as other:
        yield one, other


@pytest.fixture
async def sender(pair):
    async with httpx.AsyncClient(base_url=pair[0].base, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


async def acknowledge(server, session):
    secret, csrf = session
    async with httpx.AsyncClient(base_url=server.base, trust_env=False) as client:
        headers = {"Cookie": f"guitu_session={secret}", "X-CSRF-Token": csrf, "If-Match": '"1"'}
        answer = await client.post("/api/v1/alerts/episode-1/acknowledge", json={}, headers=headers)
    assert answer.status_code == 200, answer.text


async def test_what_one_server_takes_and_handles_is_on_the_streams_of_the_other(pair, sender, site):
    session = site.open_session("officer")
    async with stream(pair[1].base, session[0]) as events:
        await events.until("hello")
        await post_outcomes(sender, [outcome()])
        assert (await events.until("alert")).data["state"] == "open"
        await acknowledge(pair[0], session)
        assert (await events.until("alert")).data["state"] == "acknowledged"


async def test_a_stream_resumes_at_the_other_server_with_nothing_left_out(pair, sender, site):
    secret, _ = site.open_session("officer")
    async with stream(pair[0].base, secret) as events:
        await events.until("hello")
        await post_outcomes(sender, [outcome()])
        seen_to = (await events.until("alert")).id
    missed = [outcome(episode=f"episode-{number}", entry_seq=number) for number in (2, 3)]
    await post_outcomes(sender, missed, first=2)
    headers = {"Last-Event-ID": str(seen_to)}
    async with stream(pair[1].base, secret, headers=headers) as events:
        found = {(await events.until("alert")).data["id"] for _ in missed}
    assert found == {"episode-2", "episode-3"}


async def test_a_commit_that_comes_late_is_not_passed_over_by_either_server(pair, sender, site):
    secret, _ = site.open_session("officer")
    await post_outcomes(sender, [outcome()])
    async with (
        stream(pair[0].base, secret) as first,
        stream(pair[1].base, secret) as second,
        await psycopg.AsyncConnection.connect(site.database.owner_dsn) as slow,
    ):
        for events in (first, second):
            await events.until("hello")
        await slow.execute("SELECT announce(org_id, 'alert', id) FROM alert")
        # Announced after the slow one has its number: it waits, and has the higher one.
        later = asyncio.create_task(
            post_outcomes(sender, [outcome(episode="episode-2", entry_seq=2)], first=2)
        )
        await asyncio.wait([later], timeout=0.5)
        assert not later.done()
        await slow.commit()
        assert (await later).status_code == 200
        for events in (first, second):
            came = [(await events.until("alert")) for _ in range(2)]
            assert [one.data["id"] for one in came] == ["episode-1", "episode-2"]
            assert came[0].id < came[1].id
