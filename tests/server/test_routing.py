"""Alerts find their people: rota, clocks, absences, hand-overs; on a real database."""

import psycopg
import pytest

from server.app import create_app
from server.law.policy import national
from tests.server.alert_world import (
    add_handler,
    alert_of,
    ask,
    enter_shifts,
    instant,
    raise_alerts,
    route,
    row_of,
    steps_of,
    told,
    turn,
)
from tests.server.conftest import TOKEN, http, post_outcomes, running, until
from tests.server.events import outcome
from tests.server.travelling import travel_of

ACK_MINUTES = national().number("alert_ack_critical_minutes")


@pytest.fixture
async def travel(site):
    for login in ("zhou", "wu"):
        add_handler(site, login, "office-1")
    add_handler(site, "zheng", "office-1", "supervisor")
    async with travel_of(site) as one:
        yield one


async def take_on(travel, login="zhou", episode="episode-1"):
    version = row_of(travel, episode)["version"]
    answer = await ask(travel, login, f"/alerts/{episode}/acknowledge", {}, version=version)
    assert answer.status_code == 200, answer.text


async def test_a_raised_alert_reaches_who_is_on_duty(travel):
    await enter_shifts(travel, turn(travel, "zhou", None, 8))
    await raise_alerts(travel, outcome())
    assert (row_of(travel)["level"], row_of(travel)["assigned_to"]) == (-1, None)
    await route(travel)
    row = row_of(travel)
    assert (row["level"], row["assigned_to"], row["version"]) == (0, "zhou", 2)
    assert (row["due_at"] - travel.clock.now).total_seconds() == ACK_MINUTES * 60
    assert steps_of(travel) == [("raised", None), ("routed", "raised")]
    assert told(travel) == [("alert_raised", "zhou")]


async def test_a_page_sees_a_new_assignee_as_a_new_version_and_a_new_clock_as_none(travel):
    await enter_shifts(travel, turn(travel, "zhou", None, 8))
    await raise_alerts(travel, outcome())
    await route(travel)
    before = row_of(travel)
    await take_on(travel)
    await route(travel)
    after = row_of(travel)
    assert (after["due_at"] > before["due_at"], after["assigned_to"]) == (True, "zhou")
    assert after["version"] == before["version"] + 1, "the acknowledgement's"
    travel.clock.now = after["escalate_at"]
    await route(travel)
    assert row_of(travel)["level"] == after["level"] + 1
    assert row_of(travel)["version"] == after["version"] + 1


async def test_routing_twice_changes_nothing(travel):
    await raise_alerts(travel, outcome())
    await route(travel)
    before = (row_of(travel), steps_of(travel), told(travel))
    await route(travel)
    assert (row_of(travel), steps_of(travel), told(travel)) == before


async def test_what_nobody_acknowledges_goes_up_to_the_county(travel):
    await enter_shifts(travel, turn(travel, "zhou", None, 8))
    await raise_alerts(travel, outcome())
    await route(travel)
    for _ in range(2):
        travel.clock.move(minutes=ACK_MINUTES)
        await route(travel)
    row = row_of(travel)
    assert (row["level"], row["assigned_to"]) == (2, "officer")
    assert steps_of(travel)[2:] == [("escalated", "unacknowledged")] * 2
    assert sorted(told(travel)) == [
        ("alert_escalated", "officer"),
        ("alert_escalated", "supervisor"),
        ("alert_escalated", "zheng"),
        ("alert_raised", "zhou"),
    ]


async def test_an_acknowledged_alert_stays_with_its_person_on_another_clock(travel):
    await enter_shifts(travel, turn(travel, "zhou", None, 8))
    await raise_alerts(travel, outcome())
    await route(travel)
    await take_on(travel)
    travel.clock.move(minutes=ACK_MINUTES)
    await route(travel)
    row = row_of(travel)
    assert (row["level"], row["assigned_to"], row["clock_phase"]) == (0, "zhou", "acknowledged")
    assert [step for step, _ in steps_of(travel)] == ["raised", "routed", "acknowledged"]
    travel.clock.move(minutes=national().number("alert_resolve_critical_minutes") + 1)
    await route(travel)
    assert (row_of(travel)["level"], row_of(travel)["assigned_to"]) == (1, "zhou")
    assert steps_of(travel)[-1] == ("escalated", "unresolved")


