"""From reception to release, through the interface, on a clock that the test moves."""

import hashlib
from datetime import timedelta

import pytest

from server.cases.term_watch import TERMS
from server.rounds import Rounds
from tests.server import case_work
from tests.server.case_work import announce, change, receive, rules, send, step
from tests.server.travelling import travel_of


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        yield one


def clocks(travel, subject):
    rows = travel.site.rows(
        "SELECT kind, state FROM deadline WHERE subject_id = %s ORDER BY id", (subject,)
    )
    return {row["kind"]: row["state"] for row in rows}


@pytest.mark.article("law-22", "measures-20")
async def test_reception_ends_with_the_announcement(travel):
    subject = await receive(travel)
    early = await step(travel, subject, "announced")
    assert rules(early) == [
        *("after_documents_checked", "after_identity_verified", "after_reported", "after_group"),
        "group_officer",
    ]
    for name in ("documents_checked", "identity_verified", "reported"):
        assert (await step(travel, subject, name)).status_code == 200
    assert rules(await step(travel, subject, "reported")) == ["once"]
    await case_work.form_group(travel, subject)
    assert (await step(travel, subject, "announced")).json()["stage"] == "in_correction"
    assert clocks(travel, subject) == {
        "subject_report": "met",
        "group": "met",
        "exit_ban_filing": "open",
        "announcement": "met",
        "plan": "open",
        "release_summary": "open",
        "release_certificate": "open",
    }
    kinds = [act["kind"] for act in travel.acts(subject_id=subject)]
    assert kinds == [
        *("file.received", "file.documents_checked", "file.identity_verified"),
        *("document.issued", "file.reported", "group.formed", "document.issued", "file.announced"),
    ]
    assert {act["authority"] for act in travel.acts(subject_id=subject)} == {"delegated"}


@pytest.mark.article("law-21")
async def test_who_does_not_report_in_ten_days_is_overdue_and_it_is_noted(travel):
    subject = await receive(travel)
    await travel.move(days=9)
    (lapse,) = travel.acts(subject_id=subject, kind="deadline.lapsed", ref_kind="file")[:1]
    assert lapse["body"]["clock"] == "exit_ban_filing"
    assert clocks(travel, subject)["subject_report"] == "lapsed"


@pytest.mark.article("law-44")
async def test_a_person_is_released_on_the_last_day_and_not_before(travel):
    subject = await announce(travel)
    await travel.move(days=362)
    release = {"ground": "expired"}
    answer = await change(travel, "supervisor", subject, "POST /release", release)
    assert rules(answer) == ["term_over"]
    assert rules(await change(travel, "officer-1", subject, "POST /release", release)) == [
        "power_decide"
    ]
    await travel.move(days=1)
    answer = await change(travel, "supervisor", subject, "POST /release", release)
    assert (answer.json()["stage"], answer.json()["without"]) == (
        "released",
        ["summary_filed", "appraised"],
    )
    assert clocks(travel, subject)["release_certificate"] == "met"
    papers = travel.site.rows(
        "SELECT kind FROM document WHERE subject_id = %s ORDER BY 1", (subject,)
    )
    assert [paper["kind"] for paper in papers] == [
        *("announcement", "reception_notice", "release_certificate", "release_notice"),
    ]
    assert clocks(travel, subject)["release_notice"] == "open"


@pytest.mark.article("law-29")
async def test_who_is_released_is_tracked_no_more_from_that_instant(travel):
    travel.site.rows("UPDATE subject SET term_to = now()::date WHERE id = 's-4k2m9q'")
    answer = await change(travel, "supervisor", "s-4k2m9q", "POST /release", {"ground": "expired"})
    assert answer.status_code == 200, answer.text
    assert travel.site.one("SELECT lifted_at FROM positioning_order") == travel.clock.now
    ends = "SELECT valid_to FROM binding WHERE holder_id = 's-4k2m9q'"
    assert travel.site.one(ends) == travel.clock.now
    assert travel.site.one("SELECT changed_by FROM directory_version ORDER BY 1 DESC LIMIT 1") == (
        "supervisor"
    )


