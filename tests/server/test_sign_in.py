"""Passwords, sessions, CSRF and the lock after wrong attempts."""

import pytest

from server.loopback import is_loopback
from tests.server.conftest import http

SESSION = "/api/v1/session"


async def sign_in(client, login, password):
    return await client.post(SESSION, json={"login": login, "password": password})


async def test_a_right_password_opens_a_session(nobody, site):
    answer = await sign_in(nobody, "officer", site.passwords["officer"])
    assert answer.status_code == 200
    body = answer.json()
    token = body.pop("csrf_token")
    org = {"id": "county-a", "level": "county", "name_zh": "青溪县", "name_en": "Qingxi County"}
    assert body.pop("expires_at") > "2026"
    rest = {"next": None, "second_factor": False, "idle_s": 1800}
    assert body == {"login": "officer", "name": "值班员", "role": "officer", "org": org} | rest
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert (await nobody.get(SESSION)).json()["csrf_token"] == token


async def test_an_unknown_login_is_answered_like_a_wrong_password(nobody):
    wrong = await sign_in(nobody, "officer", "not the password")
    unknown = await sign_in(nobody, "nobody-here", "not the password")
    without = await sign_in(nobody, "officer-1", "has no password yet")
    assert {a.status_code for a in (wrong, unknown, without)} == {401}
    assert wrong.json() == unknown.json() == without.json()


async def test_the_sixth_wrong_attempt_has_to_wait_known_or_not(nobody, site):
    for login in ("officer", "nobody-here"):
        answers = [await sign_in(nobody, login, f"guess {number}") for number in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 30
    locked = await sign_in(nobody, "officer", site.passwords["officer"])
    assert locked.status_code == 429


async def test_the_wait_doubles_and_a_right_password_forgives(nobody, site):
    for number in range(5):
        await sign_in(nobody, "officer", f"guess {number}")
    past = "UPDATE sign_in_attempt SET locked_until = now() - interval '1 s'"
    site.rows(past)
    assert (await sign_in(nobody, "officer", "guess")).status_code == 401
    left_s = "SELECT extract(epoch FROM locked_until - now())::int FROM sign_in_attempt"
    assert 50 <= site.one(left_s) <= 60
    site.rows(past)
    right = await sign_in(nobody, "officer", site.passwords["officer"])
    assert right.status_code == 200
    assert site.one("SELECT count(*) FROM sign_in_attempt") == 0


async def test_a_signed_out_session_is_no_session(officer):
    assert (await officer.get(SESSION)).status_code == 200
    assert (await officer.delete(SESSION)).status_code == 204
    assert (await officer.get(SESSION)).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE session SET expires_at = now()",
        "UPDATE app_user SET disabled = true WHERE login = 'officer'",
    ],
)
async def test_an_ended_session_and_a_disabled_account_are_out(officer, site, change):
    assert (await officer.get(SESSION)).status_code == 200
    site.rows(change)
    assert (await officer.get(SESSION)).status_code == 401


async def test_an_unsafe_call_wants_the_csrf_token(officer):
    for token in ("", "wrong"):
        answer = await officer.delete(SESSION, headers={"X-CSRF-Token": token})
        assert answer.status_code == 403
    assert (await officer.get(SESSION)).status_code == 200


async def test_a_cookie_is_secure_off_loopback(app, site):
    async with http(app) as client:
        client.base_url = "http://guitu.example"
        answer = await sign_in(client, "officer", site.passwords["officer"])
    assert "secure" in answer.headers["set-cookie"].lower()
    assert is_loopback("::1")
    assert is_loopback("localhost")
    assert not is_loopback("10.0.0.1")


async def test_a_sign_in_body_is_never_echoed(nobody):
    answer = await nobody.post(SESSION, json={"login": "officer", "password": "s" * 300})
    assert answer.status_code == 422
    assert "sss" not in answer.text


async def test_an_unknown_call_is_a_problem_not_a_page(nobody):
    for method, path in (("GET", "/api/v1/nothing"), ("POST", "/api/v2/session"), ("GET", "/api/")):
        answer = await nobody.request(method, path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
