"""三员分立: no single person makes an account, raises the own, or opens somebody else's."""

import psycopg
import pyotp
import pytest

from server.site import first_start
from tests.server.conftest import TOKEN, http

ACCOUNTS = "/api/v1/accounts"
RECOVERIES = "/api/v1/recoveries"
SESSION = "/api/v1/session"
NEW = {"login": "new-1", "org": "office-1", "role": "officer", "name": "周某", "staff_no": "A-17"}


async def entrance(app, login, password):
    async with http(app) as client:
        body = {"login": login, "password": password}
        answer = await client.post(SESSION, json=body)
        return answer.status_code, answer.json()


async def test_an_account_takes_two_administrators(app, people, site):
    admin, security = people("admin"), people("security")
    made = await admin.post(ACCOUNTS, json=NEW)
    assert (made.status_code, made.json()["awaits_grant"]) == (201, True)
    assert (await admin.post(ACCOUNTS, json=NEW | {"login": "new-2"})).status_code == 409
    assert (await admin.post(ACCOUNTS, json=NEW | {"staff_no": "B"})).status_code == 409
    wrong = await security.post(f"{ACCOUNTS}/new-1/grant", json={"role": "head"})
    assert wrong.status_code == 409
    granted = await security.post(f"{ACCOUNTS}/new-1/grant", json={"role": "officer"})
    password = granted.json()["one_time_password"]
    assert granted.headers["cache-control"] == "no-store"
    status, said = await entrance(app, "new-1", password)
    assert (status, said["next"]) == (200, "password")
    again = await security.post(f"{ACCOUNTS}/new-1/grant", json={"role": "officer"})
    assert again.status_code == 409
    kinds = site.rows("SELECT kind, by_login FROM act WHERE ref_id = 'new-1' ORDER BY id")
    assert [tuple(row.values()) for row in kinds] == [
        ("account.entered", "admin"),
        ("account.granted", "security"),
    ]
    assert password not in str(site.rows("SELECT * FROM act"))


async def test_nobody_acts_on_the_own_account(people):
    admin, security = people("admin"), people("security")
    for client, path, body in (
        (admin, "admin/role", {"role": "security"}),
        (admin, "admin/disable", None),
        (security, "security/grant", {"role": "security"}),
        (security, "security/unlock", None),
        (security, "security/disable", None),
    ):
        assert (await client.post(f"{ACCOUNTS}/{path}", json=body)).status_code == 403, path
    body = {"login": "security", "what": "both", "reason": "手机遗失"}
    assert (await security.post(RECOVERIES, json=body)).status_code == 403


async def test_another_role_is_out_until_it_is_granted(people, site):
    admin, officer = people("admin"), people("officer")
    changed = await admin.post(f"{ACCOUNTS}/officer/role", json={"role": "supervisor"})
    assert changed.json()["awaits_grant"] is True
    assert (await officer.get(SESSION)).status_code == 401
    security = people("security")
    assert (await security.post(f"{ACCOUNTS}/officer/disable")).status_code == 200
    late = await security.post(f"{ACCOUNTS}/officer/grant", json={"role": "supervisor"})
    assert late.status_code == 409
    back = (await admin.post(f"{ACCOUNTS}/officer/enable")).json()
    assert (back["disabled"], back["awaits_grant"]) == (False, True)
    granted = await security.post(f"{ACCOUNTS}/officer/grant", json={"role": "supervisor"})
    assert granted.status_code == 200
    assert site.one("SELECT granted_by FROM app_user WHERE login = 'officer'") == "security"


async def test_the_last_administrator_of_a_kind_stays(people):
    admin = people("admin")
    assert (await admin.post(f"{ACCOUNTS}/auditor/disable")).status_code == 409
    assert (await admin.post(f"{ACCOUNTS}/security-2/disable")).status_code == 200
    assert (await admin.post(f"{ACCOUNTS}/security/disable")).status_code == 409


async def test_a_recovery_takes_two_security_administrators(app, people, site):
    site.rows(
        "INSERT INTO second_factor (user_id, sealed)"
        " SELECT id, '\\x00' FROM app_user WHERE login = 'officer'"
    )
    officer, first, second = people("officer"), people("security"), people("security-2")
    body = {"login": "officer", "what": "both", "reason": "手机遗失，本人到场核验"}
    asked = (await first.post(RECOVERIES, json=body)).json()
    assert (await second.post(RECOVERIES, json=body)).status_code == 409
    path = f"{RECOVERIES}/{asked['id']}"
    assert (await first.post(f"{path}/approval")).status_code == 409
    assert (await officer.get(SESSION)).status_code == 200
    approved = await second.post(f"{path}/approval")
    password = approved.json()["one_time_password"]
    assert (await officer.get(SESSION)).status_code == 401
    status, said = await entrance(app, "officer", password)
    assert (status, said["next"], said["second_factor"]) == (200, "password", False)
    assert (await entrance(app, "officer", site.passwords["officer"]))[0] == 401
    assert (await second.post(f"{path}/approval")).status_code == 409
    (found,) = (await people("auditor").get(RECOVERIES)).json()["items"]
    assert (found["asked_by"], found["decided_by"]) == ("security", "security-2")
    acts = site.rows("SELECT kind, by_login FROM act WHERE ref_id = 'officer' ORDER BY id")
    assert [row["by_login"] for row in acts] == ["security", "security-2"]