@pytest.mark.article("law-45")
async def test_a_termination_says_by_whose_decision_and_only_what_fits_the_category(travel):
    body = {"reason": "recommitted", "instrument": "收监执行决定书1号"}
    decided = {"decided_on": case_work.today(travel).isoformat()}
    path = "POST /termination"
    answer = await change(travel, "supervisor", "s-7h3n2c", path, body | decided)
    assert rules(answer) == ["reason_of_category"]
    late = {"decided_on": "2090-01-01", "reason": "revoked"}
    answer = await change(travel, "supervisor", "s-7h3n2c", path, body | late)
    assert rules(answer) == ["not_in_future"]
    given = body | decided | {"reason": "died"}
    answer = await change(travel, "supervisor", "s-7h3n2c", path, given)
    assert answer.json()["stage"] == "terminated"
    assert clocks(travel, "s-7h3n2c") == {"death_notice": "open"}
    again = await change(travel, "supervisor", "s-7h3n2c", path, given)
    assert rules(again) == ["stage"]


@pytest.mark.article("measures-18")
async def test_an_archive_is_a_list_of_everything_with_its_digest(travel):
    subject = await announce(travel)
    answer = await send(travel, "supervisor", "POST", f"/subjects/{subject}/archive")
    assert rules(answer) == ["stage"]
    pardon = {"ground": "pardoned", "instrument": "特赦令"}
    await change(travel, "supervisor", subject, "POST /release", pardon)
    closed = await send(travel, "supervisor", "POST", f"/subjects/{subject}/archive")
    found = closed.json()
    assert found["sha256"] == hashlib.sha256("\n".join(found["list"]).encode()).hexdigest()
    assert found["items"] == len(found["list"]) > 15
    assert any('"file.released"' in line for line in found["list"])
    again = await send(travel, "supervisor", "POST", f"/subjects/{subject}/archive")
    assert again.status_code == 409


@pytest.mark.article("law-25")
async def test_a_woman_is_in_the_group_of_a_woman(travel):
    subject = await receive(travel, sex="female")
    men = [member for member in case_work.MEMBERS if member["sex"] == "male"]
    assert rules(await case_work.form_group(travel, subject, men)) == ["group_woman"]
    assert (await case_work.form_group(travel, subject)).status_code == 200


@pytest.mark.article("law-17")
async def test_nobody_is_received_where_no_correction_is_executed_or_with_an_unknown_member(travel):
    extra = case_work.new_subject(travel, extra=1)
    answer = await send(travel, "officer-1", "POST", "/subjects", extra)
    assert answer.status_code == 422
    elsewhere = case_work.new_subject(travel, org="nowhere")
    assert rules(await send(travel, "officer-1", "POST", "/subjects", elsewhere)) == [
        "place_of_execution"
    ]


async def test_a_repeated_reception_makes_one_file(travel):
    given = case_work.new_subject(travel)
    first, second = [
        await send(travel, "officer-1", "POST", "/subjects", given, key="the-same-key")
        for _ in range(2)
    ]
    assert first.json() == second.json()
    assert travel.site.one("SELECT count(*) FROM subject WHERE name = '赵六'") == 1


@pytest.mark.article("law-24", "measures-22")
async def test_a_plan_has_versions_and_reviews(travel):
    subject = await announce(travel)
    path = f"/subjects/{subject}/plans"
    plan = {"basis": "交通肇事，悔罪态度好", "measures": ["每月个别谈话", "就业帮扶"]}
    for version in (1, 2):
        assert (await send(travel, "officer-1", "POST", path, plan)).json()["version"] == version
    review = {"outcome": "to_adjust", "note": "已就业，调整帮扶"}
    assert (await send(travel, "officer-1", "POST", f"{path}/1/reviews", review)).status_code == 404
    assert (await send(travel, "officer-1", "POST", f"{path}/2/reviews", review)).status_code == 201
    found = (await travel.sign_in("officer").get(f"/api/v1/subjects/{subject}/file")).json()
    assert (found["plan"]["version"], found["plan_reviews"][0]["outcome"]) == (2, "to_adjust")
    assert clocks(travel, subject)["plan"] == "met"


