"""What people do with alerts, and what follows from it."""

import asyncio

import pytest

from tests.server.conftest import post_outcomes, vector
from tests.server.events import outcome

ALERT = "/api/v1/alerts/episode-1"


def seen(version):
    return {"If-Match": f'"{version}"'}


@pytest.fixture
async def raised(gateway):
    answer = await post_outcomes(gateway, [outcome()])
    assert answer.status_code == 200, answer.text


@pytest.mark.usefixtures("raised")
async def test_an_alert_reads_as_the_page_says(officer):
    answer = await officer.get(ALERT)
    assert answer.headers["etag"] == '"1"'
    alert = answer.json()
    steps = alert.pop("steps")
    assert alert.pop("raised_at").endswith("Z")
    assert alert.pop("due_at").endswith("Z")
    assert alert.pop("group_id").startswith("g-")
    assert alert == {
        "id": "episode-1",
        "version": 1,
        "rule": "exclusion",
        "severity": "critical",
        "category": "violation",
        "title": None,
        "explanation": None,
        "state": "open",
        "condition": "active",
        "verdict": None,
        "subject": {"id": "s-4k2m9q", "name": "张三"},
        "device": "wb-000001",
        "fence": {"id": "f-school", "name": "城关小学"},
        "begin_time": "2026-11-22T01:02:03Z",
        "end_time": None,
        "late": False,
        "evidence": {"reports": [], "parameters": {}},
        "org": "office-1",
        "level": -1,
        "assigned_to": None,
        "shelved_until": None,
        "shelved_from": None,
        "held_by": None,
        "held_as": None,
        "device_model": "wristband",
        "fence_kind": "exclusion",
        "alike": {
            "by": "fence_kind",
            "key": "exclusion",
            "days": 180,
            "judged": 0,
            "confirmed": 0,
            "precision": None,
        },
    }
    assert [(step["step"], step["by_login"]) for step in steps] == [("raised", None)]


@pytest.mark.usefixtures("raised")
async def test_every_step_says_who_and_why(officer):
    await officer.post(ALERT + "/acknowledge", json={"note": "打电话"}, headers=seen(1))
    body = {"verdict": "excused", "note": "就医,已批准"}
    answer = await officer.post(ALERT + "/resolve", json=body, headers=seen(2))
    assert (answer.json()["state"], answer.json()["verdict"]) == ("resolved", "excused")
    steps = (await officer.get(ALERT)).json()["steps"]
    assert [(s["step"], s["by_login"], s["by_name"], s["note"], s["verdict"]) for s in steps] == [
        ("raised", None, None, None, None),
        ("acknowledged", "officer", "值班员", "打电话", None),
        ("resolved", "officer", "值班员", "就医,已批准", "excused"),
    ]


@pytest.mark.usefixtures("raised")
async def test_an_action_without_the_seen_version_is_refused(officer):
    answer = await officer.post(ALERT + "/acknowledge", json={})
    assert answer.status_code == 428