async def test_who_asked_for_a_recovery_may_take_it_back_and_a_day_is_too_late(people, site):
    first, second = people("security"), people("security-2")
    body = {"login": "officer", "what": "factor", "reason": "手机遗失"}
    number = (await first.post(RECOVERIES, json=body)).json()["id"]
    assert (await first.post(f"{RECOVERIES}/{number}/refusal")).status_code == 204
    number = (await first.post(RECOVERIES, json=body)).json()["id"]
    yesterday = "UPDATE account_recovery SET asked_at = now() - interval '25 h' WHERE id = %s"
    site.rows(yesterday, (number,))
    assert (await second.post(f"{RECOVERIES}/{number}/approval")).status_code == 409


async def test_a_lock_is_lifted_by_the_security_administrator(app, people, site):
    for number in range(6):
        await entrance(app, "officer", f"guess {number}")
    assert (await entrance(app, "officer", site.passwords["officer"]))[0] == 429
    assert (await people("security").post(f"{ACCOUNTS}/officer/unlock")).status_code == 204
    assert (await entrance(app, "officer", site.passwords["officer"]))[0] == 200


async def test_an_account_of_another_organisation_is_not_there(people, site):
    site.add_org("county-b", "/")
    site.add_account("stranger", "county-b", "security")
    stranger = people("stranger")
    assert {one["login"] for one in (await stranger.get(ACCOUNTS)).json()["items"]} == {"stranger"}
    body = {"login": "officer", "what": "both", "reason": "手机遗失"}
    assert (await stranger.post(RECOVERIES, json=body)).status_code == 404
    assert (await stranger.post(f"{ACCOUNTS}/officer/unlock")).status_code == 404
    foreign = await people("admin").post(ACCOUNTS, json=NEW | {"org": "county-b"})
    assert foreign.status_code == 422


def test_sql_of_the_application_makes_no_effective_account(site):
    with psycopg.connect(site.database.owner_dsn, autocommit=True) as owner:
        owner.execute("SET ROLE guitu_app")
        for column in ("awaits_grant", "granted_by"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(f"UPDATE app_user SET {column} = NULL".encode())  # noqa: S608
        owner.execute("RESET ROLE")
        found = owner.execute(
            "SELECT count(*) FROM app_user WHERE awaits_grant AND role <> 'subject'"
        ).fetchone()
        assert found == (0,)


async def test_a_procurator_reads_and_every_look_is_noted(people, site):
    procurator = people("procurator")
    assert (await procurator.get("/api/v1/subjects/s-4k2m9q/file")).status_code == 200
    assert (await procurator.get("/api/v1/alerts")).status_code == 200
    body = {"shown": [], "opened": []}
    assert (await procurator.post("/api/v1/alerts/seen", json=body)).status_code == 403
    found = (await procurator.get("/api/v1/procurator-looks")).json()["items"]
    assert [(one["call"], one["thing"]) for one in found] == [
        ("/api/v1/alerts", None),
        ("/api/v1/subjects/{subject_id}/file", "s-4k2m9q"),
    ]
    site.add_account("procurator-2", "county-a", "procurator")
    other = people("procurator-2")
    assert (await other.get("/api/v1/procurator-looks")).json()["items"] == []
    assert (await people("auditor").get("/api/v1/procurator-looks")).json()["items"] == found
    listed, file = found
    login, at = file["by_login"], listed["at"]
    for asked, said in (
        ({"thing": "s-4k2m9q"}, [file]),
        ({"by_login": login}, found),
        ({"by_login": "procurator-2"}, []),
        ({"from": at}, [listed]),
        ({"to": at}, [file]),
        ({"to": at, "thing": "s-000000"}, []),
    ):
        answer = await people("auditor").get("/api/v1/procurator-looks", params=asked)
        assert answer.json()["items"] == said, asked
    of_another = await other.get("/api/v1/procurator-looks", params={"by_login": login})
    assert of_another.json()["items"] == []
    offer = (await procurator.post(f"{SESSION}/factor")).json()
    code = pyotp.TOTP(offer["secret"]).now()
    enrolled = await procurator.put(
        f"{SESSION}/factor", json={"ticket": offer["ticket"], "code": code}
    )
    assert enrolled.status_code == 200


def test_an_older_site_is_given_its_security_administrators_once(site):
    site.rows("DELETE FROM app_user WHERE role = 'security'")
    for logins in (["security", "security-2"], []):
        made = first_start(
            site.database.owner_dsn, registry=None, gateway_id="gw-1", gateway_token=TOKEN
        )
        assert [login.login for login in made] == logins
