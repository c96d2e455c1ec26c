"""Shelving, reopening, verification, notes and many at once, by people and by the clock."""

from datetime import timedelta

import pytest

from server.alerts.shelf import SHELF
from server.rounds import Rounds
from tests.server.alert_work import alert_work_of, refused
from tests.server.alert_world import route, steps_of


@pytest.fixture
async def work(site):
    async with alert_work_of(site) as desk:
        yield desk


def in_hours(work, hours):
    return (work.travel.clock.now + timedelta(hours=hours)).isoformat()


async def ended_shelvings(work):
    return await Rounds(work.travel.app.state.parts, SHELF, every_s=60.0).round()


async def test_what_is_shelved_comes_back_at_its_end_and_says_so(work):
    await work.comes()
    await work.do("of-1", "acknowledge")
    answer = await work.do("of-1", "shelve", until=in_hours(work, 2), note="设备送修")
    assert (answer.status_code, answer.json()["state"]) == (200, "shelved"), answer.text
    assert (answer.json()["due_at"], answer.json()["shelved_from"]) == (None, "acknowledged")
    assert await ended_shelvings(work) == 0
    work.travel.clock.move(hours=3)
    assert (await ended_shelvings(work), await ended_shelvings(work)) == (1, 0)
    alert = await work.alert()
    assert (alert["state"], alert["shelved_until"]) == ("acknowledged", None)
    assert alert["due_at"] is not None
    steps = [(step["step"], step["by_login"], step["note"]) for step in alert["steps"]]
    assert steps[-2:] == [("shelved", "of-1", "设备送修"), ("unshelved", None, None)]


async def test_a_shelving_is_bounded_and_ends_early_for_graver_evidence(work):
    await work.comes(severity="minor")
    late = await work.do("of-1", "shelve", until=in_hours(work, 73))
    assert refused(late) == "shelf_end"
    assert (await work.do("of-1", "shelve", until=in_hours(work, 70))).status_code == 200
    await work.comes("amended", severity="minor")
    assert (await work.alert())["state"] == "shelved"
    await work.comes("amended", severity="critical")
    alert = await work.alert()
    assert (alert["state"], alert["severity"], alert["level"]) == ("open", "critical", -1)
    assert alert["due_at"] is not None


@pytest.mark.parametrize("rule", ["sos", "strap"])
async def test_a_strap_is_dismissed_by_two_people_only(work, rule):
    await work.comes(rule=rule)
    assert refused(await work.do("of-1", "shelve", until=in_hours(work, 1))) == "never_shelved"
    await work.comes("superseded", rule=rule, late=True)
    alert = await work.alert()
    assert (alert["state"], alert["condition"]) == ("open", "superseded")
    for verdict in ("false", "technical"):
        answer = await work.do("of-1", "resolve", verdict=verdict)
        assert refused(answer) == "verification_wanted"
    assert (await work.verify("of-2")).status_code == 200
    answer = await work.do("of-2", "resolve", verdict="false")
    assert refused(answer) == "verification_wanted"
    answer = await work.do("of-1", "resolve", verdict="false")
    assert answer.status_code == 200, answer.text
    # What was verified before it was opened again does not count.
    assert (await work.do("su-1", "reopen", note="仍有疑点")).status_code == 200
    answer = await work.do("of-1", "resolve", verdict="false")
    assert refused(answer) == "verification_wanted"
    # Whoever says that he was there may not have been.
    assert (await work.verify("of-1", means="field_visit")).status_code == 200
    for verdict in ("false", "excused"):
        answer = await work.do("of-1", "resolve", verdict=verdict)
        assert refused(answer) == "verification_wanted"
    assert (await work.verify("of-2", means="field_visit")).status_code == 200
    assert (await work.do("of-1", "resolve", verdict="false")).status_code == 200


