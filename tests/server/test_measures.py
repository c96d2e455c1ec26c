"""The ladder through the interface: two admonitions, a warning, objections, revocation."""

import json
from datetime import timedelta

import pytest

from tests.server.measure_work import DETAILS, OF, PAROLEE, PERSON, Work, refusal
from tests.server.travelling import travel_of


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        yield Work(travel)


@pytest.mark.article("law-28", "measures-34", "measures-35", "measures-32")
async def test_two_admonitions_and_a_relapse_are_a_warning_until_one_is_annulled(work):
    for _ in range(2):
        admonished = await work.decided("admonition", "measures-34.2", await work.find())
        await work.travel.move(hours=1)
        served = await work.served(admonished)
        await work.travel.move(days=3)
    assert await work.counters() == (2, 0, 0)
    relapse = await work.find()
    allowed = await work.get(f"/api/v1/findings/{relapse['id']}/grounds")
    keys = {one["key"]: one["status"] for one in allowed["items"]}
    assert keys == {"measures-34.2": "verified", "measures-35.5": "verified"}
    warned = await work.decided("warning", "measures-35.5", relapse)
    assert len(warned["counted"]) == 2
    assert await work.counters() == (2, 1, 0)
    objected = await work.done(
        "person", f"/api/v1/me/measures/{served['id']}/objections", {"words": "当日已电话报告"}
    )
    answer = {"outcome": "upheld", "answer": "经复核，通话记录属实，异议成立"}
    path = f"/api/v1/objections/{objected['id']}/answer"
    assert refusal(await work.post("su-1", path, answer, version=1))[0] == "second_person"
    answered = await work.done("su-2", path, answer, version=1)
    assert answered["state"] == "upheld"
    assert await work.counters() == (1, 1, 0)
    assert (await work.get(f"/api/v1/measures/{warned['id']}"))["ground_lost_at"] is not None
    assert await annulled_counts_for_nothing(work)


async def annulled_counts_for_nothing(work):
    again = await work.find()
    answer = await work.propose("warning", "measures-35.5", again)
    return refusal(answer) == ("ground", "measures-35")


@pytest.mark.article("law-28", "law-9")
async def test_nobody_decides_on_what_the_same_person_proposed_and_no_office_decides(work):
    finding = await work.find(by="su-1")
    measure = (await work.propose("admonition", "measures-34.2", finding, by="su-2")).json()
    await work.step("of-1", measure, "statement", {"words": "没有意见"})
    decision = {"outcome": "decided", "reasons": "事实清楚"}
    rules = {
        login: refusal(await work.step(login, measure, "decision", decision))[0]
        for login in ("su-1", "su-2", "of-1", "co-1")
    }
    assert rules == {
        "su-1": "second_person",
        "su-2": "second_person",
        "of-1": "power_decide",
        "co-1": "power_decide",
    }
    assert (await work.step("su-3", measure, "decision", decision)).status_code == 200


async def test_no_penalty_without_hearing_and_no_edit_of_what_is_decided(work):
    measure = (await work.propose("admonition", "measures-34.2", await work.find())).json()
    decision = {"outcome": "decided", "reasons": "事实清楚"}
    assert refusal(await work.step("su-1", measure, "decision", decision))[0] == "not_heard"
    missing = {"unheard_because": "missing"}
    assert refusal(await work.step("of-1", measure, "statement", missing))[0] == "not_missing"
    path = f"/api/v1/me/measures/{measure['id']}/statement"
    await work.done("person", path, {"words": "忘记了"}, version=measure["version"])
    decided = (await work.step("su-1", measure, "decision", decision)).json()
    client = work.travel.sign_in("of-1")
    edited = await client.patch(
        f"/api/v1/measures/{measure['id']}",
        json={"reasons": "改写理由"},
        headers={"If-Match": f'"{decided["version"]}"'},
    )
    assert refusal(edited) == ("decided_is_final", "measures-34")
    stale = await work.post(
        "su-1", f"/api/v1/measures/{measure['id']}/annulment", {"reasons": "有误，撤销"}, version=1
    )
    assert stale.status_code == 412


async def test_evidence_is_frozen_at_the_proposal_and_its_hash_stands_in_the_measure(work):
    finding = await work.find()
    measure = (await work.propose("admonition", "measures-34.2", finding)).json()
    path = f"/api/v1/measures/{measure['id']}/evidence"
    frozen = await work.get(path)
    assert frozen["sha256"] == measure["evidence_sha256"]
    assert json.loads(frozen["items"][0]["content"])["id"] == finding["id"]
    work.travel.site.rows("UPDATE finding SET description = 'xxxxx' WHERE id = %s", [finding["id"]])
    assert await work.get(path) == frozen


