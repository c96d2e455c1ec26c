"""What a person owes: planned, recorded, missed; activities, assessments, investigations."""

from datetime import datetime, timedelta

import pytest

from server.law.days import ZONE
from tests.server.measure_work import OF, PAROLEE, PERSON, Work, refusal
from tests.server.travelling import travel_of

COUNTY = "/api/v1/policy"


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        yield Work(travel)


async def duties(work, of=OF):
    rows = (await work.get(f"{of}/duties"))["items"]
    return {row["kind"]: row for row in rows if row["ended_at"] is None}


async def reported(work, *subjects, kind="periodic_report", **given):
    body = {"kind": kind, "form": "in_person"}
    entries = [{"subject": subject} | given for subject in subjects]
    return await work.post("of-1", "/api/v1/duties/records", body | {"entries": entries})


@pytest.mark.article("law-24", "measures-24")
async def test_a_report_in_time_meets_its_period_and_the_next_one_follows_at_once(work):
    await work.done("of-1", f"{OF}/duties")
    first = await duties(work)
    assert set(first) == {"periodic_report", "written_report", "visits", "talks", "assessment"}
    await work.travel.move(days=2)
    assert (await reported(work, PERSON)).status_code == 201
    second = (await duties(work))["periodic_report"]
    assert second["period_due"] > first["periodic_report"]["period_due"]
    assert second["done"] == 0
    await work.done("of-1", f"{OF}/duties")
    assert (await duties(work))["periodic_report"] == second
    assert work.travel.acts(kind="duty.missed") == []


@pytest.mark.article("measures-24")
async def test_a_period_without_its_report_is_noted_as_missed_and_may_be_made_up_for(work):
    await work.done("of-1", f"{OF}/duties")
    due = datetime.fromisoformat((await duties(work))["periodic_report"]["period_due"])
    work.travel.clock.now = due + timedelta(hours=1)
    await work.travel.sweep()
    records = (await work.get(f"/api/v1/duties/records?subject={PERSON}"))["items"]
    (missed,) = [row for row in records if row["outcome"] == "missed"]
    assert (missed["kind"], missed["by_login"]) == ("periodic_report", None)
    owed = (await work.get("/api/v1/duties"))["items"]
    assert [(row["kind"], row["state"]) for row in owed] == [("periodic_report_general", "lapsed")]
    assert (await reported(work, PERSON)).status_code == 201
    assert (await work.get("/api/v1/duties"))["items"] == []
    assert (await duties(work))["periodic_report"]["done"] == 0


@pytest.mark.article("law-36")
async def test_one_call_notes_everybody_or_nobody(work):
    for of in (OF, f"/api/v1/subjects/{PAROLEE}"):
        await work.done("of-1", f"{of}/duties")
    answer = await reported(work, PERSON, "s-nobody", PERSON)
    assert answer.status_code == 422
    answer = await reported(work, PERSON, "s-nobody")
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/entries/1/subject"]
    assert (await work.get("/api/v1/duties/records"))["items"] == []
    numbers = (await reported(work, PERSON, PAROLEE, kind="talks")).json()["records"]
    assert len(numbers) == 2
    assert (await duties(work))["talks"]["done"] == 1
    timed = await reported(work, PERSON, kind="education")
    assert timed.json()["errors"][0]["pointer"] == "/entries/0/minutes"


async def test_a_person_reports_from_the_own_account_and_sees_the_own_duties(work):
    await work.done("of-1", f"{OF}/duties")
    report = {"kind": "change", "result": "换了工作单位"}
    await work.done("person", "/api/v1/me/reports", report)
    (act,) = work.travel.acts(kind="duty.done")
    assert (act["authority"], act["subject_id"]) == ("person", PERSON)
    own = (await work.get("/api/v1/me/duties", "person"))["items"]
    assert {row["subject"] for row in own} == {PERSON}


@pytest.mark.article("law-36", "law-42", "law-52")
async def test_an_activity_holds_adults_only_by_strengths_and_is_noted_in_one_call(work):
    province = {"community_work_hours_general": 2}
    entry = {"overrides": province, "source": "省社区矫正实施细则第三十条"}
    await work.done("su-1", COUNTY, entry)
    await work.done("of-1", f"{OF}/duties")
    times = {"begins_at": work.ago(hours=-1), "ends_at": work.ago(hours=-3)}
    body = {"kind": "community_work", "title": "修缮座椅", "place": "东风社区"} | times
    nothing = body | {"invited": [{"subject": PERSON}]}
    assert refusal(await work.post("of-1", "/api/v1/activities", nothing)) == (
        "by_strengths",
        "law-42",
    )
    invited = [{"subject": one, "strength": "会木工"} for one in (PERSON, PAROLEE)]
    minors = body | {"invited": invited, "for_minors": True}
    assert refusal(await work.post("of-1", "/api/v1/activities", minors))[1] == "law-52"
    planned = await work.done("of-1", "/api/v1/activities", body | {"invited": invited})
    path = f"/api/v1/activities/{planned['id']}/attendance"
    entries = [
        {"subject": PERSON, "outcome": "attended", "minutes": 120},
        {"subject": PAROLEE, "outcome": "absent"},
    ]
    early = await work.post("of-1", path, {"entries": entries}, version=1)
    assert refusal(early)[0] == "not_begun"
    await work.travel.move(hours=4)
    short = await work.post("of-1", path, {"entries": entries[:1]}, version=1)
    assert short.status_code == 422
    held = await work.done("of-1", path, {"entries": entries}, version=1)
    assert held["state"] == "held"
    row = (await duties(work))["community_work"]
    assert (row["wanted"], row["done"]) == (120, 0)
    clocks = (await work.get(f"/api/v1/deadlines?subject={PERSON}&state=met"))["items"]
    assert "community_work" in {one["kind"] for one in clocks}


