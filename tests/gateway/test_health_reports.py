"""A gateway that runs says how it is, to a real server."""

from tests.gateway.life import running, until
from tests.gateway.sites import serving
from tests.server.conftest import Site


async def test_a_running_gateway_says_that_it_lives_and_is_well(make_place, database):
    place = make_place(database)
    site = Site(database, place.gateway.data_dir, {})
    every = place.gateway.model_copy(update={"health_s": 0.2})
    async with serving(place.server), running(every):
        await until(
            lambda: site.rows("SELECT gateway_id FROM gateway_health"), "a report of the gateway"
        )
        await until(
            lambda: site.one("SELECT (body -> 'broker_down_s')::float = 0 FROM gateway_health"),
            "a report with the broker there",
        )
        assert site.one("SELECT (body -> 'disk_free_bytes')::bigint > 0 FROM gateway_health")
        assert site.one("SELECT last_seen_at > now() - interval '1 min' FROM gateway")