async def test_a_finding_carries_one_measure_and_none_before_it_is_verified(work):
    body = {"kind": "other", "begin_time": work.ago(hours=1), "description": "夜间不在居住地"}
    raw = await work.done("of-1", f"{OF}/findings", body)
    answer = await work.propose("admonition", "measures-34.4", raw)
    assert refusal(answer) == ("finding_established", "measures-34")
    assert answer.json()["errors"][0]["pointer"] == "/findings/0"
    finding = await work.find()
    assert (await work.propose("admonition", "measures-34.2", finding)).status_code == 201
    again = await work.propose("admonition", "measures-34.2", finding)
    assert refusal(again)[0] == "one_measure"
    warning = await work.propose("warning", "measures-34.2", finding)
    assert refusal(warning) == ("ground_of_measure", "measures-35")
    reduction = await work.propose("reduction", "crim-78.1", finding)
    assert refusal(reduction) == ("ground_without_finding", "crim-78")
    future = body | {"begin_time": work.ago(hours=-1)}
    assert (await work.post("of-1", f"{OF}/findings", future)).status_code == 422


@pytest.mark.article("measures-32", "measures-58")
async def test_the_window_of_objection_begins_with_service_and_ends_with_its_day(work):
    measure = await work.decided("admonition", "measures-34.2", await work.find())
    path = f"/api/v1/measures/{measure['id']}/objections"
    early = await work.post("of-1", path, {"words": "不服"})
    assert refusal(early)[0] == "objection_window"
    served = await work.served(measure)
    work.travel.clock.now = work.travel.clock.now.fromisoformat(served["objectable_until"])
    await work.travel.sweep()
    late = await work.post("of-1", path, {"words": "不服"})
    assert refusal(late)[0] == "objection_window"
    work.travel.clock.now -= timedelta(seconds=1)
    assert (await work.post("of-1", path, {"words": "不服"})).status_code == 201


@pytest.mark.article("law-46", "law-47", "law-48", "measures-46", "law-62")
async def test_a_month_of_absence_leads_to_the_court_and_its_ruling_is_noted(work):
    gone = await work.find("absence", begin_time=work.ago(days=40))
    measure = await work.decided("revoke_probation", "measures-46.2", gone)
    assert measure["absence_days"] == 40
    asked = await work.step("su-1", measure, "arrest", {"reasons": "去向不明，可能再犯"})
    assert asked.status_code == 200
    clocks = await work.get(f"/api/v1/deadlines?subject={PERSON}&state=open")
    kinds = {row["kind"]: row["due_at"] for row in clocks["items"]}
    assert {"revocation_ruling", "arrest_decision", "measure_service"} <= kinds.keys()
    await work.travel.move(hours=30)
    ruling = {"by_body": "青溪县人民法院", "happened_time": work.ago(hours=1), "outcome": "granted"}
    for about in ("arrest", "proposal"):
        noted = await work.step("of-1", measure, "rulings", ruling | {"about": about})
        assert noted.status_code == 200, noted.text
    again = await work.step("of-1", measure, "rulings", ruling | {"about": "proposal"})
    assert refusal(again)[0] == "ruled_once"
    (act,) = [a for a in work.travel.acts(kind="measure.ruled") if a["body"]["about"] == "arrest"]
    assert act["authority"] == "deciding_body"
    papers = await work.get(f"/api/v1/documents?subject={PERSON}")
    assert [one["kind"] for one in papers["items"]] == ["probation_revocation_proposal"]


@pytest.mark.article("law-45", "law-46", "law-29", "measures-46")
async def test_a_ruling_that_revokes_ends_the_case_its_tracking_and_its_clocks_at_once(work):
    gone = await work.find("absence", begin_time=work.ago(days=40))
    measure = await work.decided("revoke_probation", "measures-46.2", gone)
    paper = {"paper_sha256": "ab" * 32}
    early = await work.step("su-1", measure, "termination", paper)
    assert refusal(early)[0] == "no_ruling_that_ends"
    ruling = {"by_body": "青溪县人民法院", "happened_time": work.ago(minutes=0)}
    ruling |= {"outcome": "granted", "about": "proposal", "number": "（2026）浙0101刑更3号"}
    assert (await work.step("of-1", measure, "rulings", ruling)).status_code == 200
    annulled = await work.step("su-3", measure, "annulment", {"reasons": "认定有误，撤销"})
    assert refusal(annulled) == ("ruling_stands", "measures-46")
    site = work.travel.site
    before = site.one("SELECT max(version) FROM directory_version")
    office = await work.step("of-1", measure, "termination", paper)
    assert refusal(office) == ("power_decide", "law-45")
    ended = await work.step("su-1", measure, "termination", paper)
    assert ended.json()["stage"] == "terminated", ended.text
    assert site.one("SELECT max(version) FROM directory_version") > before
    running = "SELECT count(*) FROM positioning_order WHERE subject_id = %s AND lifted_at IS NULL"
    assert site.one(running + " AND valid_to > %s", (PERSON, work.travel.clock.now)) == 0
    bound = "SELECT count(*) FROM binding WHERE holder_id = %s AND valid_to IS NULL"
    assert site.one(bound, (PERSON,)) == 0
    clocks = await work.get(f"/api/v1/deadlines?subject={PERSON}&state=open")
    assert {row["kind"] for row in clocks["items"]} == {"termination_notice"}
    (act,) = work.travel.acts(kind="file.revoked")
    assert act["articles"] == ["law-45", "measures-46"]
    evidence = act["body"]["evidence"]
    assert evidence["paper_sha256"] == paper["paper_sha256"]
    assert evidence["ruling"]["number"] == ruling["number"]
    assert act["body"]["instrument"] == "青溪县人民法院（2026）浙0101刑更3号"
    met = "SELECT state FROM deadline WHERE kind = 'case_ending'"
    assert site.rows(met) == [{"state": "met"}]
    again = await work.step("su-1", measure, "termination", paper)
    assert again.status_code == 409


