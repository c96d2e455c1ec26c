"""The life of an Idempotency-Key: a repeat is answered as before, until its key is forgotten."""

from tests.server.keeping import taking


def keys(site):
    return {row["key"] for row in site.rows("SELECT key FROM request_key")}


def put(site, count, age, name="old"):
    site.rows(
        "INSERT INTO request_key (org_id, login, key, asked, at)"
        " SELECT 'office-1', 'officer', %s || '-key-' || n, '', now() - %s::interval"
        " FROM generate_series(1, %s) n",
        (name, age, count),
    )


async def test_old_keys_are_forgotten_and_those_within_their_life_stay(site):
    put(site, 2_500, "25 hours")
    put(site, 1, "23 hours", name="young")
    async with taking(site, request_key_keep_h=24) as (_, upkeep):
        await upkeep.round()
        assert keys(site) == {"young-key-1"}


async def test_one_transaction_forgets_no_more_than_it_may_and_the_oldest_first(site):
    put(site, 3, "30 hours", name="oldest")
    put(site, 3, "25 hours")
    forget = "SELECT trim_request_keys(interval '24 hours', 4) AS n"
    assert site.one(forget) == 4
    assert {key.split("-")[0] for key in keys(site)} == {"old"}
    assert site.one(forget) == 2
    assert site.one(forget) == 0
