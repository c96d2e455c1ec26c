"""Masked fields, their revealing, and what the person is told of looks."""

import pytest

from tests.server.case_work import change, form_group, receive, send
from tests.server.travelling import travel_of

PLAIN = {
    "identity_number": "33010119900501001X",
    "phone": "13800004711",
    "residence": "青溪县城关镇种植路1234号",
}
MASKED = {"identity_number": "3301****1X", "phone": "138****4711", "residence": "青溪县城关镇****"}
CONTACT = {"kind": "kin", "name": "周阿姨", "relation": "母亲", "phone": "13900004711"}


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        yield one


@pytest.fixture
async def subject(travel):
    found = await receive(travel, **PLAIN)
    await form_group(travel, found)
    await change(travel, "officer-1", found, "PUT /contacts", {"contacts": [CONTACT]})
    return found


async def file_of(travel, login, subject):
    return (await travel.sign_in(login).get(f"/api/v1/subjects/{subject}/file")).json()


async def reveal(travel, login, subject, purpose, ref=None):
    body = {"purpose": purpose, "ref": ref or subject}
    return await send(travel, login, "POST", f"/subjects/{subject}/reveals", body)


async def test_fields_are_masked_for_all_but_the_own_office(travel, subject):
    own = await file_of(travel, "officer-1", subject)
    assert ({name: own[name] for name in PLAIN}, own["is_masked"]) == (PLAIN, False)
    for login in ("supervisor", "head", "officer", "auditor", "procurator"):
        file = await file_of(travel, login, subject)
        assert ({name: file[name] for name in MASKED}, file["is_masked"]) == (MASKED, True), login
        (contact,) = file["contacts"]
        assert (contact["name"], contact["phone"]) == ("周****", "139****4711")
    # A table of many people is masked for everybody.
    listed = travel.sign_in("officer-1").get("/api/v1/exports/subjects?format=csv&purpose=test")
    assert PLAIN["phone"] not in (await listed).text


async def test_a_reveal_shows_them_once_and_is_noted_with_its_purpose(travel, subject):
    answer = await reveal(travel, "supervisor", subject, "supervision")
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert {name: shown[name] for name in PLAIN} == PLAIN
    assert shown["contacts"][0]["phone"] == CONTACT["phone"]
    assert (await file_of(travel, "supervisor", subject))["is_masked"]
    noted = travel.site.rows(
        "SELECT by_login, purpose_code, ref_id FROM access_log WHERE act = 'reveal'"
    )
    assert noted == [{"by_login": "supervisor", "purpose_code": "supervision", "ref_id": subject}]


async def test_without_a_purpose_of_the_role_and_person_nothing_is_revealed(travel, subject):
    refused = [
        (await reveal(travel, "supervisor", subject, "audit")).status_code,
        (await reveal(travel, "auditor", subject, "supervision")).status_code,
        (await reveal(travel, "supervisor", subject, "alert", "x-1")).status_code,
        (await reveal(travel, "procurator", subject, "oversight")).status_code,
        (await reveal(travel, "supervisor", "s-none", "supervision")).status_code,
    ]
    assert refused == [403, 403, 422, 403, 404]
    assert travel.site.one("SELECT count(*) FROM access_log WHERE act = 'reveal'") == 0


async def test_the_person_is_told_of_looks_where_the_province_says_so_and_never_by_whom(
    travel, subject
):
    assert (await reveal(travel, "supervisor", subject, "supervision")).status_code == 200
    assert (await reveal(travel, "auditor", subject, "audit")).status_code == 200
    travel.site.add_account("own", "office-1", "subject", subject)
    client = travel.sign_in("own")
    assert (await client.get("/api/v1/me/looks")).json() == {
        "is_shown": False,
        "items": [],
        "next_cursor": None,
    }
    travel.site.rows(
        "INSERT INTO law_policy (org_id, overrides, source, entered_by, entered_at, valid_from)"
        " VALUES ('county-a', '{\"own_looks_shown\": 1}', '省厅规定', 'x', now() - interval '1 h',"
        " now() - interval '1 h')"
    )
    answer = await client.get("/api/v1/me/looks")
    (look,) = answer.json()["items"]
    assert (look["what"], look["purpose"], look["role"]) == ("reveal", "supervision", "supervisor")
    assert '"supervisor"' in answer.text
    assert "by_login" not in answer.text
    travel.site.add_account("other-own", "office-1", "subject", "s-4k2m9q")
    assert (await travel.sign_in("other-own").get("/api/v1/me/looks")).json()["items"] == []
