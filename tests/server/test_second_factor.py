"""The second factor: enrolled, asked for, never taken twice, and what stands in for it."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from server.app import create_app
from server.auth import factor
from tests.server.conftest import http, running
from tests.server.enrolling import FACTOR, enrolled

SESSION = "/api/v1/session"
CODE = "/api/v1/session/code"


class Moment:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 8, 0, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def moment():
    return Moment()


@pytest.fixture
async def app(site, moment):
    async with running(create_app(site.settings(), clock=moment)) as started:
        yield started


@pytest.fixture
async def door(app, site):
    """Call with a login: a client that gave the password."""
    clients = []

    async def signed_in(login, password=None):
        client = http(app)
        clients.append(client)
        body = {"login": login, "password": password or site.passwords[login]}
        answer = await client.post(SESSION, json=body)
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client, answer.json()

    yield signed_in
    for client in clients:
        await client.aclose()


async def test_a_privileged_sign_in_enrols_first_and_is_asked_from_then_on(door, moment, site):
    head, said = await door("head")
    assert said["next"] == "enrol"
    refused = await head.get("/api/v1/subjects")
    assert (refused.status_code, FACTOR in refused.text) == (403, True)
    before = head.cookies["guitu_session"]
    secret, found = await enrolled(head, moment.now)
    assert (found["session"]["next"], len(set(found["recovery_codes"]))) == (None, 10)
    assert head.cookies["guitu_session"] != before
    assert (await head.get("/api/v1/subjects")).status_code == 200
    life_h = "SELECT extract(epoch FROM expires_at - opened_at) / 3600 FROM session"
    assert site.one(life_h) == 12
    sealed = bytes(site.one("SELECT sealed FROM second_factor"))
    assert secret.encode() not in sealed

    again, said = await door("head")
    assert said["next"] == "code"
    assert (await again.get("/api/v1/subjects")).status_code == 403
    assert (await again.post(FACTOR)).status_code == 403
    used = pyotp.TOTP(secret).at(moment.now)
    assert (await again.post(CODE, json={"code": used})).status_code == 401
    moment.later(30)
    fresh = pyotp.TOTP(secret).at(moment.now)
    passed = await again.post(CODE, json={"code": fresh})
    assert (passed.status_code, passed.json()["next"]) == (200, None)
    assert (await again.get("/api/v1/subjects")).status_code == 200
    third, _ = await door("head")
    assert (await third.post(CODE, json={"code": fresh})).status_code == 401


async def test_the_secret_of_before_the_code_is_worth_nothing(door, moment):
    head, _ = await door("head")
    stolen = head.cookies["guitu_session"]
    await enrolled(head, moment.now)
    head.cookies.clear()
    head.cookies.set("guitu_session", stolen)
    assert (await head.get(SESSION)).status_code == 401


async def test_a_recovery_code_stands_in_once(door, moment):
    head, _ = await door("head")
    _, found = await enrolled(head, moment.now)
    code = found["recovery_codes"][3]
    again, _ = await door("head")
    lower = code.lower().replace("-", " ")
    assert (await again.post(CODE, json={"code": lower})).status_code == 200
    third, _ = await door("head")
    assert (await third.post(CODE, json={"code": code})).status_code == 401


async def test_wrong_codes_lock_the_factor_and_not_the_password(door, moment):
    head, _ = await door("head")
    secret, _ = await enrolled(head, moment.now)
    moment.later(90)
    again, _ = await door("head")
    right = pyotp.TOTP(secret).at(moment.now)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    answers = [await again.post(CODE, json={"code": wrong}) for _ in range(6)]
    assert [one.status_code for one in answers] == [401] * 5 + [429]
    assert (await again.post(CODE, json={"code": right})).status_code == 429
    await door("head")


async def test_an_offer_is_for_one_session_and_ten_minutes(door, moment):
    head, _ = await door("head")
    auditor, _ = await door("auditor")
    offer = (await head.post(FACTOR)).json()
    assert offer["qr_svg"].startswith("<svg")
    body = {"ticket": offer["ticket"], "code": pyotp.TOTP(offer["secret"]).at(moment.now)}
    assert (await auditor.put(FACTOR, json=body)).status_code == 422
    moment.later(601)
    late = body | {"code": pyotp.TOTP(offer["secret"]).at(moment.now)}
    assert (await head.put(FACTOR, json=late)).status_code == 422


async def test_an_officer_may_enrol_and_need_not(door, moment):
    officer, said = await door("officer")
    assert said["next"] is None
    await enrolled(officer, moment.now)
    _, said = await door("officer")
    assert said["next"] == "code"


async def test_where_it_is_optional_nobody_is_made_to_enrol(site):
    settings = site.settings(second_factor="optional", second_factor_key_file=None)
    async with running(create_app(settings)) as started, http(started) as client:
        body = {"login": "head", "password": site.passwords["head"]}
        answer = (await client.post(SESSION, json=body)).json()
        assert answer["next"] is None
        client.headers["X-CSRF-Token"] = answer["csrf_token"]
        assert (await client.post(FACTOR)).status_code == 503


async def test_own_sessions_are_listed_and_ended(door, site):
    here, _ = await door("officer")
    other, _ = await door("officer")
    third, _ = await door("officer")
    found = (await here.get("/api/v1/sessions")).json()["items"]
    assert [one["is_this"] for one in found] == [False, False, True]
    assert {(one["address"], one["agent"]) for one in found} == {("127.0.0.1", "python-httpx")}
    gone = await here.delete(f"/api/v1/sessions/{found[1]['id']}")
    assert (gone.status_code, (await other.get(SESSION)).status_code) == (204, 401)
    assert (await here.delete("/api/v1/sessions/999999")).status_code == 404
    assert (await here.delete("/api/v1/sessions")).json() == {"ended": 1}
    assert (await third.get(SESSION)).status_code == 401
    site.rows("UPDATE session SET seen_at = now() - interval '29 min'")
    assert (await here.get(SESSION)).status_code == 200
    assert site.one("SELECT now() - seen_at < interval '1 min' FROM session") is True
    site.rows("UPDATE session SET seen_at = now() - interval '31 min'")
    assert (await here.get(SESSION)).status_code == 401


async def test_a_changed_password_ends_the_other_sessions(door, site):
    here, _ = await door("officer")
    other, _ = await door("officer")
    body = {"old": site.passwords["officer"], "new": "another long password"}
    assert (await here.post("/api/v1/me/password", json=body)).status_code == 204
    assert (await here.get(SESSION)).status_code == 200
    assert (await other.get(SESSION)).status_code == 401


async def test_the_twenty_second_wrong_login_of_an_address_waits(nobody, site):
    async def attempt(login, password):
        return await nobody.post(SESSION, json={"login": login, "password": password})

    # Right ones do not count.
    assert (await attempt("officer", site.passwords["officer"])).status_code == 200
    site.rows("UPDATE address_attempt SET wrong_count = 20")
    assert (await attempt("nobody-1", "a guess")).status_code == 401
    answer = await attempt("nobody-2", "a guess")
    assert (answer.status_code, 1 <= int(answer.headers["retry-after"]) <= 30) == (429, True)


def test_a_code_counts_one_step_off_and_only_after_the_last():
    secret = factor.new_secret()
    at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    step = int(at.timestamp()) // 30
    for off, counts in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        code = pyotp.TOTP(secret).generate_otp(step + off)
        assert (factor.step_of(secret, code, at, after=0) == step + off) is counts
        assert factor.step_of(secret, code, at, after=step + off) is None


def test_the_code_is_that_of_the_rfc():
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B: 94287082 at 59 s
    at = datetime.fromtimestamp(59, tz=UTC)
    assert factor.step_of(secret, "287082", at, after=0) == 1
