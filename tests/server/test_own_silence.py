"""Gateways that are not heard, and what they say of themselves; on a real database."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from server.silence import store
from server.silence.watch import Watch
from tests.server.conftest import vector

HEALTH = "/api/v1/gateway/health"
SUBJECT = "s-4k2m9q"


def health(**said):
    now = datetime.now(UTC) + timedelta(seconds=said.pop("ahead_s", 0.0))
    report = vector("health.json")["reports"][0]["body"]
    return report | {"sent_time": now.isoformat()} | said


def alerts_of(site):
    query = "SELECT rule, condition, state, severity, org_id FROM alert ORDER BY begin_time, rule"
    return [tuple(row.values()) for row in site.rows(query)]


@pytest.fixture
def watch(app):
    return Watch(app.state.parts)


@pytest.fixture
def under_order(site):
    site.rows(
        "UPDATE positioning_order SET approved_at = now() - interval '2 days',"
        " valid_from = now() - interval '1 day', valid_to = now() + interval '1 day'"
    )


async def looked(watch, patience_s=60):
    """Look until it has heard for so long, every five seconds by its own clock."""
    start_s = watch.looked_s or 1000.0
    for passed_s in range(0, patience_s + 5, 5):
        await watch.round(start_s + passed_s)


def fall_silent(site, seconds=51):
    site.rows(
        "UPDATE gateway SET last_seen_at = now() - make_interval(secs => %s) WHERE id = 'gw-1'",
        (seconds,),
    )


@pytest.mark.usefixtures("under_order")
async def test_a_gateway_that_is_not_heard_is_one_alert_with_the_coverage_lost(app, site, watch):
    fall_silent(site)
    await asyncio.gather(looked(watch), looked(Watch(app.state.parts)))
    org = site.one("SELECT org_id FROM gateway")
    assert alerts_of(site) == [("gateway_silent", "active", "open", "critical", org)]
    (alert,) = site.rows("SELECT * FROM alert")
    assert alert["begin_time"] == site.one("SELECT last_seen_at FROM gateway")
    assert alert["evidence"]["unwatched"] == 1
    assert alert["due_at"] is not None
    assert SUBJECT not in str(alert["evidence"])
    assert site.one("SELECT count(*) FROM feed WHERE kind = 'alert'") == 1


async def test_a_server_that_could_not_have_heard_raises_nothing(site, watch):
    fall_silent(site, 3600)
    await looked(watch, 45)
    assert alerts_of(site) == []
    # As after a time without the database.
    await watch.round(watch.looked_s + 600)
    assert alerts_of(site) == []


async def test_a_gateway_that_was_never_heard_has_left_nobody(site, watch):
    await looked(watch)
    assert alerts_of(site) == []


async def test_a_gateway_that_is_back_clears_the_alert_which_stays_for_a_person(
    site, watch, gateway
):
    fall_silent(site)
    await looked(watch)
    assert (await gateway.post(HEALTH, json=health())).status_code == 204
    await watch.round(watch.looked_s + 5)
    ((rule, condition, state, *_),) = alerts_of(site)
    assert (rule, condition, state) == ("gateway_silent", "cleared", "open")
    steps = site.rows("SELECT step FROM alert_step ORDER BY id")
    assert [row["step"] for row in steps] == ["raised", "cleared"]


async def comes_back(watch, gateway):
    assert (await gateway.post(HEALTH, json=health())).status_code == 204
    await watch.round(watch.looked_s + 5)


async def falls_silent_again(site, watch, seconds):
    fall_silent(site, seconds)
    await watch.round(watch.looked_s + 5)


async def test_a_gateway_that_comes_and_goes_is_one_alert_as_long_as_somebody_has_it(
    site, watch, gateway
):
    fall_silent(site)
    await looked(watch)
    for seconds in (52, 53, 54):
        await comes_back(watch, gateway)
        await falls_silent_again(site, watch, seconds)
    (alert,) = site.rows("SELECT * FROM alert WHERE rule = 'gateway_silent'")
    assert (alert["condition"], alert["state"], alert["end_time"]) == ("active", "open", None)
    assert alert["evidence"]["times"] == 4
    assert site.one("SELECT alert_id FROM own_trouble") == alert["id"]
    steps = [row["step"] for row in site.rows("SELECT step FROM alert_step ORDER BY id")]
    assert steps == ["raised", *["cleared", "raised"] * 3]


async def test_what_was_decided_is_not_taken_up_again_by_a_gateway_that_falls_silent(
    site, watch, gateway
):
    fall_silent(site)
    await looked(watch)
    await comes_back(watch, gateway)
    site.rows("UPDATE alert SET state = 'resolved', verdict = 'technical', due_at = NULL")
    await falls_silent_again(site, watch, 52)
    rows = site.rows("SELECT state, condition, fingerprint FROM alert")
    assert sorted((row["state"], row["condition"]) for row in rows) == [
        ("open", "active"),
        ("resolved", "cleared"),
    ]
    assert len({row["fingerprint"] for row in rows}) == 1


async def test_a_gateway_that_falls_silent_long_after_is_another_alert(site, watch, gateway):
    fall_silent(site)
    await looked(watch)
    await comes_back(watch, gateway)
    site.rows(
        "UPDATE alert SET begin_time = begin_time - interval '3 hours',"
        " end_time = end_time - interval '2 hours', alike_at = alike_at - interval '3 hours'"
    )
    await falls_silent_again(site, watch, 52)
    rows = site.rows("SELECT group_id FROM alert WHERE rule = 'gateway_silent'")
    assert len({row["group_id"] for row in rows}) == 2


@pytest.mark.usefixtures("under_order")
async def test_another_gateway_of_the_organisation_keeps_its_coverage(app, site, watch):
    site.rows(
        "INSERT INTO gateway (id, org_id, token_hash, last_seen_at)"
        " SELECT 'gw-2', org_id, '\\x00', now() FROM gateway WHERE id = 'gw-1'"
    )
    fall_silent(site)
    await looked(watch)
    assert site.one("SELECT evidence -> 'unwatched' FROM alert") == 0
    site.rows("UPDATE gateway SET last_seen_at = now() - interval '2 min'")
    async with app.state.parts.database.upkeep() as connection:
        assert (await store.lost_coverage(connection, "gw-1", 50))["unwatched"] == 1


@pytest.mark.usefixtures("under_order")
async def test_the_coverage_lost_is_read_as_far_as_the_scope_goes(site, officer, people):
    site.add_org("elsewhere", "/")
    site.add_account("stranger", "elsewhere", "officer")
    fall_silent(site)
    path = "/api/v1/gateways/gw-1/coverage"
    mine = (await officer.get(path)).json()
    assert (mine["unwatched"], [one["subject"] for one in mine["items"]]) == (1, [SUBJECT])
    assert (await people("stranger").get(path)).json()["unwatched"] == 0
    site.rows("UPDATE gateway SET last_seen_at = now()")
    assert (await officer.get(path)).json()["items"] == []


@pytest.mark.parametrize(
    "case", vector("health.json")["reports"], ids=lambda case: case["name"].replace(" ", "-")
)
async def test_a_report_of_the_vectors_raises_what_is_said_there(site, gateway, case):
    said = dict(case["body"])
    said["sent_time"] = (datetime.now(UTC) + timedelta(seconds=case["ahead_s"])).isoformat()
    assert (await gateway.post(HEALTH, json=said)).status_code == 204
    assert [row[0] for row in alerts_of(site)] == case["alerts"]


async def test_a_trouble_ends_only_well_inside_its_limit(site, gateway):
    for lag_s in (130.0, 121.0, 119.0, 61.0):
        await gateway.post(HEALTH, json=health(oldest_unconfirmed_s=lag_s))
    assert [row[:2] for row in alerts_of(site)] == [("gateway_lag", "active")]
    await gateway.post(HEALTH, json=health(oldest_unconfirmed_s=60.0))
    assert [row[:2] for row in alerts_of(site)] == [("gateway_lag", "cleared")]


async def test_a_report_says_that_the_gateway_lives(site, gateway):
    await gateway.post(HEALTH, json=health())
    assert site.one("SELECT last_seen_at > now() - interval '1 min' FROM gateway")
    assert site.one("SELECT body ->> 'disk_bytes' FROM gateway_health") is not None


async def test_an_alert_that_nobody_routes_is_a_trouble_of_the_server(site, gateway, watch):
    await gateway.post(HEALTH, json=health(journal="disk full"))
    site.rows("UPDATE alert SET due_at = now() - interval '2 min'")
    await looked(watch)
    found = {row[0]: row[1] for row in alerts_of(site)}
    assert found == {"gateway_journal": "active", "server_worker": "active"}
    site.rows("UPDATE alert SET due_at = now() + interval '10 min'")
    await watch.round(watch.looked_s + 5)
    found = {row[0]: row[1] for row in alerts_of(site)}
    assert found == {"gateway_journal": "active", "server_worker": "cleared"}


async def test_readiness_names_a_task_that_fails_again_and_again(app, nobody):
    pulse, clock = app.state.background.pulse, [0.0]
    pulse._clock_s = lambda: clock[0]
    assert (await nobody.get("/readyz")).json()["status"] == "ready"
    for clock[0] in (100.0, 105.0, 110.0, 115.0, 120.0, 125.0, 130.0, 135.0, 140.0):
        pulse.begins("upkeep")
    answer = await nobody.get("/readyz")
    assert (answer.status_code, answer.json()["stuck"]) == (200, ["upkeep"])
    clock[0] += 11
    assert (await nobody.get("/readyz")).json()["stuck"] == []
