"""Leave (实施办法 26-28): who decides, what the gateways learn, and what happens on return."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.server.orders_world import SUBJECT, key, seen
from tests.server.travelling import travel_of

PROOF = [{"title": "门诊预约单"}]


class Office:
    """An office, its county and its city, and a person's own account."""

    def __init__(self, travel):
        self.travel = travel
        self.site = travel.site
        self.site.rows("INSERT INTO org VALUES ('city-1', NULL, '/city-1/', 'city', '市', 'City')")
        self.site.rows("UPDATE org SET path = '/city-1' || path WHERE id <> 'city-1'")
        for login, org, role in (
            ("clerk", "office-1", "officer"),
            ("clerk-2", "office-1", "officer"),
            ("city", "city-1", "supervisor"),
        ):
            self.site.add_account(login, org, role)
        self.site.add_account("own", "office-1", "subject", SUBJECT)

    async def post(self, login, path, body=None, of=None):
        headers = key() | ({} if of is None else seen(of))
        return await self.travel.sign_in(login).post(
            f"/api/v1{path}", json=body or {}, headers=headers
        )

    async def apply(self, login="clerk", *, begins=4.0, days=2.0, **changed):
        begin = self.travel.clock.now.astimezone(UTC).replace(hour=2, minute=0) + timedelta(
            days=begins
        )
        body = {
            "ground": "medical",
            "reason": "到省人民医院复查",
            "proof": PROOF,
            "destination": "杭州市上城区",
            "from_time": begin.isoformat(),
            "to_time": (begin + timedelta(days=days) - timedelta(hours=12)).isoformat(),
        }
        path = "/me/leaves" if login == "own" else "/leaves"
        whose = {} if login == "own" else {"subject": SUBJECT}
        return await self.post(login, path, body | whose | changed)

    async def act(self, leave, what, body=None, login="clerk-2"):
        prefix = "/me" if login == "own" else ""
        return await self.post(login, f"{prefix}/leaves/{leave['id']}/{what}", body, of=leave)

    async def approved(self, **asked):
        leave = (await self.apply(**asked)).json()
        answer = await self.act(leave, "approval")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def overlay(self):
        return self.site.rows("SELECT id, valid_from, valid_to, fence_id FROM leave")


@pytest.fixture
async def office(site):
    async with travel_of(site) as travel:
        yield Office(travel)


def rules(answer):
    assert answer.status_code == 409, answer.text
    return [error["rule"] for error in answer.json()["errors"]]


@pytest.mark.article("measures-27", "measures-26")
async def test_the_office_approves_up_to_seven_days_and_files_with_the_county(office):
    place = {"longitude_deg": 120.2, "latitude_deg": 30.25, "radius_m": 3000}
    leave = await office.approved(days=7, place=place)
    assert (leave["days"], leave["tier"], leave["state"]) == (7, "office", "approved")
    (row,) = office.overlay()
    assert row["valid_from"] == datetime.fromisoformat(leave["from_time"])
    (act,) = office.travel.acts(kind="leave.approved")
    assert (act["authority"], act["body"]["filed_with"]) == ("delegated", "county-a")
    fence = office.site.rows("SELECT use, radius_m FROM fence WHERE id = %s", (row["fence_id"],))
    assert fence == [{"use": "leave", "radius_m": 3000.0}]
    assert office.site.one("SELECT kind FROM document") == "leave_permit"


@pytest.mark.article("measures-27")
async def test_eight_days_are_the_countys_after_the_office_verified(office):
    leave = (await office.apply(days=8)).json()
    assert leave["tier"] == "county"
    assert rules(await office.act(leave, "approval")) == ["power_decide"]
    assert rules(await office.act(leave, "approval", login="supervisor")) == ["leave_state"]
    verified = (await office.act(leave, "verification", {"opinion": "情况属实"})).json()
    approved = await office.act(verified, "approval", login="supervisor")
    assert approved.json()["state"] == "approved"


@pytest.mark.article("measures-27")
async def test_more_than_thirty_days_are_the_citys_and_the_procuratorate_is_informed(office):
    leave = (await office.apply(days=31)).json()
    assert leave["tier"] == "city"
    verified = (await office.act(leave, "verification", {"opinion": "情况属实"})).json()
    assert rules(await office.act(verified, "approval", login="supervisor")) == ["power_review"]
    approved = (await office.act(verified, "approval", login="city")).json()
    clocks = office.site.rows("SELECT kind, state FROM deadline ORDER BY kind")
    assert {"kind": "copies_sent", "state": "open"} in clocks
    sent = {"sent_time": office.travel.clock.now.isoformat(), "number": "（2026）1号"}
    assert (await office.act(approved, "copies", sent, login="supervisor")).status_code == 200
    copies = "SELECT state FROM deadline WHERE kind = 'copies_sent'"
    assert office.site.one(copies) == "met"


@pytest.mark.article("measures-27")
async def test_the_thirty_first_cumulated_day_is_the_citys(office):
    for begins in (4, 11, 18, 25):
        assert (await office.approved(begins=begins, days=7))["tier"] == "office"
    assert (await office.apply(begins=33, days=2)).json()["tier"] == "office"
    assert (await office.apply(begins=33, days=3)).json()["tier"] == "city"


@pytest.mark.article("measures-27")
async def test_leave_is_applied_for_three_days_ahead_unless_it_is_urgent(office):
    assert rules(await office.apply(begins=2)) == ["apply_ahead"]
    assert rules(await office.apply(begins=-1, proof=[])) == [
        "not_back_dated",
        "apply_ahead",
        "proof",
    ]
    urgent = await office.apply(begins=1, urgent_reason="父亲病危", proof=[])
    assert urgent.status_code == 201


