"""Looks into closed files: asked for with a reason, granted by another, over after some hours."""

import pytest

from tests.server.case_work import MEMBERS, change, form_group, receive, rules, send
from tests.server.travelling import travel_of

BORN = {"birth_date": "2010-05-01", "offence_date": "2026-02-01"}


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        site.add_account("boss", "county-a", "supervisor")
        yield one


async def seen_by(travel, login, subject):
    answer = await travel.sign_in(login).get(f"/api/v1/subjects/{subject}/file")
    assert answer.status_code in {200, 404}
    return answer.status_code == 200


async def ask(travel, login, subject):
    body = {"ground": "supervision", "reason": "核实腕带告警，联系监护人"}
    return await send(travel, login, "POST", f"/subjects/{subject}/looks", body)


@pytest.mark.article("law-54", "cpl-286", "law-58")
async def test_a_look_is_granted_by_another_person_and_ends_after_its_hours(travel):
    subject = await receive(travel, **BORN)
    assert not await seen_by(travel, "supervisor", subject)
    look = (await ask(travel, "supervisor", subject)).json()
    assert (await ask(travel, "supervisor", subject)).status_code == 409
    decide = f"/looks/{look['id']}/decision"
    yes = {"approve": True}
    for login, rule in (("officer-1", "power_decide"), ("supervisor", "second_person")):
        assert rules(await send(travel, login, "POST", decide, yes, version=1)) == [rule]
    assert not await seen_by(travel, "supervisor", subject)
    granted = (await send(travel, "boss", "POST", decide, yes, version=1)).json()
    assert granted["state"] == "granted"
    assert await seen_by(travel, "supervisor", subject)
    assert not await seen_by(travel, "boss", subject)
    travel.clock.move(hours=granted["hours"])
    assert not await seen_by(travel, "supervisor", subject)
    (noted,) = travel.acts(kind="file.looked_at", by_login="supervisor")
    assert (noted["ref_id"], noted["articles"]) == (look["id"], ["law-54", "cpl-286"])
    (logged,) = travel.site.rows("SELECT by_login, purpose FROM access_log")
    assert logged == {"by_login": "supervisor", "purpose": "核实腕带告警，联系监护人"}


@pytest.mark.article("law-54")
async def test_a_refused_look_opens_nothing(travel):
    subject = await receive(travel, **BORN)
    look = (await ask(travel, "officer", subject)).json()
    answer = await send(
        travel, "boss", "POST", f"/looks/{look['id']}/decision", {"approve": False}, version=1
    )
    assert answer.json()["state"] == "refused"
    assert not await seen_by(travel, "officer", subject)
    own = (await travel.sign_in("officer").get("/api/v1/looks")).json()["items"]
    assert [item["id"] for item in own] == [look["id"]]
    assert (await travel.sign_in("officer-1").get("/api/v1/looks")).json()["items"] == []


async def test_a_look_is_for_closed_files_of_the_scope_only(travel):
    assert rules(await ask(travel, "officer", "s-4k2m9q")) == ["closed_file"]
    assert (await ask(travel, "officer", "s-none")).status_code == 404
    subject = await receive(travel, **BORN)
    travel.site.add_org("county-b", "/")
    travel.site.add_account("stranger", "county-b", "supervisor")
    assert (await ask(travel, "stranger", subject)).status_code == 404


@pytest.mark.article("law-52", "law-58")
async def test_who_was_a_minor_at_the_offence_stays_in_the_regime_and_has_a_group_for_it(travel):
    subject = await receive(travel, **BORN)
    without = [member | {"knows_minors": False} for member in MEMBERS]
    assert rules(await form_group(travel, subject, without)) == ["group_knows_minors"]
    assert (await form_group(travel, subject)).status_code == 200
    travel.clock.move(days=365 * 5)
    assert await seen_by(travel, "officer-1", subject)
    assert not await seen_by(travel, "officer", subject)
    await change(travel, "officer-1", subject, "PATCH /file", {"phone": "13800000003"})
    assert travel.site.one("SELECT is_minor FROM subject WHERE id = %s", (subject,)) is True


@pytest.mark.article("law-54")
async def test_an_officer_who_left_the_group_sees_the_file_no_more(travel):
    subject = await receive(travel, **BORN)
    travel.site.add_account("officer-2", "office-1", "officer")
    assert await seen_by(travel, "officer-1", subject)
    others = [MEMBERS[0] | {"login": "officer-2"}, *MEMBERS[1:]]
    assert (await form_group(travel, subject, others)).status_code == 200
    assert not await seen_by(travel, "officer-1", subject)
    assert await seen_by(travel, "officer-2", subject)
