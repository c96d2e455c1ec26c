"""Command mode: one incident, many alerts, tasks with owners and clocks, a time line."""

import pytest

from server.incidents.plan import library
from server.incidents.reminding import REMINDERS
from server.rounds import Rounds
from tests.server.alert_world import (
    add_handler,
    ask,
    enter_shifts,
    raise_alerts,
    route,
    steps_of,
    told,
    turn,
)
from tests.server.events import outcome
from tests.server.travelling import travel_of

PLAN = library()["strap_violence"]


@pytest.fixture
async def travel(site):
    add_handler(site, "zhou", "office-1")
    add_handler(site, "zheng", "office-1", "supervisor")
    async with travel_of(site) as one:
        await enter_shifts(one, turn(one, "zhou", None, 20), turn(one, "zheng", None, 20, "lead"))
        await raise_alerts(one, *[outcome(episode=f"e-{number}") for number in (1, 2, 3)])
        yield one


async def opened(travel, **given):
    body = {
        "org": "office-1",
        "title": "城关镇腕带剪断",
        "plan": PLAN.key,
        "alerts": ["e-1", "e-2"],
    }
    answer = await ask(travel, "supervisor", "/incidents", body | given)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def remind(travel):
    await Rounds(travel.app.state.parts, REMINDERS, every_s=60.0).round()


async def time_line(travel, incident, **asked):
    path = f"/api/v1/incidents/{incident['id']}/timeline"
    return (await travel.sign_in("supervisor").get(path, params=asked)).json()


async def end(travel, incident, number, state="done", *, version=1):
    path = f"/incidents/{incident['id']}/tasks/{number}/end"
    body = {"state": state, "note": "已按预案处置"}
    return await ask(travel, "zhou", path, body, version=version)


async def test_an_incident_gives_every_task_of_its_plan_to_who_is_on_duty(travel):
    incident = await opened(travel)
    owners = {"duty_officer": "zhou", "duty_lead": "zheng", "commander": "supervisor"}
    assert [(task["who"], task["owner"]) for task in incident["tasks"]] == [
        (task.who, owners[task.who]) for task in PLAN.tasks
    ]
    assert incident["alerts"] == ["e-1", "e-2"]
    assert (incident["commander"], incident["plan_version"]) == ("supervisor", "product/1")
    assert sorted(told(travel)) == [("incident_opened", one) for one in sorted(owners.values())]
    assert ("noted", None) in steps_of(travel, "e-1")
    assert len(travel.acts(ref_kind="incident", kind="incident.opened")) == 1