@pytest.mark.article("measures-21")
async def test_a_class_is_decided_by_another_person_of_the_county(travel):
    path = "/subjects/s-4k2m9q/class-proposals"
    body = {"to_class": "strict", "reason": "入矫未满两个月"}
    travel.site.add_account("boss", "county-a", "supervisor")
    proposed = (await send(travel, "supervisor", "POST", path, body)).json()
    assert (await send(travel, "officer-1", "POST", path, body)).status_code == 409
    decide = f"/class-proposals/{proposed['id']}/decision"
    yes = {"approve": True}
    assert rules(await send(travel, "officer-1", "POST", decide, yes, version=1)) == [
        "power_decide"
    ]
    assert rules(await send(travel, "supervisor", "POST", decide, yes, version=1)) == [
        "second_person"
    ]
    done = await send(travel, "boss", "POST", decide, yes, version=1)
    assert done.json()["state"] == "approved"
    found = (await travel.sign_in("officer").get("/api/v1/subjects/s-4k2m9q/file")).json()
    assert found["supervision_class"] == "strict"
    listed = await travel.sign_in("officer").get("/api/v1/class-proposals?state=approved")
    assert [item["id"] for item in listed.json()["items"]] == [proposed["id"]]
    assert rules(await send(travel, "officer-1", "POST", path, body)) == ["another_class"]


@pytest.mark.article("crim-72", "crim-38")
async def test_a_prohibition_stays_within_the_term_and_its_categories(travel):
    body = {
        "kinds": ["place", "person"],
        "content": "禁止进入夜总会、酒吧",
        "deciding_body": "青溪县人民法院",
        "valid_from": "2026-01-01",
        "valid_to": "2027-06-01",
    }
    path = "/subjects/s-4k2m9q/prohibitions"
    assert (await send(travel, "officer-1", "POST", path, body)).status_code == 201
    beyond = body | {"valid_to": "2027-06-02"}
    assert rules(await send(travel, "officer-1", "POST", path, beyond)) == ["within_term"]
    parole = "/subjects/s-7h3n2c/prohibitions"
    assert rules(await send(travel, "officer-1", "POST", parole, body)) == [
        "prohibition_of_category"
    ]


@pytest.mark.article("exit-420")
async def test_an_exit_ban_is_filed_answered_and_lifted_in_order(travel):
    path = "/subjects/s-4k2m9q/exit-ban"

    async def take(name):
        return await send(
            travel, "supervisor", "POST", path, {"step": name, "instrument": "报备1号"}
        )

    assert rules(await take("answer")) == ["exit_ban_state"]
    assert [(await take(name)).json()["state"] for name in ("file", "answer", "ask_lifting")] == [
        *("filed", "answered", "lifting"),
    ]
    assert rules(await take("file")) == ["exit_ban_state"]
    assert (await take("end")).json()["ended_at"] is not None
    travel.clock.move(days=1)
    assert (await take("file")).json()["state"] == "filed"


@pytest.mark.article("measures-25")
async def test_a_file_shows_contacts_and_checks_and_refuses_a_stale_change(travel):
    contact = {"kind": "protected", "name": "孙某", "relation": "被害人", "phone": "13800000002"}
    body = {"contacts": [contact]}
    assert (await change(travel, "officer-1", "s-4k2m9q", "PUT /contacts", body)).is_success
    stale = await send(
        travel, "officer-1", "PATCH", "/subjects/s-4k2m9q/file", {"phone": "13800000009"}, version=1
    )
    assert stale.status_code == 412
    check = {"outcome": "same", "note": "人证一致"}
    checked = await send(travel, "officer-1", "POST", "/subjects/s-4k2m9q/identity-checks", check)
    assert checked.status_code == 201
    ahead = check | {"happened_time": "2090-01-01T00:00:00Z"}
    refused = await send(travel, "officer-1", "POST", "/subjects/s-4k2m9q/identity-checks", ahead)
    assert rules(refused) == ["not_in_future"]
    found = (await travel.sign_in("officer-1").get("/api/v1/subjects/s-4k2m9q/file")).json()
    assert found["contacts"][0]["name"] == "孙某"
    assert found["identity_checks"][0]["outcome"] == "same"


@pytest.mark.article("law-44", "measures-53")
async def test_a_term_that_ends_soon_gets_its_clocks_wherever_the_file_came_from(travel):
    watch = Rounds(travel.app.state.parts, TERMS, every_s=3600.0)
    assert await watch.round() == 0
    travel.site.rows(
        "UPDATE subject SET is_minor = true, term_to = %s WHERE id = 's-7h3n2c'",
        (case_work.today(travel) + timedelta(days=45),),
    )
    assert (await watch.round(), await watch.round()) == (1, 0)
    assert clocks(travel, "s-7h3n2c") == {"release_summary": "open", "release_certificate": "open"}