async def test_a_verification_that_lapses_escalates_and_is_reported_once(work):
    await work.comes(rule="strap")
    await work.do("of-1", "acknowledge")
    await route(work.travel)
    version = (await work.alert())["version"]
    due = in_hours(work, 0.2)
    task = {"means": "call", "assigned_to": "of-2", "due_at": due}
    asked = await work.post("of-1", "/alerts/episode-1/verifications", task, version=version)
    assert asked.status_code == 201, asked.text
    assert (await work.alert())["due_at"] == asked.json()["due_at"]
    work.travel.clock.move(hours=0.3)
    await route(work.travel)
    assert steps_of(work.travel)[-1][0] == "escalated"
    answer = await work.verify("of-2")
    task = answer.json()
    assert (task["state"], task["done_by"], task["asked_by"]) == ("done", "of-2", "of-1")
    path = f"/alert-verifications/{task['id']}/result"
    result = {name: task[name] for name in ("means", "outcome", "happened_time", "report")}
    assert (await work.post("of-1", path, result, version=1)).status_code == 412
    assert (await work.post("of-1", path, result, version=2)).status_code == 409
    told = work.travel.site.rows("SELECT login, kind FROM notification")
    assert {"login": "of-2", "kind": "alert_verification"} in told
    listed = await work.travel.sign_in("su-1").get("/api/v1/alerts/episode-1/verifications")
    assert [one["state"] for one in listed.json()["items"]] == ["done", "open"]
    nobody = {"means": "call", "assigned_to": "nobody"}
    version = (await work.alert())["version"]
    answer = await work.post("of-1", "/alerts/episode-1/verifications", nobody, version=version)
    assert answer.json()["errors"][0]["pointer"] == "/assigned_to"


async def test_a_supervisor_or_graver_late_data_opens_again_what_was_dismissed(work):
    await work.comes(severity="major")
    await work.do("of-1", "resolve", verdict="false")
    assert refused(await work.do("of-1", "reopen")) == "supervisor_only"
    await work.comes("amended", severity="critical", late=True)
    alert = await work.alert()
    assert (alert["state"], alert["verdict"]) == ("open", None)
    assert [step["step"] for step in alert["steps"]][-2:] == ["amended", "reopened"]
    await work.do("of-1", "resolve", verdict="excused")
    answer = await work.do("su-1", "reopen", note="证明系伪造")
    assert (answer.json()["state"], answer.json()["verdict"]) == ("open", None)


async def test_what_late_data_withdraws_comes_back_when_it_is_raised_again(work):
    await work.comes()
    await work.do("of-1", "acknowledge")
    await work.comes("superseded", late=True)
    alert = await work.alert()
    assert (alert["state"], alert["due_at"]) == ("superseded", None)
    counts = await work.travel.sign_in("of-1").get("/api/v1/alerts/counts")
    assert set(counts.json().values()) == {0}
    # Both versions stay, as they came.
    assert work.travel.site.one("SELECT count(*) FROM outcome WHERE episode_id = 'episode-1'") == 2
    await work.comes("raised", late=True)
    alert = await work.alert()
    assert (alert["state"], alert["condition"]) == ("open", "active")
    assert alert["due_at"] is not None


async def test_many_are_handled_at_once_and_each_has_its_own_outcome(work):
    for name in ("e-1", "e-2"):
        await work.comes(episode=name)
    await work.comes(episode="e-3", rule="strap")
    items = [{"id": name, "version": 1} for name in ("e-3", "e-2", "e-1", "none")]
    items[2]["version"] = 7
    body = {"action": "resolve", "verdict": "technical", "note": "基站故障", "alerts": items}
    answer = await work.post("of-1", "/alerts/bulk", body)
    outcomes = {one["id"]: one["status"] for one in answer.json()["items"]}
    assert outcomes == {"e-3": 409, "e-2": 200, "e-1": 412, "none": 404}
    assert list(outcomes) == ["e-3", "e-2", "e-1", "none"]
    states = [(await work.alert(name))["state"] for name in ("e-1", "e-2", "e-3")]
    assert states == ["open", "resolved", "open"]
    body |= {"verdict": "confirmed"}
    assert (await work.post("of-1", "/alerts/bulk", body)).status_code == 422


async def test_a_note_is_a_line_of_its_own_whatever_the_state(work):
    await work.comes()
    await work.do("of-1", "resolve", verdict="excused")
    answer = await work.post("of-2", "/alerts/episode-1/notes", {"note": "家属补交证明"})
    assert (answer.status_code, answer.json()["state"]) == (200, "resolved")
    step = (await work.alert())["steps"][-1]
    assert (step["step"], step["by_login"], step["note"]) == ("noted", "of-2", "家属补交证明")