async def test_a_shift_that_is_cut_short_leaves_no_alert_behind(travel):
    entered = await enter_shifts(
        travel, turn(travel, "zhou", None, 8), turn(travel, "wu", None, 12)
    )
    await raise_alerts(travel, outcome(severity="minor"))
    await route(travel)
    (mine,) = [
        shift
        for shift in entered.json()["items"]
        if shift["login"] == row_of(travel)["assigned_to"]
    ]
    path = f"/rota/shifts/{mine['id']}/cancellation"
    assert (await ask(travel, "supervisor", path, version=1)).status_code == 200
    await route(travel)
    assert {mine["login"], row_of(travel)["assigned_to"]} == {"zhou", "wu"}
    assert steps_of(travel)[-1] == ("routed", "off_duty")


async def test_the_substitute_gets_what_an_officer_who_falls_ill_had(travel):
    await enter_shifts(travel, turn(travel, "zhou", None, 8))
    await raise_alerts(travel, outcome())
    await route(travel)
    await take_on(travel)
    await route(travel)
    body = {"kind": "sick", "ends_at": instant(travel, 20), "substitute": "wu"}
    assert (await ask(travel, "zhou", "/rota/absences", body)).status_code == 201
    await route(travel)
    assert row_of(travel)["assigned_to"] == "wu"
    assert told(travel)[-1] == ("alert_assigned", "wu")


async def test_a_disabled_account_leaves_no_alert_behind(travel):
    await enter_shifts(travel, turn(travel, "zhou", None, 8))
    await raise_alerts(travel, outcome())
    await route(travel)
    await take_on(travel)
    await route(travel)
    travel.site.rows("UPDATE app_user SET disabled = true WHERE login = 'zhou'")
    await route(travel)
    assert row_of(travel)["assigned_to"] == "wu"


async def test_the_next_shift_has_what_the_last_one_left_open(travel):
    await enter_shifts(travel, turn(travel, "zhou", None, 1), turn(travel, "wu", 1, 9))
    await raise_alerts(travel, outcome(severity="minor"))
    await route(travel)
    assert row_of(travel)["assigned_to"] == "zhou"
    travel.clock.move(hours=1)
    await route(travel)
    assert (row_of(travel)["assigned_to"], row_of(travel)["level"]) == ("wu", 0)


async def test_alerts_are_spread_over_who_is_on_duty(travel):
    await enter_shifts(travel, turn(travel, "zhou", None, 8), turn(travel, "wu", None, 8))
    await raise_alerts(travel, *[outcome(episode=f"e-{number}") for number in range(6)])
    await route(travel)
    rows = travel.site.rows("SELECT assigned_to, count(*) FROM alert GROUP BY 1 ORDER BY 1")
    assert [(row["assigned_to"], row["count"]) for row in rows] == [("wu", 3), ("zhou", 3)]
    mine = await travel.sign_in("wu").get("/api/v1/alerts?assigned_to=me")
    assert [alert["assigned_to"] for alert in mine.json()["items"]] == ["wu"] * 3
    loads = await travel.sign_in("supervisor").get("/api/v1/routing/officers?org=office-1")
    assert [(one["login"], one["critical"], one["post"]) for one in loads.json()["items"]] == [
        ("officer-1", 0, None),
        ("wu", 3, "officer"),
        ("zheng", 0, None),
        ("zhou", 3, "officer"),
    ]


async def test_an_alert_is_handed_over_and_taken_over_and_its_clock_runs_on(travel):
    await enter_shifts(travel, turn(travel, "zhou", None, 8))
    await raise_alerts(travel, outcome())
    await route(travel)
    clock = row_of(travel)["escalate_at"]
    handed = await ask(
        travel, "zhou", "/alerts/episode-1/assignment", {"to": "wu", "note": "请跟进"}, version=2
    )
    assert handed.status_code == 200, handed.text
    await route(travel)
    assert (row_of(travel)["assigned_to"], row_of(travel)["escalate_at"]) == ("wu", clock)
    stale = await ask(travel, "zheng", "/alerts/episode-1/assignment", {}, version=2)
    assert stale.status_code == 412
    taken = await ask(travel, "zheng", "/alerts/episode-1/assignment", {}, version=3)
    assert taken.status_code == 200
    again = await ask(travel, "zheng", "/alerts/episode-1/assignment", {}, version=4)
    assert again.json()["errors"][0]["rule"] == "assigned_already"
    unseen = await ask(
        travel, "supervisor", "/alerts/episode-1/assignment", {"to": "auditor"}, version=4
    )
    assert unseen.status_code == 422
    assert steps_of(travel)[-2:] == [("routed", "handed_over"), ("routed", "taken_over")]
    assert told(travel) == [("alert_raised", "zhou"), ("alert_assigned", "wu")]


