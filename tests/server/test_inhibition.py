"""What an outage explains waits with it, and comes back when it ends; on a real database."""

from datetime import timedelta

import pytest

from server.law.policy import national
from tests.server.alert_world import (
    add_handler,
    ask,
    enter_shifts,
    raise_alerts,
    route,
    row_of,
    steps_of,
    turn,
)
from tests.server.group_work import (
    add_subjects,
    anchor,
    ended,
    event,
    held,
    outage,
    silence,
    told_of_alerts,
)
from tests.server.travelling import travel_of


@pytest.fixture
async def travel(site):
    add_handler(site, "zhou", "office-1")
    async with travel_of(site) as one:
        await enter_shifts(one, turn(one, "zhou", None, 20))
        yield one


async def out_with(travel, count=3):
    """An outage and as many silences below it; the silences."""
    people = add_subjects(travel, count)
    silences = [silence(travel, f"silence-{who}", subject=who, ago=8) for who in people]
    # The silences first: which came first must not matter to who is told.
    over = outage(travel)
    await raise_alerts(travel, *silences, over)
    await route(travel)
    return over, silences


async def test_silences_below_an_outage_are_kept_and_not_told_of(travel):
    _, silences = await out_with(travel)
    assert told_of_alerts(travel) == ["alert_raised"]
    assert row_of(travel, "outage-1")["assigned_to"] == "zhou"
    for one in silences:
        row = row_of(travel, one["data"]["episode"])
        assert (row["held_as"], row["held_by"], row["state"]) == ("inhibited", "outage-1", "open")
        assert row["group_id"] == row_of(travel, "outage-1")["group_id"]
        assert row["due_at"] > travel.clock.now
    group = row_of(travel, "outage-1")["group_id"]
    shown = await travel.sign_in("zhou").get(f"/api/v1/alerts?group={group}")
    assert len(shown.json()["items"]) == 1 + len(silences)
    status = (await travel.sign_in("zhou").get("/api/v1/routing/status")).json()
    assert (status["held"], status["unassigned"]) == (len(silences), 0)


async def test_when_the_outage_ends_what_still_stands_is_routed_and_what_is_over_is_not(travel):
    over, silences = await out_with(travel)
    back = [ended(travel, one) for one in silences[1:]]
    await raise_alerts(travel, *back, ended(travel, over))
    await route(travel)
    assert told_of_alerts(travel) == ["alert_raised", "alert_raised"]
    first, *others = (one["data"]["episode"] for one in silences)
    assert row_of(travel, first)["assigned_to"] == "zhou"
    assert steps_of(travel, first)[-1] == ("routed", "raised")
    assert row_of(travel, first)["group_id"] == row_of(travel, first)["own_group_id"]
    assert held(travel) == dict.fromkeys(others, ("folded", "outage-1"))


async def test_when_the_outage_is_decided_what_was_over_below_it_is_routed_as_one(travel):
    over, silences = await out_with(travel)
    await raise_alerts(travel, *[ended(travel, one) for one in silences], ended(travel, over))
    await route(travel)
    version = row_of(travel, "outage-1")["version"]
    body = {"verdict": "technical", "note": "基站故障"}
    answer = await ask(travel, "zhou", "/alerts/outage-1/resolve", body, version=version)
    assert answer.status_code == 200, answer.text
    await route(travel)
    assert told_of_alerts(travel) == ["alert_raised", "alert_group"]
    assert len(held(travel)) == len(silences) - 1


async def test_an_outage_that_is_decided_while_it_lasts_holds_nothing_any_more(travel):
    await out_with(travel)
    version = row_of(travel, "outage-1")["version"]
    body = {"verdict": "technical", "note": "基站故障"}
    await ask(travel, "zhou", "/alerts/outage-1/resolve", body, version=version)
    await route(travel)
    assert held(travel) == {}
    assert told_of_alerts(travel) == ["alert_raised"] * 4


async def test_an_outage_holds_a_silence_no_longer_than_the_policy_allows(travel):
    await out_with(travel, count=1)
    most = national().number("alert_inhibition_most_minutes")
    (name,) = held(travel)
    latest = row_of(travel, name)["raised_at"] + timedelta(minutes=most)
    assert row_of(travel, name)["due_at"] == latest
    travel.clock.now = latest
    await route(travel)
    assert held(travel) == {}
    assert row_of(travel, name)["assigned_to"] is not None


async def test_a_silence_that_somebody_was_told_of_stays_with_them(travel):
    await raise_alerts(travel, silence(travel, "silence-1"))
    await route(travel)
    await raise_alerts(travel, outage(travel))
    await route(travel)
    assert held(travel) == {}


async def test_an_outage_explains_no_other_rule_and_no_other_office(travel, site):
    site.add_org("office-2", site.one("SELECT path FROM org WHERE id = 'county-a'"), "office")
    site.rows("UPDATE subject SET org_id = 'office-2' WHERE id = 's-7h3n2c'")
    (who,) = add_subjects(travel, 1)
    guarded = [
        event(travel, rule, subject=who, rule=rule, severity="critical")
        for rule in ("sos", "strap", "case", "removed")
    ]
    await raise_alerts(
        travel,
        outage(travel),
        *guarded,
        event(travel, "exit", subject=who),
        silence(travel, "elsewhere", org="office-2", subject="s-7h3n2c"),
    )
    await route(travel)
    assert held(travel) == {}


async def test_after_an_outage_the_backlog_of_an_office_is_one_group_told_once(travel):
    over, _ = await out_with(travel, count=2)
    await raise_alerts(travel, ended(travel, over))
    await route(travel)
    before = len(told_of_alerts(travel))
    people = ["s-more0", "s-more1", "s-7h3n2c"]
    storm = [event(travel, f"late-{who}", subject=who, late=True, ago=200) for who in people]
    await raise_alerts(travel, *storm)
    await route(travel)
    assert told_of_alerts(travel)[before:] == ["alert_group"]
    groups = {row_of(travel, f"late-{who}")["group_id"] for who in people}
    assert len(groups) == 1


@pytest.mark.parametrize("rule", ["gateway_silent", "gateway_broker"])
async def test_a_gateway_that_hears_nothing_holds_what_it_told_of_silences(travel, site, rule):
    site.rows(
        "INSERT INTO alert (id, org_id, rule, severity, begin_time, late, evidence, category,"
        " fingerprint, alike_at, own_group_id, group_id) VALUES ('own-1', 'county-a', %s,"
        " 'critical', %s, false, '{\"source\": \"gw-1\"}', 'device', 'f', now(), 'g-1', 'g-1')",
        (rule, anchor(travel) - timedelta(minutes=4)),
    )
    site.rows("INSERT INTO own_trouble VALUES ('county-a', 'gw-1', %s, now(), 'own-1')", (rule,))
    await raise_alerts(travel, silence(travel, "silence-1"), outage(travel))
    await route(travel)
    assert held(travel)["outage-1"] == ("inhibited", "own-1")
    # The nearest first: it is the outage that explains the silence.
    assert held(travel)["silence-1"] == ("inhibited", "outage-1")
    site.rows("DELETE FROM own_trouble")
    site.rows("UPDATE alert SET condition = 'cleared' WHERE id = 'own-1'")
    await route(travel)
    assert set(held(travel)) == {"silence-1"}
    assert row_of(travel, "outage-1")["assigned_to"] == "zhou"