@pytest.mark.article("measures-32", "measures-21")
async def test_an_assessment_is_confirmed_by_another_and_may_be_objected_to(work):
    await work.done("of-1", f"{OF}/duties")
    await work.travel.move(days=100)
    today = work.travel.clock.now.astimezone(ZONE).date()
    period = {"period_from": str(today - timedelta(days=92)), "period_to": str(today)}
    body = period | {"grade": "qualified", "reasons": "有一次未按时报告，已补报"}
    made = await work.done("of-1", f"{OF}/assessments", body)
    assert made["facts"]["missed"] >= 1
    assert refusal(await work.post("of-1", f"{OF}/assessments", body))[0] == "one_assessment"
    path = f"/api/v1/assessments/{made['id']}"
    confirmed = {"outcome": "confirmed"}
    assert refusal(await work.post("of-1", f"{path}/decision", confirmed, version=1))[0] == (
        "power_decide"
    )
    decided = await work.done("su-1", f"{path}/decision", confirmed, version=1)
    told = await work.done("of-1", f"{path}/notice", version=decided["version"])
    objected = await work.done(
        "person", f"/api/v1/me/assessments/{made['id']}/objections", {"words": "当时住院"}
    )
    answer = {"outcome": "upheld", "answer": "住院证明属实"}
    where = f"/api/v1/assessments/objections/{objected['id']}/answer"
    assert refusal(await work.post("su-1", where, answer, version=1))[0] == "second_person"
    await work.done("su-2", where, answer, version=1)
    assert (await work.get(path))["state"] == "annulled"
    assert told["objectable_until"] is not None


async def assessed(work, grade="unqualified"):
    """A confirmed assessment of a quarter."""
    await work.done("of-1", f"{OF}/duties")
    await work.travel.move(days=100)
    today = work.travel.clock.now.astimezone(ZONE).date()
    body = {"period_from": str(today - timedelta(days=92)), "period_to": str(today)}
    body |= {"grade": grade, "reasons": "多次未按规定报告，经教育仍未改正"}
    made = await work.done("of-1", f"{OF}/assessments", body)
    path = f"/api/v1/assessments/{made['id']}/decision"
    return await work.done("su-1", path, {"outcome": "confirmed"}, version=1)


async def proposed(work):
    listed = await work.get(f"/api/v1/class-proposals?subject={PERSON}")
    return listed["items"]


@pytest.mark.article("measures-21", "measures-32")
async def test_a_confirmed_assessment_proposes_a_class_that_another_person_decides_on(work):
    made = await assessed(work)
    assert (made["supervision_class"], made["class_suggested"]) == ("general", "strict")
    (proposal,) = await proposed(work)
    assert (proposal["to_class"], proposal["state"]) == ("strict", "proposed")
    assert (proposal["assessment"], proposal["proposed_by"]) == (made["id"], "of-1")
    version = work.travel.site.rows(
        "SELECT supervision_class FROM subject_version WHERE subject_id = %s", (PERSON,)
    )
    assert "strict" not in {row["supervision_class"] for row in version}
    path = f"/api/v1/class-proposals/{proposal['id']}/decision"
    await work.done("su-1", path, {"approve": True}, version=1)
    (proposal,) = await proposed(work)
    assert proposal["state"] == "approved"


@pytest.mark.article("measures-21")
async def test_a_class_is_not_given_upon_an_assessment_that_was_annulled(work):
    made = await assessed(work)
    (proposal,) = await proposed(work)
    await work.done("of-1", f"/api/v1/assessments/{made['id']}/notice", version=made["version"])
    filed = await work.done(
        "person", f"/api/v1/me/assessments/{made['id']}/objections", {"words": "当时住院"}
    )
    answer = {"outcome": "upheld", "answer": "住院证明属实"}
    where = f"/api/v1/assessments/objections/{filed['id']}/answer"
    await work.done("su-2", where, answer, version=1)
    path = f"/api/v1/class-proposals/{proposal['id']}/decision"
    refused = await work.post("su-2", path, {"approve": True}, version=1)
    assert refusal(refused)[0] == "assessment_annulled"
    await work.done("su-2", path, {"approve": False}, version=1)


