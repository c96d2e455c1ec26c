"""Information checks (Art. 26): drawn so that it can be proven, and never a track."""

from datetime import datetime, time, timedelta

import pytest

from server.checks.draw import Plan, commitment, draw
from server.law.days import ZONE
from tests.server.orders_world import SUBJECT, key, seen
from tests.server.travelling import travel_of

PLACE = {"longitude_deg": 120.1, "latitude_deg": 30.2, "accuracy_m": 12.5}


class Checker:
    def __init__(self, travel):
        self.travel = travel
        self.site = travel.site
        self.site.add_account("own", "office-1", "subject", SUBJECT)

    def day(self, ahead):
        return (self.travel.clock.now.astimezone(ZONE) + timedelta(days=ahead)).date()

    async def plan(self, **changed):
        body = {
            "methods": ["phone", "video"],
            "first_day": self.day(1).isoformat(),
            "last_day": self.day(14).isoformat(),
            "windows": [{"start": "08:00", "end": "21:00"}],
            "count": 8,
            "purpose": "按普管等级抽查",
        }
        path = f"/api/v1/subjects/{SUBJECT}/check-plans"
        client = self.travel.sign_in("officer")
        return await client.post(path, json=body | changed, headers=key())

    async def ask(self, method="phone"):
        body = {"method": method, "purpose": "核实是否在家"}
        path = f"/api/v1/subjects/{SUBJECT}/checks"
        return await self.travel.sign_in("officer").post(path, json=body, headers=key())

    async def get(self, login, path):
        answer = await self.travel.sign_in(login).get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def answer(self, check, **place):
        path = f"/api/v1/me/checks/{check['id']}/answer"
        return await self.travel.sign_in("own").post(path, json=PLACE | place)


@pytest.fixture
async def checker(site):
    async with travel_of(site) as travel:
        yield Checker(travel)


def rules(answer):
    assert answer.status_code == 409, answer.text
    return [error["rule"] for error in answer.json()["errors"]]


@pytest.mark.article("law-26")
async def test_a_draw_can_be_repeated_when_the_plan_is_over_and_not_before(checker):
    plan = (await checker.plan()).json()
    assert plan["seed"] is None
    (act,) = checker.travel.acts(kind="check.planned")
    assert act["body"]["commitment"] == plan["commitment"]
    await checker.travel.move(days=15)
    shown = await checker.get("auditor", f"/check-plans/{plan['id']}")
    drawn_from = Plan(
        SUBJECT,
        tuple(shown["methods"]),
        datetime.fromisoformat(shown["first_day"]).date(),
        datetime.fromisoformat(shown["last_day"]).date(),
        tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in shown["windows"]),
        shown["count"],
        shown["answer_min"],
    )
    seed = bytes.fromhex(shown["seed"])
    assert commitment(seed, drawn_from).hex() == plan["commitment"]
    rows = checker.site.rows("SELECT method, due_from FROM information_check ORDER BY due_from")
    assert [(d.method, d.due_from) for d in draw(seed, drawn_from)] == [
        (row["method"], row["due_from"]) for row in rows
    ]


async def test_nothing_is_planned_for_today_or_too_densely(checker):
    assert (await checker.plan(first_day=checker.day(0).isoformat())).status_code == 422
    narrow = [{"start": "08:00", "end": "08:30"}]
    last = checker.day(2).isoformat()
    assert (await checker.plan(windows=narrow, last_day=last)).status_code == 422
    crossing = [{"start": "22:00", "end": "06:00"}]
    assert (await checker.plan(windows=crossing)).status_code == 422


async def test_a_person_does_not_see_when_the_next_check_is_drawn_for(checker):
    await checker.plan(methods=["phone"])
    assert (await checker.get("own", "/me/checks"))["items"] == []
    drawn = (await checker.get("officer", f"/checks?subject={SUBJECT}"))["items"]
    assert len(drawn) == 8
    assert (await checker.answer(drawn[-1])).status_code == 404
    checker.travel.clock.now = datetime.fromisoformat(drawn[-1]["due_from"])
    (due,) = (await checker.get("own", "/me/checks"))["items"]
    assert due["id"] == drawn[-1]["id"]


