"""What people ask about their data, on its clock; and the register of impact assessments."""

from datetime import timedelta

import pytest

from tests.server.case_work import announce, rules, send, today
from tests.server.pdf_reading import text_of
from tests.server.travelling import travel_of

WORDS = {"kind": "access", "words": "请求查阅本人的联系方式和住址记录"}
IMPACT = {
    "activity": "电子定位：采集和比对行踪轨迹",
    "article": "law-29",
    "purpose": "执行经批准的电子定位决定",
    "risk": "行踪轨迹属敏感个人信息",
    "risk_level": "high",
    "measures": "加密存储；查询须说明目的并留痕",
}


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        site.add_account("boss", "county-a", "supervisor")
        yield one


async def person(travel):
    subject = await announce(travel)
    travel.site.add_account("own", "office-1", "subject", subject)
    return subject


async def answer(travel, login, request, **body):
    version = travel.site.one("SELECT version FROM data_request WHERE id = %s", (request,))
    given = {"outcome": "granted", "answer": "所记录的信息见副本"} | body
    return await send(
        travel, login, "POST", f"/data-requests/{request}/answer", given, version=version
    )


@pytest.mark.article("pipl-45", "pipl-46", "pipl-24", "law-34")
async def test_a_person_asks_and_the_county_answers_with_a_copy_in_time(travel):
    subject = await person(travel)
    asked = await send(travel, "own", "POST", "/me/data-requests", WORDS)
    assert asked.status_code == 201, asked.text
    request = asked.json()
    assert (request["state"], request["on_behalf"]) == ("open", False)
    assert request["due_at"] is not None
    office = await answer(travel, "officer-1", request["id"])
    assert rules(office) == ["power_decide"]
    done = await answer(travel, "supervisor", request["id"])
    assert (done.status_code, done.json()["state"]) == (200, "granted")
    own = travel.sign_in("own")
    paper = await own.get(f"/api/v1/documents/{done.json()['document']}/content")
    text = text_of(paper.content)
    assert [
        one for one in ("13800000001", "青溪县城关镇人民路1号", "同意") if one not in text
    ] == []
    clock = travel.site.rows(
        "SELECT kind, state, article FROM deadline WHERE ref_kind = 'data_request'"
    )
    assert clock == [{"kind": "data_request_answer", "state": "met", "article": "pipl-45"}]
    again = await answer(travel, "supervisor", request["id"])
    assert again.status_code == 409

    travel.clock.move(minutes=1)
    complaint = {"kind": "complaint", "words": "认为记录有误，影响就业"}
    taken = await send(
        travel, "supervisor", "POST", f"/subjects/{subject}/data-requests", complaint
    )
    assert rules(await answer(travel, "supervisor", taken.json()["id"])) == ["second_person"]
    heard = await answer(travel, "boss", taken.json()["id"], outcome="refused")
    assert heard.json()["state"] == "refused"
    mine = (await own.get("/api/v1/me/data-requests")).json()["items"]
    assert [(one["kind"], one["on_behalf"]) for one in mine] == [
        ("complaint", True),
        ("access", False),
    ]
    listed = (await travel.sign_in("auditor").get("/api/v1/data-requests?state=refused")).json()
    assert [one["id"] for one in listed["items"]] == [taken.json()["id"]]


@pytest.mark.article("pipl-45")
async def test_a_copy_is_of_the_own_data_only_and_taking_it_is_noted(travel):
    subject = await person(travel)
    await send(travel, "own", "POST", "/me/data-requests", WORDS)
    copy = await travel.sign_in("own").get("/api/v1/me/data")
    assert copy.status_code == 200, copy.text
    said = copy.json()
    assert said["record"]["phone"] == "13800000001"
    assert [one["kind"] for one in said["requests"]] == ["access"]
    assert {one["kind"] for one in said["documents"]} >= {"reception_notice"}
    # Neither the contacts' nor other people's.
    assert "contacts" not in said["file"]
    assert (await travel.sign_in("officer-1").get("/api/v1/me/data")).status_code == 403
    (log,) = travel.site.rows("SELECT by_login, subject_id FROM access_log WHERE act = 'own data'")
    assert log == {"by_login": "own", "subject_id": subject}
    assert travel.site.one("SELECT count(*) FROM act WHERE kind = 'data.copied'") == 1


@pytest.mark.article("pipl-55", "pipl-56")
async def test_an_assessment_takes_two_people_and_reminds_before_it_lapses(travel):
    until = today(travel) + timedelta(days=90)

    async def made(**changed):
        body = IMPACT | {"valid_until": until.isoformat()} | changed
        return await send(travel, "supervisor", "POST", "/impact-assessments", body)

    async def review(login, impact, *, approve=True):
        body = {"approve": approve, "note": "评估全面"}
        path = f"/impact-assessments/{impact['id']}/review"
        return await send(travel, login, "POST", path, body, version=impact["version"])

    wrong = await made(article="law-999", valid_until="2020-01-01")
    assert {one["pointer"] for one in wrong.json()["errors"]} == {"/article", "/valid_until"}
    first = (await made()).json()
    assert rules(await review("supervisor", first)) == ["second_person"]
    assert (await review("boss", first)).json()["state"] == "approved"
    clocks = "SELECT ref_id, state, due_at > now() AS runs FROM deadline WHERE ref_kind = 'impact'"
    assert travel.site.rows(clocks) == [{"ref_id": first["id"], "state": "open", "runs": True}]

    travel.clock.move(minutes=1)
    second = (await made(risk_level="medium")).json()
    assert (await review("boss", second)).json()["risk_level"] == "medium"
    listed = (await travel.sign_in("auditor").get("/api/v1/impact-assessments")).json()["items"]
    assert [(one["id"], one["state"]) for one in listed] == [
        (second["id"], "approved"),
        (first["id"], "replaced"),
    ]
    travel.clock.move(days=88)
    await travel.sweep()
    warned = travel.site.rows("SELECT ref_id FROM deadline WHERE warned_at IS NOT NULL")
    assert second["id"] in [row["ref_id"] for row in warned]
    travel.clock.move(days=20)
    await travel.sweep()
    (one,) = (
        await travel.sign_in("auditor").get("/api/v1/impact-assessments?state=approved")
    ).json()["items"]
    assert one["lapsed"]
