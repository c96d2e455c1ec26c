"""The database goes away and comes back: 503 meanwhile, nothing lost, no restart needed."""

import httpx

from tests.server.conftest import TOKEN, post_outcomes, until
from tests.server.events import outcome
from tests.server.live_server import serving, stream


async def test_an_outage_is_503_and_ends_by_itself(own_site, private_database):
    secret, _ = own_site.open_session("officer")
    settings = own_site.settings(pool_timeout_s=0.5, live_heartbeat_s=0.1)
    async with (
        serving(settings) as live,
        httpx.AsyncClient(base_url=live.base, trust_env=False, timeout=30) as client,
        stream(live.base, secret) as events,
    ):
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        await events.until("hb")
        assert (await client.get("/readyz")).status_code == 200

        private_database.kill()
        answer = await post_outcomes(client, [outcome()])
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) >= 1
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/livez")).status_code == 200

        private_database.start()

        async def is_taken():
            return (await post_outcomes(client, [outcome()])).status_code == 200

        await until(is_taken)
        assert (await events.until("alert")).data["id"] == "episode-1"
        await events.until("hb")
        assert (await client.get("/readyz")).status_code == 200
        assert own_site.one("SELECT count(*) FROM outcome") == 1


async def test_a_server_that_starts_before_its_database_serves_when_it_is_there(
    own_site, private_database
):
    private_database.kill()
    settings = own_site.settings(pool_timeout_s=0.5)
    async with (
        serving(settings) as live,
        httpx.AsyncClient(base_url=live.base, trust_env=False, timeout=30) as client,
    ):
        assert (await client.get("/readyz")).status_code == 503
        private_database.start()

        async def is_ready():
            return (await client.get("/readyz")).status_code == 200

        await until(is_ready)