async def test_nobody_approves_leave_that_the_same_person_took_down(office):
    leave = (await office.apply("clerk")).json()
    assert rules(await office.act(leave, "approval", login="clerk")) == ["second_person"]


@pytest.mark.article("law-27")
async def test_a_refusal_says_why_and_by_which_article(office):
    leave = (await office.apply()).json()
    body = {"reason": "证明材料不实", "article": "measures-27"}
    assert (await office.act(leave, "refusal", body | {"article": "law-999"})).status_code == 422
    assert (await office.act(leave, "refusal", {"reason": "不同意外出"})).status_code == 422
    assert (await office.act(leave, "refusal", body)).json()["state"] == "refused"
    assert office.overlay() == []


async def test_a_person_applies_and_reports_back_from_the_own_account(office):
    leave = (await office.apply("own")).json()
    assert leave["applied_by"] == "own"
    approved = (await office.act(leave, "approval", login="clerk")).json()
    await office.travel.move(days=5)
    at = office.travel.clock.now.isoformat()
    back = await office.act(approved, "return", {"returned_time": at}, login="own")
    assert back.json()["state"] == "returned"
    (act,) = office.travel.acts(kind="leave.returned")
    assert act["authority"] == "person"
    listed = (await office.travel.sign_in("own").get("/api/v1/me/leaves")).json()
    assert [one["id"] for one in listed["items"]] == [leave["id"]]


async def test_a_person_does_not_reach_the_leave_of_another(office):
    other = (await office.apply(subject="s-7h3n2c")).json()
    answer = await office.act(other, "withdrawal", login="own")
    assert answer.status_code == 404


async def test_an_approval_after_the_begin_holds_from_then_on_only(office, site):
    leave = (await office.apply(begins=4, days=3)).json()
    await office.travel.move(days=5)
    site.rows(
        "INSERT INTO alert (id, org_id, rule, severity, subject_id, device_id, begin_time, late,"
        " evidence) VALUES ('ep-1', 'office-1', 'inclusion', 'major', %s, 'wb-000001', %s,"
        " false, '{}')",
        (SUBJECT, office.travel.clock.now - timedelta(hours=1)),
    )
    await office.act(leave, "approval")
    (row,) = office.overlay()
    assert row["valid_from"] == office.travel.clock.now
    (act,) = office.travel.acts(kind="leave.approved")
    assert act["body"]["excuses"] == ["ep-1"]


async def test_nothing_is_approved_when_it_is_over(office):
    leave = (await office.apply(begins=4, days=2)).json()
    await office.travel.move(days=9)
    assert rules(await office.act(leave, "approval")) == ["not_back_dated"]


@pytest.mark.article("measures-28")
async def test_who_does_not_report_back_in_a_day_is_overdue(office):
    leave = await office.approved(days=2)
    due = datetime.fromisoformat(leave["to_time"]) + timedelta(hours=24)
    office.travel.clock.now = due - timedelta(minutes=1)
    await office.travel.sweep()
    assert office.travel.acts(kind="leave.overdue") == []
    await office.travel.move(minutes=1)
    (act,) = office.travel.acts(kind="leave.overdue")
    assert (act["authority"], act["happened_time"]) == ("system", due)


async def test_an_early_return_ends_the_overlay_now_and_not_before(office):
    leave = await office.approved(days=6)
    await office.travel.move(days=6)
    returned = (office.travel.clock.now - timedelta(hours=5)).isoformat()
    future = (office.travel.clock.now + timedelta(hours=5)).isoformat()
    wrong = await office.act(leave, "return", {"returned_time": future})
    assert wrong.status_code == 422
    await office.act(leave, "return", {"returned_time": returned})
    (row,) = office.overlay()
    assert row["valid_to"] == office.travel.clock.now


async def test_two_leaves_of_one_person_do_not_overlap(office):
    waiting = (await office.apply(begins=5, days=2)).json()
    await office.approved(begins=4, days=3)
    assert rules(await office.apply(begins=5)) == ["one_leave_at_a_time"]
    assert rules(await office.act(waiting, "approval")) == ["one_leave_at_a_time"]


async def test_a_leave_that_will_not_be_used_is_withdrawn_until_it_begins(office):
    leave = await office.approved()
    other = await office.approved(begins=10)
    withdrawn = await office.act(other, "withdrawal")
    assert withdrawn.json()["state"] == "withdrawn"
    await office.travel.move(days=5)
    assert rules(await office.act(leave, "withdrawal")) == ["leave_state"]


@pytest.mark.article("measures-28")
async def test_the_destination_is_asked_and_sees_this_leave_only(office, site):
    site.add_org("county-b", "/city-1/")
    site.add_account("far", "county-b", "supervisor")
    leave = await office.approved()
    body = {"to_org": "county-b", "request": "请协助掌握到达和离开情况"}
    nowhere = await office.act(leave, "assistance", body | {"to_org": "county-z"})
    assert rules(nowhere) == ["another_county"]
    asked = (await office.act(leave, "assistance", body)).json()
    far = office.travel.sign_in("far")
    (seen_there,) = (await far.get("/api/v1/assistance")).json()["items"]
    assert seen_there["person_name"] == "张三"
    assert (await far.get(f"/api/v1/leaves/{leave['id']}")).status_code == 404
    said = {"accepted": True, "answer": "同意协助监管"}
    own = await office.post("supervisor", f"/assistance/{asked['id']}/answer", said, of=asked)
    assert own.status_code == 404
    answered = await office.post("far", f"/assistance/{asked['id']}/answer", said, of=asked)
    await office.travel.move(days=5)
    arrived = {"kind": "arrival", "happened_time": office.travel.clock.now.isoformat()}
    path = f"/assistance/{asked['id']}/sightings"
    assert (await office.post("far", path, arrived, of=answered.json())).status_code == 200
