"""Alerts that are one matter: groups, storms, lists and acts; on a real database."""

import asyncio
import random

import psycopg
import pytest

from server.bell import Bell
from server.routing.worker import Router
from tests.server.alert_work import refused
from tests.server.alert_world import (
    add_handler,
    alert_of,
    ask,
    enter_shifts,
    raise_alerts,
    route,
    row_of,
    steps_of,
    told,
    turn,
)
from tests.server.group_work import (
    add_subjects,
    event,
    group_ids,
    held,
    silence,
    told_of_alerts,
)
from tests.server.travelling import travel_of

GUARDED = ("sos", "strap", "case", "removed")
OTHER = "s-7h3n2c"


@pytest.fixture
async def travel(site):
    add_handler(site, "zhou", "office-1")
    async with travel_of(site) as one:
        await enter_shifts(one, turn(one, "zhou", None, 8))
        yield one


async def listed(travel, query="", login="supervisor"):
    answer = await travel.sign_in(login).get(f"/api/v1/alerts{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def partition(groups):
    return {frozenset(a for a, g in groups.items() if g == name) for name in set(groups.values())}


def night(travel, *ages):
    """One person's exits."""
    return [event(travel, f"exit-{age}", ago=age) for age in ages]


@pytest.mark.parametrize("seed", range(3))
async def test_in_any_order_of_arrival_the_same_alerts_are_groups(travel, seed):
    events = night(travel, 0, 40, 90, 149, 211, 600)
    random.Random(seed).shuffle(events)  # noqa: S311 - an order, no secret
    for one in events:
        await raise_alerts(travel, one)
    assert partition(group_ids(travel)) == {
        frozenset({"exit-0", "exit-40", "exit-90", "exit-149"}),
        frozenset({"exit-211"}),
        frozenset({"exit-600"}),
    }


async def test_two_gateways_at_once_find_one_group(travel, site):
    first, second = night(travel, 0, 20)
    await raise_alerts(travel, first)
    feed = site.one("SELECT max(id) FROM feed")
    third, bridge = night(travel, 110, 60)
    await raise_alerts(travel, third)
    await raise_alerts(travel, bridge, second)
    assert len(set(group_ids(travel).values())) == 1
    # What went to another group reads otherwise now, and the screens are told.
    told_later = site.rows("SELECT ref FROM feed WHERE id > %s", (feed,))
    assert {row["ref"] for row in told_later} >= {"exit-60", "exit-20", "exit-110"}


async def test_what_repeats_is_routed_once_while_the_first_is_with_somebody(travel):
    await raise_alerts(travel, event(travel, "e-1", ago=9))
    await route(travel)
    await raise_alerts(travel, event(travel, "e-2", ago=6), event(travel, "e-3", ago=3))
    await route(travel)
    assert told(travel) == [("alert_raised", "zhou")]
    assert held(travel) == {"e-2": ("folded", "e-1"), "e-3": ("folded", "e-1")}
    assert steps_of(travel, "e-2") == [("raised", None), ("routed", "folded")]
    assert row_of(travel, "e-2")["due_at"] is not None
    shown = await alert_of(travel, "e-2")
    assert (shown["held_as"], shown["held_by"]) == ("folded", "e-1")


async def test_when_the_first_is_resolved_the_rest_is_routed_as_one(travel):
    await raise_alerts(travel, *[event(travel, f"e-{n}", ago=n) for n in range(1, 5)])
    await route(travel)
    (head,) = set(group_ids(travel)) - set(held(travel))
    body = {"verdict": "technical", "note": "设备漂移"}
    version = row_of(travel, head)["version"]
    answer = await ask(travel, "zhou", f"/alerts/{head}/resolve", body, version=version)
    assert answer.status_code == 200, answer.text
    await route(travel)
    assert told_of_alerts(travel) == ["alert_group", "alert_group"]
    assert len(held(travel)) == 2
    counts = travel.site.rows("SELECT body FROM notification ORDER BY id")
    assert [row["body"] for row in counts] == [{"count": "4"}, {"count": "3"}]


async def test_who_takes_on_a_held_alert_has_it_alone(travel):
    await raise_alerts(travel, event(travel, "e-1", ago=9), event(travel, "e-2", ago=6))
    await route(travel)
    ((name, _),) = held(travel).items()
    version = row_of(travel, name)["version"]
    answer = await ask(travel, "zhou", f"/alerts/{name}/acknowledge", {}, version=version)
    assert answer.status_code == 200, answer.text
    assert held(travel) == {}
    await route(travel)
    row = row_of(travel, name)
    assert (row["assigned_to"], row["clock_phase"]) == ("zhou", "acknowledged")


async def test_what_is_graver_is_routed_on_its_own_and_then_stands_for_the_group(travel):
    await raise_alerts(travel, silence(travel, "e-1", severity="minor", ago=9))
    await route(travel)
    await raise_alerts(travel, silence(travel, "e-2", ago=6))
    await route(travel)
    await raise_alerts(travel, silence(travel, "e-3", ago=3))
    await route(travel)
    assert held(travel) == {"e-3": ("folded", "e-2")}
    assert told_of_alerts(travel) == ["alert_raised", "alert_group"]


async def test_a_critical_alert_is_routed_on_its_own_each_time(travel):
    again = [event(travel, f"e-{n}", rule="exclusion", severity="critical") for n in range(3)]
    await raise_alerts(travel, *again)
    await route(travel)
    assert held(travel) == {}
    assert told_of_alerts(travel) == ["alert_raised"] * 3


@pytest.mark.parametrize("rule", GUARDED)
async def test_a_call_for_help_a_strap_or_a_case_is_never_folded(travel, rule):
    late = {"late": True, "rule": rule, "severity": "critical"}
    await raise_alerts(travel, *[event(travel, f"e-{n}", ago=n, **late) for n in range(1, 4)])
    await route(travel)
    assert set(group_ids(travel).values()) == {None}
    assert told_of_alerts(travel) == ["alert_raised"] * 3
    with pytest.raises(psycopg.errors.CheckViolation, match="alert_never_grouped"):
        travel.site.rows("UPDATE alert SET group_id = 'g-1' WHERE id = 'e-1'")


async def test_the_table_holds_nothing_without_a_clock_or_that_somebody_has(travel):
    await raise_alerts(travel, event(travel, "e-1", ago=9), event(travel, "e-2", ago=6))
    await route(travel)
    for change in ("due_at = NULL", "held_by = NULL", "held_by = id"):
        query = f"UPDATE alert SET {change} WHERE held_as IS NOT NULL"  # noqa: S608 - a constant
        with pytest.raises(psycopg.errors.CheckViolation):
            travel.site.rows(query)


async def test_a_backlog_of_one_person_is_one_group_routed_once_with_its_count(travel):
    rules = ("inclusion", "curfew", "route", "inclusion", "position_lost")
    storm = [
        event(travel, f"e-{n}", rule=rule, late=True, ago=300 * n) for n, rule in enumerate(rules)
    ]
    strap = event(travel, "strap", rule="strap", severity="critical", late=True)
    await raise_alerts(travel, *storm, strap, event(travel, "other", subject=OTHER, late=True))
    await route(travel)
    groups = group_ids(travel)
    assert len({groups[f"e-{n}"] for n in range(5)}) == 1
    assert len(held(travel)) == 4
    assert sorted(told_of_alerts(travel)) == ["alert_group", "alert_raised", "alert_raised"]
    (count,) = travel.site.rows("SELECT body FROM notification WHERE kind = 'alert_group'")
    assert count["body"] == {"count": "5"}


async def test_reports_that_a_device_held_back_are_a_backlog_too(travel):
    evidence = {"reports": [{"boot": 1, "backlog": True}]}
    storm = [event(travel, f"e-{n}", ago=300 * n, evidence=evidence) for n in range(3)]
    await raise_alerts(travel, *storm)
    assert len(set(group_ids(travel).values())) == 1


async def test_who_has_a_group_is_told_when_it_grew_and_seldom(travel):
    for count in (1, 2, 1, 1, 14, 1):
        have = len(group_ids(travel))
        await raise_alerts(travel, *[event(travel, f"e-{have + n}") for n in range(count)])
        await route(travel)
    # One, three and four wait: the list says so. Then five, and nineteen; twenty are four times.
    assert told_of_alerts(travel) == ["alert_raised", "alert_group_grown", "alert_group_grown"]
    told = travel.site.rows("SELECT login, body, severity FROM notification ORDER BY id OFFSET 1")
    assert [row["body"]["count"] for row in told] == ["5", "20"]
    assert {(row["login"], row["severity"]) for row in told} == {("zhou", "major")}


async def test_a_storm_that_comes_whole_is_told_once_with_its_count(travel):
    await raise_alerts(travel, *[event(travel, f"e-{n}") for n in range(230)])
    await route(travel)
    assert told_of_alerts(travel) == ["alert_group"]
    assert travel.site.one("SELECT body ->> 'count' FROM notification") == "230"


async def test_two_servers_route_a_storm_once(travel):
    people = add_subjects(travel, 6)
    storm = [
        event(travel, f"e-{who}-{n}", subject=who, ago=n) for who in people for n in range(1, 6)
    ]
    await raise_alerts(travel, *storm)
    parts = travel.app.state.parts
    routers = [Router(parts, alerts=Bell(most_waiters=1), every_s=60.0) for _ in range(2)]
    await route(travel)
    travel.site.rows("UPDATE alert SET due_at = %s, level = -1", (travel.clock.now,))
    travel.site.rows("UPDATE alert SET assigned_to = NULL, held_as = NULL, held_by = NULL")
    travel.site.rows("TRUNCATE notification CASCADE")
    await asyncio.gather(*(router.round() for router in routers))
    assert len(told(travel)) == len(people)
    assert len(held(travel)) == len(storm) - len(people)


async def test_a_list_by_group_has_the_newest_of_each_with_count_and_worst(travel):
    await raise_alerts(travel, silence(travel, "e-1", severity="minor", ago=9))
    await raise_alerts(travel, event(travel, "x-1", subject=OTHER))
    await raise_alerts(travel, silence(travel, "e-2", ago=6))
    await raise_alerts(travel, silence(travel, "e-3", severity="minor", ago=3))
    await raise_alerts(travel, event(travel, "strap", rule="strap", severity="critical"))
    page = await listed(travel, "?grouped=true")
    assert [row["id"] for row in page["items"]] == ["strap", "e-3", "x-1"]
    strap, many, single = (row["group"] for row in page["items"])
    assert strap is None
    assert (many["count"], many["waiting"], many["severity"]) == (3, 3, "major")
    assert many["by_state"] == {"open": 3}
    assert single["count"] == 1
    members = await listed(travel, f"?group={many['id']}&limit=2")
    assert [row["id"] for row in members["items"]] == ["e-3", "e-2"]
    rest = await listed(travel, f"?group={many['id']}&limit=2&cursor={members['next_cursor']}")
    assert [row["id"] for row in rest["items"]] == ["e-1"]
    assert "group" not in rest["items"][0] or rest["items"][0]["group"] is None


async def test_pages_of_a_list_by_group_have_every_group_once(travel):
    for who in add_subjects(travel, 4):
        await raise_alerts(travel, *[event(travel, f"{who}-{n}", subject=who) for n in range(2)])
    first = await listed(travel, "?grouped=true&limit=3")
    rest = await listed(travel, f"?grouped=true&limit=3&cursor={first['next_cursor']}")
    found = [row["group_id"] for row in (*first["items"], *rest["items"])]
    assert (len(found), len(set(found))) == (4, 4)
    assert rest["next_cursor"] is None


async def test_a_list_by_group_shows_the_newest_that_the_filter_lets_through(travel):
    await raise_alerts(travel, event(travel, "e-1", ago=9))
    await raise_alerts(travel, event(travel, "e-2", ago=6))
    body = {"verdict": "technical", "note": "设备漂移"}
    await ask(travel, "zhou", "/alerts/e-2/resolve", body, version=1)
    page = await listed(travel, "?grouped=true&state=open")
    assert [row["id"] for row in page["items"]] == ["e-1"]
    assert page["items"][0]["group"]["by_state"] == {"open": 1, "resolved": 1}


async def act(travel, group, body, version, *, login="zhou"):
    headers = {"If-Match": f'"{version}"', "Idempotency-Key": f"act-on-{version}"}
    client = travel.sign_in(login)
    return await client.post(f"/api/v1/alert-groups/{group}/acts", json=body, headers=headers)


async def storm_of(travel, count=4):
    await raise_alerts(
        travel,
        *[event(travel, f"e-{n}", ago=n + 1) for n in range(count)],
        event(travel, "strap", rule="strap", severity="critical"),
        event(travel, "sos", rule="sos", severity="critical", subject=OTHER),
    )
    await route(travel)
    group = row_of(travel, "e-0")["group_id"]
    answer = await travel.sign_in("zhou").get(f"/api/v1/alert-groups/{group}")
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
    return group, answer.json()["version"]


async def test_an_act_on_a_group_moves_each_alert_by_itself_and_leaves_a_strap_out(travel):
    group, version = await storm_of(travel)
    body = {"action": "resolve", "verdict": "technical", "note": "基站故障"}
    answer = await act(travel, group, body, version)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [item["status"] for item in found["items"]] == [200] * 4
    assert [(one["id"], one["rule"]) for one in found["left_out"]] == [("strap", "strap")]
    assert (found["group"]["waiting"], found["more"]) == (0, False)
    for number in range(4):
        assert steps_of(travel, f"e-{number}")[-1][0] == "resolved"
        assert row_of(travel, f"e-{number}")["verdict"] == "technical"
    assert row_of(travel, "strap")["state"] == "open"
    before = travel.site.one("SELECT count(*) FROM alert_step")
    assert (await act(travel, group, body, version)).json() == found
    assert travel.site.one("SELECT count(*) FROM alert_step") == before


async def test_a_group_that_grew_since_it_was_seen_is_not_acted_on(travel):
    group, version = await storm_of(travel)
    await raise_alerts(travel, event(travel, "e-new", ago=0.5))
    body = {"action": "acknowledge", "note": "正在联系本人"}
    answer = await act(travel, group, body, version)
    assert answer.status_code == 412, answer.text
    current = answer.json()["current"]
    assert current["count"] == 5
    assert {row_of(travel, f"e-{n}")["state"] for n in range(4)} == {"open"}
    again = await act(travel, group, body, current["version"])
    assert [item["status"] for item in again.json()["items"]] == [200] * 5


async def test_a_group_is_shelved_until_an_end_that_the_policy_allows(travel):
    group, version = await storm_of(travel)
    until = travel.clock.now.replace(year=2099).isoformat()
    body = {"action": "shelve", "until": until, "note": "设备送修"}
    found = (await act(travel, group, body, version)).json()
    assert {item["status"] for item in found["items"]} == {409}
    assert {row_of(travel, f"e-{n}")["state"] for n in range(4)} == {"open"}


@pytest.mark.parametrize("body", [
    {"action": "resolve", "note": "没有结论"},
    {"action": "resolve", "verdict": "confirmed", "note": "不能批量确认"},
    {"action": "shelve", "note": "没有期限"},
    {"action": "acknowledge", "verdict": "false", "note": "多余"},
])  # fmt: skip
async def test_an_act_on_a_group_says_all_that_it_needs(travel, body):
    assert (await act(travel, "g-1", body, "x")).status_code == 422


async def test_a_group_of_another_county_is_not_there(travel, site):
    group, version = await storm_of(travel)
    site.add_org("elsewhere", "/")
    add_handler(site, "stranger", "elsewhere")
    body = {"action": "acknowledge", "note": "看一下"}
    assert (await act(travel, group, body, version, login="stranger")).status_code == 404
    found = await travel.sign_in("stranger").get(f"/api/v1/alert-groups/{group}")
    assert found.status_code == 404
    assert (await listed(travel, f"?group={group}", login="stranger"))["items"] == []


async def test_a_strap_stays_guarded_when_it_is_named_with_many(travel):
    await storm_of(travel)
    version = row_of(travel, "strap")["version"]
    answer = await ask(
        travel,
        "zhou",
        "/alerts/strap/resolve",
        {"verdict": "technical", "note": "基站故障"},
        version=version,
    )
    assert refused(answer) == "verification_wanted"
