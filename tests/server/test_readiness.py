"""/readyz says no, and why, where this server cannot do its work; and goes on while replaced."""

import asyncio

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict

import server.migrate
from server.app import create_app
from server.migrate import migrate, migration_files
from tests.server.conftest import TOKEN, http, post_outcomes, running
from tests.server.events import outcome
from tests.server.live_server import serving
from tests.services.database import PASSWORDS

NEWEST = max(migration_files())
LATER = """
ALTER TABLE alert ADD COLUMN later_note text;
CREATE INDEX outcome_later ON outcome (org_id, id);
CREATE FUNCTION later() RETURNS int LANGUAGE sql AS 'SELECT 1';
"""


async def asked(site):
    async with running(create_app(site.settings())) as app, http(app) as client:
        return await client.get("/readyz")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("DELETE FROM schema_migration WHERE name = (SELECT max(name) FROM schema_migration)",
         f"lacks 1 migrations, the first is {NEWEST}"),
        ("DROP FUNCTION migrations_done()", "not migrated"),
        ("ALTER DATABASE {} SET default_transaction_read_only = on", "takes no writes"),
        ("ALTER TABLE gateway_mark RENAME TO gone", "not migrated"),
        ("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", "does not answer"),
    ],
)  # fmt: skip
async def test_a_database_that_cannot_carry_the_work_is_named(site, fault, said):
    name = conninfo_to_dict(site.database.owner_dsn)["dbname"]
    site.rows(fault.format(name))
    answer = await asked(site)
    assert answer.status_code == 503
    assert said in answer.json()["detail"]


async def test_a_ready_server_says_how_far_the_clocks_are_apart(site):
    state = (await asked(site)).json()
    assert abs(state["database_clock_skew_s"]) < 5
    assert state["unknown_migrations"] == 0


@pytest.mark.slow
async def test_an_upgrade_under_load_loses_nothing_and_stops_nobody(site, monkeypatch):
    later = migration_files() | {"9999_later.sql": LATER}
    count = 60
    async with (
        serving(site.settings()) as live,
        httpx.AsyncClient(base_url=live.base, trust_env=False, timeout=60) as client,
    ):
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        secret, _ = site.open_session("officer")
        answers, desk, begun = [], [], asyncio.Event()

        async def uplink():
            for number in range(1, count + 1):
                event = outcome(episode=f"e-{number}")
                answers.append((await post_outcomes(client, [event], first=number)).status_code)
                looked = await client.get(
                    "/api/v1/alerts?limit=1", headers={"Cookie": f"guitu_session={secret}"}
                )
                desk.append(looked.status_code)
                if number == count // 4:
                    begun.set()

        async def upgrade():
            await begun.wait()
            with monkeypatch.context() as newer:
                newer.setattr(server.migrate, "migration_files", lambda: later)
                return await asyncio.to_thread(migrate, site.database.owner_dsn, **PASSWORDS)

        _, applied = await asyncio.gather(uplink(), upgrade())
        state = (await client.get("/readyz")).json()
    assert applied == ["9999_later.sql"]
    assert (set(answers), set(desk)) == ({200}, {200})
    assert site.one("SELECT count(*) FROM outcome") == count
    assert site.one("SELECT through_seq FROM gateway_mark WHERE stream = 'outcomes'") == count
    # The version before goes on, and says that it is to be replaced.
    assert (state["status"], state["unknown_migrations"]) == ("degraded", 1)