async def test_nobody_who_is_away_is_handed_an_alert(travel):
    await raise_alerts(travel, outcome())
    body = {"login": "wu", "kind": "leave", "ends_at": instant(travel, 20)}
    await ask(travel, "supervisor", "/rota/absences", body)
    answer = await ask(travel, "zhou", "/alerts/episode-1/assignment", {"to": "wu"}, version=1)
    assert answer.json()["errors"][0]["rule"] == "away"


async def test_an_alert_that_reaches_nobody_stays_on_a_clock_and_is_told_of(travel):
    travel.site.rows("UPDATE app_user SET disabled = true WHERE role IN ('officer', 'supervisor')")
    await raise_alerts(travel, outcome())
    for _ in range(3):
        await route(travel)
        travel.clock.move(minutes=1)
    row = row_of(travel)
    assert (row["assigned_to"], row["level"]) == (None, 3)
    assert row["due_at"] <= travel.clock.now
    assert steps_of(travel)[1:] == [("escalated", "nobody")]
    assert set(told(travel)) == {("shift_uncovered", None)}
    status = (await travel.sign_in("admin").get("/api/v1/routing/status")).json()
    assert (status["waiting"], status["unassigned"]) == (1, 1)


POISON = """
  CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE EXCEPTION 'poison'; END $$;
  CREATE TRIGGER poison BEFORE UPDATE OF level ON alert FOR EACH ROW
    WHEN (NEW.id = 'e-3') EXECUTE FUNCTION poison()"""


async def test_a_poison_alert_stops_no_other_and_is_looked_at_again(travel):
    travel.site.rows(POISON)
    await raise_alerts(travel, *[outcome(episode=f"e-{number}") for number in range(6)])
    await route(travel)
    rows = travel.site.rows("SELECT id FROM alert WHERE level = -1")
    assert [row["id"] for row in rows] == ["e-3"]
    assert row_of(travel, "e-3")["due_at"] > travel.clock.now
    travel.clock.move(minutes=10)
    await route(travel)
    status = (await travel.sign_in("supervisor").get("/api/v1/routing/status")).json()
    assert [(one["alert"], one["failures"]) for one in status["failing"]] == [("e-3", 2)]
    travel.site.rows("DROP TRIGGER poison ON alert")
    travel.clock.move(minutes=10)
    await route(travel)
    assert (row_of(travel, "e-3")["level"], row_of(travel, "e-3")["route_failures"]) == (0, 0)


async def test_what_another_process_has_in_hand_is_passed_over(travel):
    await raise_alerts(travel, outcome(episode="e-1"), outcome(episode="e-2"))
    with psycopg.connect(travel.site.database.owner_dsn) as other:
        other.execute("SELECT FROM alert WHERE id = 'e-1' FOR UPDATE")
        await route(travel)
        assert (row_of(travel, "e-1")["level"], row_of(travel, "e-2")["level"]) == (-1, 0)
    await route(travel)
    assert row_of(travel, "e-1")["level"] == 0


async def test_a_storm_is_routed_in_batches_and_each_alert_once(travel):
    await enter_shifts(travel, turn(travel, "zhou", None, 8))
    await raise_alerts(travel, *[outcome(episode=f"e-{number}") for number in range(450)])
    await route(travel)
    assert travel.site.one("SELECT count(*) FROM alert WHERE assigned_to = 'zhou'") == 450
    assert travel.site.one("SELECT count(*) FROM alert_step WHERE step = 'routed'") == 450
    assert travel.site.one("SELECT count(*) FROM notification") == 450


async def test_a_name_appears_in_no_step_of_routing(travel):
    await raise_alerts(travel, outcome())
    await route(travel)
    shown = (await alert_of(travel))["steps"][-1]
    assert shown["step"] == "routed"
    assert "张三" not in str(travel.site.rows("SELECT body FROM alert_step"))
    assert "张三" not in str(travel.site.rows("SELECT body, key FROM notification"))


async def test_the_server_routes_by_itself_as_soon_as_an_alert_is_raised(site):
    add_handler(site, "zhou", "office-1")
    # Far longer than the test may take: only the feed's news can wake it.
    settings = site.settings(routes_alerts=True, alert_routing_s=60.0)
    async with running(create_app(settings)) as app, http(app) as gateway:
        gateway.headers["Authorization"] = f"Bearer {TOKEN}"
        await until(lambda: is_listening(app))
        await post_outcomes(gateway, [outcome()])
        await until(lambda: is_routed(site), timeout_s=50.0)


async def is_listening(app):
    return app.state.parts.metrics.live_connected._value.get() == 1


async def is_routed(site):
    return site.one("SELECT assigned_to FROM alert") is not None
