"""The demo county's case life is entered under the same rules as anybody's."""

import pytest

from device_sims import county
from server.app import create_app
from server.site import first_start, play_cases
from tests.server.conftest import TOKEN, Site, http, running

PASSWORD = "a password of the tests"


@pytest.fixture
def told(database, tmp_path):
    registry = county.registry(7, subjects=120, wearing=6)
    officers = [row for row in registry["officers"] if row["role"] == "officer"]
    two = [row for row in officers if row["org"] == officers[0]["org"]][:2]
    for row in two:
        row["password"] = PASSWORD
    logins = first_start(
        database.owner_dsn, registry=registry, gateway_id="gw-1", gateway_token=TOKEN
    )
    site = Site(database, tmp_path, {login.login: login.password for login in logins})
    first, second = (row["login"] for row in two)
    passwords = site.passwords | {first: PASSWORD, second: PASSWORD}
    return site, play_cases(site.settings(), passwords=passwords, officers=(first, second))


async def test_an_office_finds_a_month_of_work_and_a_person_the_own_case(told):
    site, (login, password) = told
    async with running(create_app(site.settings())) as app:
        async with http(app) as client:
            answer = await client.post(
                "/api/v1/session", json={"login": login, "password": password}
            )
            assert answer.json()["role"] == "subject"
            client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
            chosen = {"old": password, "new": "a password of one's own"}
            changed = await client.post("/api/v1/me/password", json=chosen)
            assert changed.status_code == 204, changed.text
            own = await client.get("/api/v1/me")
            assert own.status_code == 200, own.text
        async with http(app) as client:
            secret, _ = site.open_session("supervisor")
            client.cookies.set("guitu_session", secret)
            counts = (await client.get("/api/v1/duties/counts?by=2099-01-01")).json()["counts"]
            leaves = (await client.get("/api/v1/leaves")).json()["items"]
            papers = (await client.get("/api/v1/documents")).json()["items"]
    assert {"announcement", "periodic_report_general"} & {one["kind"] for one in counts}
    assert sorted(leave["state"] for leave in leaves) == ["applied", "approved"]
    assert {"admonition_decision", "leave_permit"} <= {paper["kind"] for paper in papers}
    kinds = {row["kind"] for row in site.rows("SELECT DISTINCT kind FROM act")}
    assert {"file.received", "leave.approved"} <= kinds
    late = site.one("SELECT count(*) FROM act WHERE recorded_at < now() - interval '1 day'")
    assert late == 0, "the moments that are noted are those of the first start"