@pytest.mark.article("law-29")
async def test_a_check_by_phone_takes_one_position_and_no_track(checker):
    check = (await checker.ask()).json()
    assert (await checker.answer(check)).json()["state"] == "done"
    assert rules(await checker.answer(check)) == ["one_position_on_demand"]
    found = await checker.get("officer", f"/checks/{check['id']}")
    assert (found["result"], found["latitude_deg"], found["accuracy_m"]) == ("answered", 30.2, 12.5)
    assert checker.site.one("SELECT count(*) FROM position_report") == 0
    assert "30.2" not in str(checker.travel.acts(subject_id=SUBJECT))


@pytest.mark.article("law-29")
async def test_positions_on_demand_are_an_hour_apart_and_six_a_day(checker):
    assert (await checker.ask()).status_code == 201
    assert rules(await checker.ask()) == ["no_track_by_phone"]
    assert (await checker.ask("call")).status_code == 201
    for _ in range(5):
        await checker.travel.move(hours=1)
        assert (await checker.ask()).status_code == 201
    await checker.travel.move(hours=1)
    assert rules(await checker.ask()) == ["no_track_by_phone"]


async def test_an_answer_that_comes_too_late_is_not_taken(checker):
    check = (await checker.ask()).json()
    await checker.travel.move(minutes=31)
    assert rules(await checker.answer(check)) == ["one_position_on_demand"]
    found = await checker.get("officer", f"/checks/{check['id']}")
    assert found["state"] == "missed"


@pytest.mark.article("law-26")
async def test_a_check_that_nobody_answers_is_an_act_once_and_may_still_be_explained(checker):
    travel = checker.travel
    check = (await checker.ask("call")).json()
    await travel.move(minutes=29)
    assert travel.acts(kind="check.missed") == []
    await travel.move(minutes=2)
    await travel.move(minutes=2)
    (act,) = travel.acts(kind="check.missed")
    assert (act["ref_id"], act["subject_id"], act["by_login"]) == (check["id"], SUBJECT, None)
    assert act["happened_time"] == datetime.fromisoformat(check["due_to"])
    path = f"/api/v1/checks/{check['id']}/result"
    body = {"result": "unreachable", "note": "手机关机，次日当面说明"}
    done = await travel.sign_in("officer").post(path, json=body, headers=seen(check))
    assert done.json()["state"] == "done", done.text


@pytest.mark.article("law-26")
async def test_a_check_of_who_is_released_meanwhile_is_not_missed(checker):
    await checker.ask("call")
    checker.site.rows(
        "UPDATE case_file SET stage = 'released', ended_at = now(), end_reason = 'expired'"
        " WHERE subject_id = %s",
        (SUBJECT,),
    )
    await checker.travel.move(hours=2)
    assert checker.travel.acts(kind="check.missed") == []


@pytest.mark.article("law-26")
async def test_an_officer_records_what_a_visit_found(checker):
    check = (await checker.ask("visit")).json()
    await checker.travel.move(minutes=20)
    client = checker.travel.sign_in("officer")
    path = f"/api/v1/checks/{check['id']}/result"
    body = {"result": "as_expected", "note": "在家"}
    early = (checker.travel.clock.now - timedelta(hours=1)).isoformat()
    wrong = await client.post(path, json=body | {"happened_time": early}, headers=seen(check))
    assert wrong.status_code == 422
    done = await client.post(path, json=body, headers=seen(check))
    assert done.json()["state"] == "done"
    again = await client.post(path, json=body, headers=seen(done.json()))
    assert rules(again) == ["check_state"]


async def test_a_plan_needs_no_order_and_makes_none(checker):
    checker.site.rows("DELETE FROM positioning_order")
    assert (await checker.plan()).status_code == 201
    assert checker.site.one("SELECT count(*) FROM positioning_order") == 0