@pytest.mark.article("measures-21")
async def test_an_assessment_that_suggests_the_class_of_now_proposes_none(work):
    made = await assessed(work, "qualified")
    assert made["class_suggested"] == made["supervision_class"]
    assert await proposed(work) == []


REPORT = {
    "home": "在城关镇有自有住房",
    "family": "配偶及父母愿意监督",
    "opinion": "suitable",
    "opinion_text": "具备社区矫正条件。",
}


@pytest.mark.article("law-18", "measures-14")
async def test_an_investigation_is_answered_by_another_and_its_adoption_counted(work):
    body = {
        "commissioner_kind": "court",
        "commissioner": "青溪县人民法院",
        "number": "（2026）青溪刑委字第21号",
        "name": "赵某",
        "is_fast": True,
        "received_time": work.ago(hours=1),
    }
    office = await work.post("of-1", "/api/v1/investigations", body)
    assert refusal(office)[0] == "county_level"
    entered = await work.done("co-1", "/api/v1/investigations", body | {"office": "office-1"})
    path = f"/api/v1/investigations/{entered['id']}"
    extended = await work.done(
        "su-1", f"{path}/extension", {"agreement": "与承办法官电话商定"}, version=1
    )
    assert extended["extended_to"] > extended["due_at"]
    reported = await work.done("of-1", f"{path}/report", REPORT, version=2)
    own = await work.post("su-1", f"{path}/answer", {"outcome": "answered"}, version=2)
    assert own.status_code == 412
    answered = await work.done(
        "su-1", f"{path}/answer", {"outcome": "answered"}, version=reported["version"]
    )
    assert (answered["is_late"], answered["document"] is None) == (False, False)
    adoption = {"adoption": "adopted", "happened_time": work.ago()}
    await work.done("co-1", f"{path}/adoption", adoption, version=answered["version"])
    span = {"from": work.ago(days=30), "to": work.ago(days=-1)}
    client = work.travel.sign_in("su-1")
    counts = (await client.get("/api/v1/investigations/statistics", params=span)).json()
    assert counts == {
        "commissioned": 1,
        "answered": 1,
        "late": 0,
        "told": 1,
        "adopted": 1,
        "adoption_rate": 1.0,
    }
    assert "赵某" not in str(work.travel.acts())


@pytest.mark.article("measures-14")
async def test_an_investigation_that_is_not_answered_in_its_working_days_lapses(work):
    body = {
        "commissioner_kind": "court",
        "commissioner": "青溪县人民法院",
        "number": "1号",
        "name": "钱某",
        "received_time": work.ago(),
    }
    entered = await work.done("co-1", "/api/v1/investigations", body)
    work.travel.clock.now = datetime.fromisoformat(entered["due_at"])
    await work.travel.sweep()
    (act,) = work.travel.acts(kind="deadline.lapsed")
    assert act["body"]["clock"] == "investigation"
    path = f"/api/v1/investigations/{entered['id']}"
    late = await work.post("su-1", f"{path}/extension", {"agreement": "迟到的协商"}, version=1)
    assert refusal(late)[0] == "extended_once"


@pytest.mark.article("measures-24")
async def test_a_medical_review_is_extended_by_the_city_once(work, site):
    site.add_org("city-1", "/", "city")
    site.rows("UPDATE org SET path = '/city-1' || path WHERE id <> 'city-1'")
    site.add_account("ci-1", "city-1", "supervisor")
    site.rows("UPDATE subject SET category = 'medical' WHERE id = %s", [PERSON])
    await work.done("of-1", f"{OF}/duties")
    first = (await duties(work))["medical_review"]
    path = f"{OF}/duties/medical-review-extension"
    body = {"reasons": "医院停诊，申请延期"}
    assert refusal(await work.post("su-1", path, body))[0] == "power_review"
    await work.done("ci-1", path, body)
    second = (await duties(work))["medical_review"]
    assert second["clock"] == "medical_review_extension"
    assert second["period_due"] > first["period_due"]
    assert refusal(await work.post("ci-1", path, body))[0] == "extended_once"
    await reported(work, PERSON, kind="medical_review", result="复查材料已交")
    third = (await duties(work))["medical_review"]
    assert (third["clock"], third["period_due"] > second["period_due"]) == ("medical_review", True)


@pytest.mark.article("law-44", "law-45")
async def test_what_a_person_owed_ends_with_the_case(work, site):
    await work.done("of-1", f"{OF}/duties")
    assert await duties(work)
    site.rows(
        "UPDATE case_file SET stage = 'terminated', ended_at = now(), end_reason = 'died'"
        " WHERE subject_id = %s",
        [PERSON],
    )
    assert await duties(work) == {}
    assert refusal(await reported(work, PERSON))[0] == "stage"
    assert refusal(await work.post("of-1", f"{OF}/duties"))[0] == "stage"
