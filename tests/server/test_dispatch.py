"""Somebody is sent to an alert and what becomes of it; on a real database."""

import pytest

from server.dispatch.lapsing import LAPSES
from server.dispatch.recalling import CONTRADICTED, RECALLS
from server.law.policy import national
from server.rounds import Rounds
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
from tests.server.conftest import TOKEN, http
from tests.server.events import outcome
from tests.server.recordings import Recording, add_recorder, announce
from tests.server.travelling import travel_of

GATEWAY = "/api/v1/gateway/commands"
TASKS = "/alerts/episode-1/tasks"
ACK_MINUTES = national().number("alert_ack_critical_minutes")
PLACE = {"datum": "WGS84", "longitude_deg": 119.91, "latitude_deg": 28.42, "name": "人民路8号"}


@pytest.fixture
async def travel(site):
    for login in ("zhou", "wu"):
        add_handler(site, login, "office-1")
    site.rows(
        "INSERT INTO device (id, org_id, kind, expected_interval_s)"
        " VALUES ('ot-1', 'office-1', 'terminal', 60)"
    )
    site.rows(
        "INSERT INTO binding (org_id, device_id, holder_kind, holder_id, valid_from)"
        " VALUES ('office-1', 'ot-1', 'officer', 'wu', now() - interval '1 day')"
    )
    async with travel_of(site) as one:
        await enter_shifts(one, turn(one, "zhou", None, 8), turn(one, "wu", None, 8))
        await raise_alerts(one, outcome(rule="strap"))
        await route(one)
        yield one


async def send(travel, login="wu", *, by="zhou", **body):
    version = row_of(travel)["version"]
    return await ask(travel, by, TASKS, {"login": login, **body}, version=version)