@pytest.mark.article("law-45", "law-44")
async def test_a_ruling_that_nobody_acts_on_is_told_and_keeps_the_person_from_release(work):
    gone = await work.find("absence", begin_time=work.ago(days=40))
    measure = await work.decided("revoke_probation", "measures-46.2", gone)
    ruling = {"by_body": "青溪县人民法院", "happened_time": work.ago(minutes=0)}
    ruling |= {"outcome": "granted", "about": "proposal", "number": "（2026）浙0101刑更3号"}
    assert (await work.step("of-1", measure, "rulings", ruling)).status_code == 200
    await work.travel.move(hours=24)
    (told,) = [a for a in work.travel.acts(kind="deadline.lapsed") if a["ref_kind"] == "file"]
    assert (told["body"]["clock"], told["articles"]) == ("case_ending", ["law-45"])
    of = "SELECT term_to, version FROM subject JOIN case_file ON subject_id = id WHERE id = %s"
    (file,) = work.travel.site.rows(of, (PERSON,))
    left = file["term_to"] - work.travel.clock.now.date()
    await work.travel.move(days=left.days + 1)
    expired = {"ground": "expired"}
    released = await work.post("su-1", f"{OF}/release", expired, version=file["version"])
    assert refusal(released) == ("ruled_ended", "law-45")
    ended = await work.step("su-1", measure, "termination", {"paper_sha256": "ab" * 32})
    assert ended.is_success, ended.text
    assert ended.json()["stage"] == "terminated"


@pytest.mark.article("law-45")
async def test_a_ruling_without_a_number_or_against_the_proposal_ends_nothing(work):
    for outcome, rule in (("denied", "no_ruling_that_ends"), ("granted", "ruling_number")):
        gone = await work.find("absence", begin_time=work.ago(days=40))
        measure = await work.decided("revoke_probation", "measures-46.2", gone)
        ruling = {"by_body": "青溪县人民法院", "happened_time": work.ago(minutes=0)}
        ruling |= {"outcome": outcome, "about": "proposal"}
        assert (await work.step("of-1", measure, "rulings", ruling)).status_code == 200
        refused = await work.step("su-1", measure, "termination", {"paper_sha256": "ab" * 32})
        assert refusal(refused)[0] == rule
    assert work.travel.site.one("SELECT stage FROM case_file WHERE subject_id = %s", (PERSON,)) == (
        "in_correction"
    )


@pytest.mark.article("measures-47", "measures-36")
async def test_a_parolee_meets_no_police_penalty_and_no_prohibition(work):
    of = f"/api/v1/subjects/{PAROLEE}"
    finding = await work.find("other", "serious", of=of)
    answer = await work.propose("police_penalty", "measures-36.1", finding, of=of)
    assert refusal(answer)[0] == "ground"
    body = {"kind": "prohibition", "begin_time": work.ago(hours=1), "description": "进入禁止场所"}
    assert refusal(await work.post("of-1", f"{of}/findings", body)) == ("category", "crim-38")


@pytest.mark.article("measures-33")
async def test_praise_needs_six_months_and_four_conditions(work):
    body = {"kind": "praise", "ground": "measures-33.1", "reasons": "六个月来表现良好"}
    few = body | {"conditions": ["remorse", "lawful"]}
    assert refusal(await work.post("of-1", f"{OF}/measures", few))[0] == "ground"
    all_four = body | {"conditions": ["remorse", "lawful", "obedient", "educated"]}
    proposed = await work.done("of-1", f"{OF}/measures", all_four)
    decision = {"outcome": "decided", "reasons": "符合条件", "details": DETAILS}
    answer = await work.step("su-1", proposed, "decision", decision)
    assert answer.status_code == 200, answer.text


async def test_a_person_sees_the_own_measures_and_nobody_elses(work):
    of = f"/api/v1/subjects/{PAROLEE}"
    other = (
        await work.propose("admonition", "measures-34.2", await work.find(of=of), of=of)
    ).json()
    own = (await work.propose("admonition", "measures-34.2", await work.find())).json()
    seen = await work.get("/api/v1/me/measures", "person")
    assert [one["id"] for one in seen["items"]] == [own["id"]]
    path = f"/api/v1/me/measures/{other['id']}/statement"
    assert (await work.post("person", path, {"words": "x"}, version=1)).status_code == 404