async def test_an_alert_is_of_one_open_incident(travel):
    await opened(travel)
    body = {"title": "又一事件", "plan": "medical", "alerts": ["e-2", "e-3"]}
    answer = await ask(travel, "supervisor", "/incidents", body)
    assert answer.json()["errors"][0]["rule"] == "one_incident"
    assert travel.site.one("SELECT count(*) FROM incident") == 1


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"plan": "none"}, "/plan"),
        ({"alerts": ["e-1", "e-1"]}, "/alerts/1"),
        ({"alerts": ["nobodys"]}, "/alerts/0"),
        ({"commander": "auditor"}, "/commander"),
    ],
)
async def test_what_does_not_exist_is_refused_where_it_stands(travel, given, pointer):
    body = {"title": "事件", "plan": "medical", "alerts": ["e-1"]} | given
    answer = await ask(travel, "supervisor", "/incidents", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert travel.site.one("SELECT count(*) FROM incident") == 0


async def test_an_overdue_task_is_told_again_and_again_until_it_ends(travel):
    incident = await opened(travel, plan="medical", alerts=["e-1"])
    before = len(told(travel))
    travel.clock.move(minutes=4)
    await remind(travel)
    await remind(travel)
    assert sorted(told(travel)[before:]) == [
        ("incident_task", "supervisor"),
        ("incident_task", "zhou"),
    ]
    travel.clock.move(minutes=14)
    assert (await end(travel, incident, 1)).status_code == 200
    before = len(told(travel))
    travel.clock.move(minutes=5)
    await remind(travel)
    # The second task's time is over too; the first has ended and asks for nothing.
    kinds = [
        one["body"].get("task")
        for one in (await time_line(travel, incident))["items"]
        if one["kind"] == "task_overdue"
    ]
    assert kinds == [2, 1]
    assert len(told(travel)) == before + 2


async def test_an_incident_closes_when_every_task_has_ended(travel):
    incident = await opened(travel, plan="medical", alerts=["e-1"])
    closing = f"/incidents/{incident['id']}/closing"
    body = {"summary": "人员已送医，家属到场，情况记录在案"}
    early = await ask(travel, "supervisor", closing, body, version=1)
    assert early.json()["errors"][0]["rule"] == "open_tasks"
    for task in incident["tasks"]:
        answer = await end(travel, incident, task["number"], "dropped")
        assert answer.status_code == 200, answer.text
    again = await end(travel, incident, 1, version=2)
    assert again.json()["errors"][0]["rule"] == "task_over"
    closed = await ask(travel, "supervisor", closing, body, version=1)
    assert (closed.json()["state"], closed.json()["summary"]) == ("closed", body["summary"])
    late = await ask(travel, "zhou", f"/incidents/{incident['id']}/notes", {"note": "补记"})
    assert late.json()["errors"][0]["rule"] == "incident_closed"
    # The alerts are worked on as before; and may be of another incident now.
    assert travel.site.one("SELECT count(*) FROM alert WHERE due_at IS NOT NULL") == 3
    await opened(travel, alerts=["e-1"])


async def test_tasks_change_hands_and_more_are_added(travel):
    incident = await opened(travel, plan="medical", alerts=["e-1"])
    of = f"/incidents/{incident['id']}"
    given = await ask(travel, "zheng", of + "/tasks/1/owner", {"login": "zheng"}, version=1)
    assert given.json()["tasks"][0]["owner"] == "zheng"
    stale = await ask(travel, "zheng", of + "/tasks/1/owner", {"login": "zhou"}, version=1)
    assert stale.status_code == 412
    body = {"text": {"zh": "调取周边监控", "en": "Get the cameras"}, "within_minutes": 30}
    more = (await ask(travel, "zhou", of + "/tasks", body)).json()["tasks"][-1]
    assert (more["number"], more["owner"], more["state"]) == (5, "supervisor", "open")
    named = await ask(travel, "supervisor", of + "/commander", {"login": "zheng"}, version=1)
    assert (named.json()["commander"], named.json()["version"]) == ("zheng", 2)


async def test_the_time_line_holds_the_steps_of_its_alerts_and_its_own_entries(travel):
    incident = await opened(travel, alerts=["e-1"])
    of = f"/incidents/{incident['id']}"
    await ask(travel, "zhou", of + "/notes", {"note": "民警已到达现场"})
    await ask(travel, "zhou", of + "/alerts", {"alerts": ["e-2"]})
    await route(travel)
    line = (await time_line(travel, incident))["items"]
    found = {(one["kind"], one["alert"]) for one in line}
    assert {("opened", None), ("noted", None), ("alert_added", None)} <= found
    assert {("raised", "e-1"), ("routed", "e-2"), ("noted", "e-2")} <= found
    assert ("raised", "e-3") not in found
    read, cursor = [], None
    while True:
        page = await time_line(travel, incident, limit=2, **({"cursor": cursor} if cursor else {}))
        read += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert read == line


async def test_an_organisation_sets_a_plan_in_place_of_the_products_own(travel):
    task = {"text": {"zh": "逐一联系", "en": "Reach everybody"}, "who": "county"}
    body = {
        "key": "medical",
        "title": {"zh": "本县急救预案", "en": "Our medical plan"},
        "tasks": [task | {"within_minutes": 5}],
        "source": "青司〔2026〕8号",
    }
    for version in (1, 2):
        entered = await ask(travel, "admin", "/incident-plans", body)
        assert entered.json()["version"] == f"county-a/{version}"
    plans = (await travel.sign_in("zhou").get("/api/v1/incident-plans")).json()["items"]
    assert {plan["key"]: plan["version"] for plan in plans}["medical"] == "county-a/2"
    incident = await opened(travel, plan="medical", alerts=["e-1"])
    (only,) = incident["tasks"]
    assert (only["owner"], incident["plan_version"]) == ("officer", "county-a/2")


async def test_an_incident_of_another_county_is_not_there(travel, site):
    incident = await opened(travel)
    site.add_org("county-b", "/")
    site.add_account("stranger", "county-b", "supervisor")
    for path in ("", "/timeline"):
        answer = await travel.sign_in("stranger").get(f"/api/v1/incidents/{incident['id']}{path}")
        assert answer.status_code == 404
