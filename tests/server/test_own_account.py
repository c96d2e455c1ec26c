"""The supervised person's own account: given, first password changed, own things only."""

import pytest

from server.law.articles import article
from tests.server.case_work import announce, send
from tests.server.conftest import http
from tests.server.travelling import travel_of

NEW = "一个我自己记得住的长密码"


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        yield one


async def signed_in(travel, login, password):
    client = http(travel.app)
    answer = await client.post("/api/v1/session", json={"login": login, "password": password})
    if answer.is_success:
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return client, answer.status_code


@pytest.mark.article("law-34", "pipl-24", "measures-32")
async def test_a_person_reads_the_own_case_after_setting_a_password(travel):
    subject = await announce(travel)
    given = (await send(travel, "officer-1", "PUT", f"/subjects/{subject}/account")).json()
    client, _ = await signed_in(travel, given["login"], given["one_time_password"])
    refused = await client.get("/api/v1/me")
    assert (refused.status_code, "/api/v1/me/password" in refused.text) == (403, True)
    body = {"old": given["one_time_password"], "new": NEW}
    wrong = await client.post("/api/v1/me/password", json=body | {"old": "wrong"})
    assert wrong.status_code == 401
    assert (await client.post("/api/v1/me/password", json=body)).status_code == 204
    found = (await client.get("/api/v1/me")).json()
    assert (found["name"], found["stage"], found["category"]) == (
        "赵六",
        "in_correction",
        "probation",
    )
    assert article("crim-72").cited.zh in [ground["zh"] for ground in found["legal_ground"]]
    assert "检察院" in found["rights"][1]["zh"]
    assert {one["kind"] for one in found["deadlines"]} == {"release_summary"}
    assert "孙某" not in str(found)
    await client.aclose()
    for password, status in ((given["one_time_password"], 401), (NEW, 200)):
        other, answered = await signed_in(travel, given["login"], password)
        assert answered == status
        await other.aclose()


@pytest.mark.article("law-34")
async def test_an_account_that_is_taken_back_ends_at_once(travel):
    given = (await send(travel, "officer-1", "PUT", "/subjects/s-4k2m9q/account")).json()
    client, _ = await signed_in(travel, given["login"], given["one_time_password"])
    gone = await send(travel, "officer-1", "DELETE", "/subjects/s-4k2m9q/account")
    assert gone.status_code == 204
    assert (await client.get("/api/v1/session")).status_code == 401
    await client.aclose()
    other, answered = await signed_in(travel, given["login"], given["one_time_password"])
    assert answered == 401
    await other.aclose()
    assert given["one_time_password"] not in str(travel.acts())


async def test_a_person_applies_for_the_own_transfer(travel):
    travel.site.add_org("county-b", "/")
    travel.site.add_account("me", "office-1", "subject", "s-4k2m9q")
    body = {
        "to_county": "county-b",
        "reason": "随配偶迁居，已购房",
        "address": "安平县中山路2号",
        "move_on": "2099-01-01",
    }
    made = await send(travel, "me", "POST", "/me/transfers", body)
    assert made.json()["subject"] == "s-4k2m9q", made.text
    (act,) = travel.acts(kind="transfer.applied")
    assert (act["authority"], act["by_login"]) == ("person", "me")


@pytest.mark.article("law-2", "crim-38", "crim-72", "crim-84", "cpl-265")
@pytest.mark.parametrize(
    ("category", "cited"),
    [
        ("control", "crim-38"),
        ("probation", "crim-72"),
        ("parole", "crim-84"),
        ("medical", "cpl-265"),
    ],
)
async def test_a_person_reads_the_legal_ground_of_the_measure(people, site, category, cited):
    site.add_account("me", "office-1", "subject", "s-4k2m9q")
    site.rows("UPDATE subject SET category = %s WHERE id = 's-4k2m9q'", (category,))
    found = (await people("me").get("/api/v1/me")).json()
    assert [ground["en"] for ground in found["legal_ground"]] == [
        article("law-2").cited.en,
        article(cited).cited.en,
    ]