async def sent(travel, login="wu", **body):
    answer = await send(travel, login, **body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def listed(travel):
    async with http(travel.app) as gateway:
        gateway.headers["Authorization"] = f"Bearer {TOKEN}"
        return (await gateway.get(GATEWAY)).json()["commands"]


async def said(travel, task, *states, **more):
    """The person's terminal says so, through the gateway."""
    command = f"t-{task['id']}"
    events = []
    for state in states:
        at = travel.clock.move(seconds=1).isoformat()
        events.append({"command": command, "state": state, "at": at} | more)
    async with http(travel.app) as gateway:
        gateway.headers["Authorization"] = f"Bearer {TOKEN}"
        answer = await gateway.post(GATEWAY, json={"events": events})
        assert answer.status_code == 200, answer.text
        again = await gateway.post(GATEWAY, json={"events": events})
        assert again.json() == {"changed": 0}
    return answer.json()["changed"]


async def state_of(travel, task):
    return (await travel.sign_in("zhou").get(f"/api/v1/tasks/{task['id']}")).json()


async def lapse(travel):
    return await Rounds(travel.app.state.parts, LAPSES, every_s=60.0).round()


async def test_a_task_goes_to_the_terminal_and_its_answers_to_the_alert(travel):
    task = await sent(travel, place=PLACE)
    assert (task["state"], task["device"], task["sent_by"]) == ("sent", "ot-1", "zhou")
    (order,) = await listed(travel)
    assert (order["name"], order["device"]) == ("task", "ot-1")
    assert order["task"]["longitude_deg"] == PLACE["longitude_deg"]
    assert "张三" not in order["text"]
    await said(travel, task, "sent", "answered", "accepted", "en_route", "on_site")
    await said(travel, task, "reported", detail="表带被剪断", finding="founded")
    shown = await state_of(travel, task)
    assert (shown["state"], shown["finding"], shown["report"]) == (
        "reported",
        "founded",
        "表带被剪断",
    )
    assert [step["step"] for step in shown["steps"]] == [
        *("sent", "received", "accepted", "en_route", "on_site", "reported")
    ]
    found = [step for step, _ in steps_of(travel)]
    assert found[2:] == ["dispatched", "accepted", "en_route", "on_site", "reported", "verified"]
    assert (await alert_of(travel))["state"] == "dispatched"
    assert ("task_assigned", "wu") in told(travel)


async def test_an_officer_without_a_terminal_answers_by_the_app(travel):
    task = await sent(travel, "zhou")
    assert (task["device"], await listed(travel)) == (None, [])
    for state in ("accepted", "accepted", "en_route", "on_site"):
        answer = await ask(travel, "zhou", f"/tasks/{task['id']}/answer", {"state": state})
        assert answer.json()["state"] == state
    body = {"finding": "unfounded", "text": "表带完好"}
    answer = await ask(travel, "zhou", f"/tasks/{task['id']}/report", body)
    assert (answer.status_code, answer.json()["state"]) == (200, "reported")
    late = await ask(travel, "zhou", f"/tasks/{task['id']}/answer", {"state": "declined"})
    assert late.json()["errors"][0]["rule"] == "task_state"


async def test_a_report_names_its_recordings_on_the_alerts_time_line(travel):
    add_recorder(travel.site)
    gateway = http(travel.app)
    gateway.headers["Authorization"] = f"Bearer {TOKEN}"
    film = Recording("v-9", b"film of the visit")
    await announce(gateway, film, first=2)
    task = await sent(travel, "zhou")
    for state in ("accepted", "on_site"):
        await ask(travel, "zhou", f"/tasks/{task['id']}/answer", {"state": state})
    body = {"finding": "founded", "text": "表带被剪断", "media": [film.id]}
    unknown = body | {"media": [film.id, "rc-0001.none"]}
    path = f"/tasks/{task['id']}/report"
    assert (await ask(travel, "zhou", path, unknown)).status_code == 404
    assert travel.site.one("SELECT count(*) FROM media_link") == 0
    answer = await ask(travel, "zhou", path, body)
    assert (answer.status_code, answer.json()["state"]) == (200, "reported"), answer.text
    (link,) = travel.site.rows("SELECT media_id, kind, ref_id, by_login FROM media_link")
    assert list(link.values()) == [film.id, "task", task["id"], "zhou"]
    shown = (await travel.sign_in("zhou").get("/api/v1/alerts/episode-1")).json()["steps"]
    told = next(step["body"] for step in shown if step["step"] == "reported")
    assert (told["finding"], told["media"]) == ("founded", [film.id])


@pytest.mark.parametrize("is_announced_first", [True, False])
async def test_a_terminals_report_names_recordings_announced_or_not_yet(travel, is_announced_first):
    add_recorder(travel.site)
    gateway = http(travel.app)
    gateway.headers["Authorization"] = f"Bearer {TOKEN}"
    film, other = Recording("v-9", b"film of the visit"), Recording("v-8", b"of something else")
    task = await sent(travel)
    await said(travel, task, "accepted", "on_site")
    if is_announced_first:
        await announce(gateway, other, film, first=2)
    media = ["rc-0001/v-9", "rc-0001/never"]
    await said(travel, task, "reported", detail="表带被剪断", finding="founded", media=media)
    if not is_announced_first:
        assert travel.site.one("SELECT count(*) FROM media_link") == 0
        await announce(gateway, other, film, first=2)
    (link,) = travel.site.rows(
        "SELECT media_id, kind, ref_id, subject_id, by_login FROM media_link"
    )
    assert list(link.values()) == [film.id, "task", task["id"], "s-4k2m9q", "wu"]
    kept = travel.site.rows("SELECT recording, retention FROM media ORDER BY recording")
    assert [tuple(one.values()) for one in kept] == [("v-8", "months"), ("v-9", "case")]
    shown = (await travel.sign_in("zhou").get("/api/v1/alerts/episode-1")).json()["steps"]
    told = next(step["body"] for step in shown if step["step"] == "reported")
    assert told["media"] == [film.id, Recording("never", b"").id]


def newest(travel, *rows):
    """Where holders are: (kind, id, longitude in 1e-7 degrees, minutes ago)."""
    for feed, (kind, holder, lon_e7, minutes) in enumerate(rows, 1):
        travel.site.rows(
            "INSERT INTO latest_position (device_id, org_id, holder_kind, holder_id, report_time,"
            " alarms, fix_time, lon_e7, lat_e7, accuracy_mm, feed_id) SELECT %(device)s,"
            " 'office-1', %(kind)s, %(holder)s, t, 0, t, %(lon)s, 284200000, 5000, %(feed)s"
            " FROM (SELECT now() - make_interval(mins => %(minutes)s) AS t) given",
            {"device": f"p-{feed}", "kind": kind, "holder": holder, "lon": lon_e7}
            | {"minutes": minutes, "feed": feed},
        )


async def dismissed(travel, login):
    body = {"verdict": "false", "note": "误报"}
    version = row_of(travel)["version"]
    answer = await ask(travel, login, "/alerts/episode-1/resolve", body, version=version)
    if answer.status_code == 200:
        return "resolved"
    return answer.json()["errors"][0]["rule"]


PERSON = ("subject", "s-4k2m9q", 1_199_100_000, 600)
HERE, FAR = 1_199_110_000, 1_199_200_000
"""98 m and 980 m from the person."""


@pytest.mark.parametrize(
    ("seen", "answers", "expected"),
    [
        ([PERSON, ("officer", "zhou", HERE, 1)], ["on_site"], "resolved"),
        ([PERSON, ("officer", "zhou", HERE, 1)], [], "verification_wanted"),
        ([PERSON, ("officer", "zhou", FAR, 1)], ["on_site"], "verification_wanted"),
        ([PERSON, ("officer", "zhou", HERE, 16)], ["on_site"], "verification_wanted"),
        ([PERSON, ("officer", "wu", HERE, 1)], ["on_site"], "verification_wanted"),
        ([("officer", "zhou", HERE, 1)], ["on_site"], "verification_wanted"),
        ([PERSON], ["on_site"], "verification_wanted"),
    ],
)
async def test_one_person_alone_dismisses_a_strap_only_where_a_terminal_shows_the_visit(
    travel, seen, answers, expected
):
    task = await sent(travel, "zhou", place=PLACE)
    for state in ("accepted", *answers):
        await ask(travel, "zhou", f"/tasks/{task['id']}/answer", {"state": state})
    newest(travel, *seen)
    body = {"finding": "unfounded", "text": "表带完好"}
    assert (await ask(travel, "zhou", f"/tasks/{task['id']}/report", body)).status_code == 200
    assert await dismissed(travel, "zhou") == expected


async def test_a_visit_by_another_person_needs_no_position(travel):
    task = await sent(travel)
    await said(travel, task, "accepted", "on_site")
    await said(travel, task, "reported", detail="表带完好", finding="unfounded")
    assert await dismissed(travel, "wu") == "verification_wanted"
    assert await dismissed(travel, "zhou") == "resolved"


async def test_a_terminals_report_is_compared_with_where_it_is(travel):
    task = await sent(travel)
    await said(travel, task, "accepted", "on_site")
    newest(travel, PERSON, ("officer", "wu", HERE, 1))
    await said(travel, task, "reported", detail="表带完好", finding="unfounded")
    shown = (await travel.sign_in("zhou").get("/api/v1/alerts/episode-1")).json()["steps"]
    proof = next(step["body"] for step in shown if step["step"] == "verified")
    assert (proof["proven"], proof["distance_m"], proof["accuracy_m"]) == (True, 98, 5)
    assert await dismissed(travel, "wu") == "resolved"


async def test_nobody_answers_for_another(travel):
    task = await sent(travel)
    answer = await ask(travel, "zhou", f"/tasks/{task['id']}/answer", {"state": "accepted"})
    assert answer.status_code == 403


async def test_what_is_declined_goes_back_to_routing_at_once(travel):
    task = await sent(travel)
    await route(travel)
    assert row_of(travel)["escalate_at"] > travel.clock.now
    answer = await ask(travel, "wu", f"/tasks/{task['id']}/answer", {"state": "declined"})
    assert answer.status_code == 200
    await route(travel)
    assert steps_of(travel)[-1] == ("escalated", "not_on_site")
    assert ("task_overdue", "zhou") in told(travel)


async def test_a_task_that_nobody_accepts_lapses(travel):
    task = await sent(travel)
    assert await lapse(travel) == 0
    travel.clock.move(minutes=ACK_MINUTES, seconds=1)
    assert await lapse(travel) == 1
    assert await lapse(travel) == 0
    assert (await state_of(travel, task))["state"] == "lapsed"
    # Who comes too late is there all the same.
    await said(travel, task, "accepted", "on_site")
    shown = await state_of(travel, task)
    assert shown["state"] == "on_site"
    assert [(s["step"], s["moved"]) for s in shown["steps"]][-2:] == [
        ("accepted", False),
        ("on_site", True),
    ]


async def test_a_second_person_on_the_way_keeps_the_alert_from_going_back(travel):
    first = await sent(travel)
    await sent(travel, "zhou")
    await route(travel)
    await ask(travel, "wu", f"/tasks/{first['id']}/answer", {"state": "declined"})
    await route(travel)
    assert "escalated" not in [step for step, _ in steps_of(travel)]


async def test_who_is_called_back_is_not_sent_the_task(travel):
    task = await sent(travel)
    body = {"note": "本人已到所说明"}
    path = f"/tasks/{task['id']}/cancellation"
    assert (await ask(travel, "zhou", path, body, version=9)).status_code == 412
    answer = await ask(travel, "zhou", path, body, version=task["version"])
    assert answer.json()["state"] == "cancelled"
    # The gateway may have fetched the task already: the terminal is told in any case.
    (text,) = await listed(travel)
    assert (text["name"], text["device"]) == ("text", "ot-1")
    assert "任务撤销：派员人召回" in text["text"]
    assert told(travel)[-1] == ("task_cancelled", "wu")
    assert await said(travel, task, "accepted") == 0


async def due(travel, *dues):
    return await Rounds(travel.app.state.parts, *dues, every_s=60.0).round()


async def resolve(travel, verdict="confirmed"):
    body = {"verdict": verdict, "note": "电话已核实"}
    version = row_of(travel)["version"]
    answer = await ask(travel, "zhou", "/alerts/episode-1/resolve", body, version=version)
    assert answer.status_code == 200, answer.text


async def test_who_is_on_the_way_to_what_is_resolved_is_told_and_why(travel):
    task = await sent(travel)
    await said(travel, task, "sent", "answered", "accepted", "en_route")
    assert await due(travel, RECALLS) == 0
    await resolve(travel)
    assert (await due(travel, RECALLS), await due(travel, RECALLS)) == (1, 0)
    shown = await state_of(travel, task)
    assert (shown["state"], shown["steps"][-1]["step"]) == ("cancelled", "cancelled")
    assert "属实" in shown["steps"][-1]["note"]
    assert told(travel)[-1] == ("task_cancelled", "wu")
    (text,) = [one for one in await listed(travel) if one["name"] == "text"]
    assert "报警已办结：属实，请勿前往" in text["text"]
    assert (await alert_of(travel))["state"] == "resolved"
    assert steps_of(travel)[-1] == ("noted", "cancelled")
    assert await said(travel, task, "on_site") == 0


async def test_who_has_arrived_at_what_is_resolved_still_reports(travel):
    task = await sent(travel)
    await said(travel, task, "answered", "accepted", "on_site")
    await resolve(travel)
    assert await due(travel, RECALLS) == 0
    await said(travel, task, "reported", detail="表带被剪断", finding="founded")
    assert (await state_of(travel, task))["state"] == "reported"


async def test_who_is_on_the_way_to_what_late_data_contradict_is_told_once(travel):
    task = await sent(travel)
    await said(travel, task, "sent", "answered", "accepted")
    assert await due(travel, CONTRADICTED) == 0
    await raise_alerts(travel, outcome("superseded", rule="strap", entry_seq=9))
    assert (await due(travel, RECALLS), await due(travel, CONTRADICTED)) == (0, 1)
    assert await due(travel, CONTRADICTED) == 0
    assert told(travel)[-2:] == [("alert_superseded", "wu"), ("alert_superseded", "zhou")]
    (text,) = [one for one in await listed(travel) if one["name"] == "text"]
    assert "请联系派员人" in text["text"]
    # A person decides: the task stands.
    assert (await state_of(travel, task))["state"] == "accepted"


async def test_a_page_sees_what_who_was_sent_says_as_a_new_version(travel):
    task = await sent(travel)
    for number, state in enumerate(("accepted", "en_route", "on_site"), row_of(travel)["version"]):
        assert await said(travel, task, state) == 1
        assert row_of(travel)["version"] == number + 1


async def test_the_free_and_near_come_first(travel):
    travel.site.rows(
        "INSERT INTO latest_position (device_id, org_id, holder_kind, holder_id, report_time,"
        " alarms, fix_time, lon_e7, lat_e7, accuracy_mm, feed_id) VALUES"
        " ('p-1', 'office-1', 'officer', 'zhou', now(), 0, now(), 1199100000, 284200000, 5000, 1),"
        " ('p-2', 'office-1', 'officer', 'wu', now(), 0, now(), 1199200000, 284200000, 5000, 2)"
    )
    path = "/api/v1/alerts/episode-1/candidates?longitude_deg=119.91&latitude_deg=28.42"
    found = (await travel.sign_in("zhou").get(path)).json()["items"]
    assert [one["login"] for one in found[:2]] == ["zhou", "wu"]
    assert found[0]["distance_m"] == 0
    assert 900 < found[1]["distance_m"] < 1_000
    assert found[1]["position"]["accuracy_m"] == 5
    await sent(travel, "zhou")
    found = (await travel.sign_in("zhou").get(path)).json()["items"]
    assert [(one["login"], one["availability"]) for one in found[:2]] == [
        ("wu", "free"),
        ("zhou", "on_task"),
    ]


async def test_the_same_key_sends_once_and_a_stale_version_nobody(travel):
    client = travel.sign_in("zhou")
    version = row_of(travel)["version"]
    headers = {"Idempotency-Key": "send-once-1", "If-Match": f'"{version}"'}
    path = f"/api/v1{TASKS}"
    first = await client.post(path, json={"login": "wu"}, headers=headers)
    again = await client.post(path, json={"login": "wu"}, headers=headers)
    assert (first.status_code, first.json()) == (201, again.json())
    other = await client.post(
        path, json={"login": "wu"}, headers=headers | {"Idempotency-Key": "send-once-2"}
    )
    assert other.status_code == 412
    assert travel.site.one("SELECT count(*) FROM dispatch_task") == 1