@pytest.mark.usefixtures("raised")
async def test_the_slower_of_two_officers_gets_the_alert_as_it_is(people):
    quick, slow = people("officer"), people("supervisor")
    answers = await asyncio.gather(
        quick.post(ALERT + "/acknowledge", json={}, headers=seen(1)),
        slow.post(ALERT + "/acknowledge", json={}, headers=seen(1)),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    refused = next(answer for answer in answers if answer.status_code == 412).json()
    assert refused["current"]["state"] == "acknowledged"
    assert refused["current"]["version"] == 2


@pytest.mark.usefixtures("raised")
async def test_a_resolved_alert_cannot_be_handled_again(officer):
    body = {"verdict": "false", "note": "漂移"}
    await officer.post(ALERT + "/resolve", json=body, headers=seen(1))
    for action in ("acknowledge", "resolve"):
        answer = await officer.post(f"{ALERT}/{action}", json=body, headers=seen(2))
        assert answer.status_code in (409, 422)


@pytest.mark.parametrize("note", ["", "   ", "x" * 2001])
@pytest.mark.usefixtures("raised")
async def test_resolving_wants_a_reason(officer, note):
    body = {"verdict": "false", "note": note}
    answer = await officer.post(ALERT + "/resolve", json=body, headers=seen(1))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/note"


async def test_an_unknown_alert_is_not_found(officer):
    answer = await officer.post("/api/v1/alerts/none/acknowledge", json={}, headers=seen(1))
    assert answer.status_code == 404


async def test_lists_page_through_every_alert_once_newest_first(gateway, officer):
    events = [outcome(episode=f"e-{number}") for number in range(7)]
    for number, event in enumerate(events):
        await post_outcomes(gateway, [event], first=number + 1)
    found, cursor = [], None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await officer.get("/api/v1/alerts", params=query)).json()
        found += [alert["id"] for alert in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [f"e-{number}" for number in reversed(range(7))]


async def test_lists_filter_and_counts_count(gateway, officer):
    events = [event["data"] for event in vector("outcomes.json")["events"]]
    raised = {event["episode"]: event["severity"] for event in events}
    for event in events:
        if event["change"] == "superseded":
            raised.pop(event["episode"])
    await post_outcomes(gateway, vector("outcomes.json")["events"])
    get = officer.get
    assert (await get("/api/v1/alerts/counts")).json() == {
        "open": len(raised),
        "acknowledged": 0,
        "dispatched": 0,
        "shelved": 0,
        "critical_open": list(raised.values()).count("critical"),
    }
    by_rule = (await get("/api/v1/alerts", params={"rule": "sos"})).json()["items"]
    assert [alert["rule"] for alert in by_rule] == ["sos"]
    by_subject = (await get("/api/v1/alerts", params={"subject": "s-7h3n2c"})).json()["items"]
    assert [alert["rule"] for alert in by_subject] == ["low_battery"]
    states = {"state": ["acknowledged", "resolved"]}
    assert (await get("/api/v1/alerts", params=states)).json()["items"] == []
    answer = await get("/api/v1/alerts", params={"cursor": "bm9uc2Vuc2U"})
    assert answer.status_code == 422


async def test_an_alert_never_moves_points(gateway, officer, site):
    before = site.rows("SELECT * FROM score_entry ORDER BY id")
    await post_outcomes(gateway, vector("outcomes.json")["events"])
    for alert in (await officer.get("/api/v1/alerts?state=open")).json()["items"]:
        url = f"/api/v1/alerts/{alert['id']}/acknowledge"
        answer = await officer.post(url, json={}, headers=seen(alert["version"]))
        assert answer.status_code == 200
    assert site.rows("SELECT * FROM score_entry ORDER BY id") == before
    assert site.one("SELECT count(*) FROM fact") == 0


@pytest.mark.parametrize("verdict", ["false", "technical", "excused"])
@pytest.mark.usefixtures("raised")
async def test_only_confirmed_makes_a_fact(officer, site, verdict):
    body = {"verdict": verdict, "note": "原因"}
    await officer.post(ALERT + "/resolve", json=body, headers=seen(1))
    assert site.one("SELECT count(*) FROM fact") == 0
    assert site.one("SELECT count(*) FROM score_entry WHERE fact_id IS NOT NULL") == 0


@pytest.mark.parametrize(
    ("rule", "entered"),
    [
        ("exclusion", ("unapproved_outing", -20)),
        ("inclusion", ("unapproved_outing", -20)),
        ("strap", ("device_removal", -30)),
        ("removed", ("device_removal", -30)),
        ("low_battery", ("low_battery_neglect", -3)),
    ],
)
async def test_a_confirmed_alert_is_one_ledger_entry(gateway, officer, site, rule, entered):
    await post_outcomes(gateway, [outcome(rule=rule)])
    body = {"verdict": "confirmed", "note": "本人承认"}
    answer = await officer.post(ALERT + "/resolve", json=body, headers=seen(1))
    assert answer.status_code == 200, answer.text
    ledger = (await officer.get("/api/v1/subjects/s-4k2m9q/ledger")).json()
    entry = ledger["entries"][0]
    assert (entry["indicator"], entry["points"]) == entered
    assert (entry["author"], entry["balance"]) == ("officer", ledger["score"]["total"])
    assert entry["fact"]["alert_id"] == "episode-1"
    assert entry["fact"]["note"] == "本人承认"
    assert ledger["score"]["total"] == pytest.approx(324.8 + 450 + entered[1])
    told = (await officer.get(ALERT)).json()["steps"][-1]
    assert told["step"] == "resolved"
    record = await officer.get(f"/api/v1/facts/{told['body']['fact']}")
    assert (record.status_code, record.json()["alert_id"]) == (200, "episode-1")
    evidence = site.one("SELECT evidence FROM fact")
    assert evidence["rule"] == rule
    assert not {"engine", "explanation"} & set(evidence)  # the record has them, to be destroyed


async def test_a_rule_without_an_indicator_makes_a_fact_without_points(gateway, officer, site):
    await post_outcomes(gateway, [outcome(rule="sos", fence=None, fence_version=None)])
    body = {"verdict": "confirmed", "note": "突发疾病"}
    await officer.post(ALERT + "/resolve", json=body, headers=seen(1))
    assert site.one("SELECT indicator FROM fact") == "sos"
    assert site.one("SELECT count(*) FROM score_entry WHERE fact_id IS NOT NULL") == 0


async def test_a_minors_confirmed_fact_moves_no_points(gateway, officer, site):
    site.rows("UPDATE subject SET is_minor = true WHERE id = 's-4k2m9q'")
    await post_outcomes(gateway, [outcome()])
    body = {"verdict": "confirmed", "note": "属实"}
    await officer.post(ALERT + "/resolve", json=body, headers=seen(1))
    assert site.one("SELECT count(*) FROM fact") == 1
    assert site.one("SELECT count(*) FROM score_entry WHERE fact_id IS NOT NULL") == 0


async def test_late_data_after_a_verdict_changes_the_condition_only(gateway, officer, site):
    await post_outcomes(gateway, [outcome()])
    body = {"verdict": "confirmed", "note": "属实"}
    await officer.post(ALERT + "/resolve", json=body, headers=seen(1))
    await post_outcomes(gateway, [outcome("superseded", late=True)], first=2)
    row = site.rows("SELECT state, verdict, condition FROM alert")[0]
    assert row == {"state": "resolved", "verdict": "confirmed", "condition": "superseded"}
    assert site.one("SELECT count(*) FROM score_entry WHERE fact_id IS NOT NULL") == 1
