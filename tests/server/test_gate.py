"""What every call refuses before it does anything: forged, foreign, too large, too often."""

import asyncio
import re

import httpx
import pytest

from server.app import contract, create_app
from server.auth.person import COOKIE, SAFE
from server.contract.describing import operations
from tests.server.conftest import http, running
from tests.server.live_server import serving

CALLS = [call.split(" ") for call, _ in operations(contract())]
UNSAFE = [[method, path] for method, path in CALLS if method not in SAFE]
SIGN_IN = ["POST", "/api/v1/session"]
BY_PEOPLE = [call for call in UNSAFE if "/gateway/" not in call[1] and call != SIGN_IN]
LARGE = ("/api/v1/imports", "/api/v1/registry", "/api/v1/gateway/")


def place(path):
    return re.sub(r"\{\w+\}", "x-1", path)


def signed_in(app, site, login, token=None):
    secret, csrf = site.open_session(login)
    client = http(app)
    client.cookies.set(COOKIE, secret)
    if token is not None:
        client.headers["X-CSRF-Token"] = token or csrf
    return client


@pytest.mark.parametrize("token", [None, "of-another-session"])
async def test_no_change_is_made_for_a_cookie_alone(app, site, token):
    site.add_account("own", "office-1", "subject", "s-4k2m9q")
    clients = {login: signed_in(app, site, login, token) for login in ("supervisor", "own")}
    assert len(BY_PEOPLE) > 100
    for method, path in BY_PEOPLE:
        client = clients["own" if path.startswith("/api/v1/me/") else "supervisor"]
        answer = await client.request(method, place(path), json={})
        assert answer.status_code == 403, f"{method} {path}: {answer.text}"
        assert "X-CSRF-Token" in answer.json()["detail"]


@pytest.mark.parametrize("site_of_page", ["cross-site", "same-site"])
async def test_no_page_of_another_site_asks_for_a_change_or_signs_anybody_in(
    app, site, site_of_page
):
    client = signed_in(app, site, "supervisor", token="")
    client.headers["Sec-Fetch-Site"] = site_of_page
    for method, path in UNSAFE:
        answer = await client.request(method, place(path), json={})
        assert answer.status_code == 403, f"{method} {path}"
        assert "another site" in answer.json()["detail"]
    assert (await client.get("/api/v1/session")).status_code == 200


async def test_a_form_is_refused_by_its_size_whoever_sends_it_and_whatever_it_says(site, nobody):
    most = site.settings().max_form_bytes
    body = b" " * (most + 1)
    for method, path in UNSAFE:
        if not path.startswith(LARGE):
            answer = await nobody.request(method, place(path), content=body)
            assert answer.status_code == 413, f"{method} {path}"

    async def parts():
        yield body[: most // 2]
        yield body[most // 2 :]

    answer = await nobody.post("/api/v1/session", content=parts())  # no Content-Length
    assert answer.status_code == 413


async def test_who_asks_too_often_is_told_when_to_go_on_and_delays_nobody(site):
    settings = site.settings(session_requests_burst=10, session_requests_per_s=1)
    async with running(create_app(settings)) as app:
        flood, other = (signed_in(app, site, login) for login in ("officer", "auditor"))
        answers = [await flood.get("/api/v1/session") for _ in range(15)]
        assert [one.status_code for one in answers[:10]] == [200] * 10
        refused = answers[-1]
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert (await other.get("/api/v1/session")).status_code == 200
        text = (await other.get("/metrics")).text
        assert 'guitu_http_refused_total{reason="session"} 5' in text


async def test_sessions_that_nobody_has_open_no_new_rates(site):
    async with (
        running(
            create_app(site.settings(address_requests_burst=10, address_requests_per_s=1))
        ) as app,
        http(app) as c,
    ):
        codes = []
        for number in range(40):
            cookie = {"Cookie": f"{COOKIE}=made-up-{number}"}
            codes.append((await c.get("/api/v1/session", headers=cookie)).status_code)
        assert codes[:10] == [401] * 10
        assert 429 in codes
        assert (await c.get("/livez")).status_code == 200


async def test_an_unexpected_error_tells_nothing_of_the_inside(site, people):
    site.rows("ALTER TABLE alert RENAME TO alert_gone")
    answer = await people("officer").get("/api/v1/alerts/episode-1")
    assert answer.status_code == 500
    assert answer.json() == {
        "type": "about:blank",
        "title": "Internal error",
        "status": 500,
        "detail": "the server failed on this request; its log has the reason",
    }
    for inside in ("alert_gone", "relation", "SELECT", "psycopg", "/server/", "Traceback"):
        assert inside not in answer.text + str(answer.headers)


@pytest.mark.parametrize("host", ["127.0.0.1", "desk.example"])
async def test_the_cookie_is_closed_to_scripts_other_sites_and_plain_http(app, site, host):
    async with http(app) as client:
        body = {"login": "admin", "password": site.passwords["admin"]}
        answer = await client.post(f"http://{host}/api/v1/session", json=body)
    flags = {part.strip().lower() for part in answer.headers["Set-Cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= flags
    assert ("secure" in flags) is (host != "127.0.0.1")


HOSTILE = {
    "cookie of bytes": b"Cookie: guitu_session=\xff\xfe\x80; =; ;;a\r\n",
    "cookie without end": b"Cookie: " + b"a=b;" * 8_000 + b"\r\n",
    "two cookies": b"Cookie: guitu_session=a\r\nCookie: guitu_session=b\r\n",
    "quoted cookie": b'Cookie: guitu_session="\\377\\"\r\n',
    "huge header": b"X-Long: " + b"a" * 200_000 + b"\r\n",
    "many headers": b"".join(b"X-%d: a\r\n" % number for number in range(2_000)),
    "no such length": b"Content-Length: -1\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n",
    "length and chunks": b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
    "odd coding": b"Transfer-Encoding: gzip, chunked\r\n",
    "name of bytes": b"\xff\xff: a\r\n",
    "folded": b"X-A: b\r\n c\r\n",
    "nul": b"X-A: b\x00c\r\n",
    "bearer of bytes": b"Authorization: Bearer \xff\xff\r\n",
    "basic": b"Authorization: Basic !!!\r\n",
    "csrf of bytes": b"X-CSRF-Token: \xff\r\n",
    "if-match": b'If-Match: W/"\xff", *, "99999999999999999999999999"\r\n',
    "key": b"Idempotency-Key: " + b"k" * 5_000 + b"\r\n",
    "event id": b"Last-Event-ID: -99999999999999999999999\r\n",
    "range": b"Range: bytes=9-1,,-\r\n",
    "expect": b"Expect: 100-continue, 200-maybe\r\n",
    "upgrade": b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
}
BODIES = {
    "deep": b"[" * 200_000,
    "deep object": b'{"a":' * 100_000,
    "surrogate": b'{"login": "\\ud800", "password": "\\udfff"}',
    "not utf-8": b'{"login": "\xff"}',
    "long number": b'{"login": ' + b"9" * 100_000 + b"}",
    "not finite": b'{"login": NaN, "password": 1e999}',
    "twice": b'{"login": "a", "login": "b", "password": "c"}',
    "nul": b'{"login": "a\\u0000", "password": "b"}',
    "empty": b"",
    "list": b"[]",
}
TYPES = ("application/json", "text/plain", "multipart/form-data", "application/xml; charset=\xff")
REQUESTS = (
    ("GET", "/api/v1/session"), ("POST", "/api/v1/session"), ("GET", "/api/v1/alerts?limit=1"),
    ("POST", "/api/v1/gateway/outcomes?first=1&last=1"), ("GET", "/assets/x"), ("POST", "/"),
)  # fmt: skip


async def status_of(port: int, head: bytes, body: bytes = b"") -> int:
    """Send bytes as they are; return the status, 0 when the connection was closed instead."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head + b"Host: a\r\nConnection: close\r\n\r\n" + body)
        # Nothing more comes: a length that promises more is a body that was cut off.
        writer.write_eof()
        line = await asyncio.wait_for(reader.readline(), 20)
    except ConnectionError:
        return 0
    finally:
        writer.close()
    return int(line.split()[1]) if line else 0


async def test_no_hostile_header_or_body_is_an_error_of_the_server(site):
    async with serving(site.settings()) as live:
        port = httpx.URL(live.base).port
        bad = {}
        for method, path in REQUESTS:
            start = f"{method} {path} HTTP/1.1\r\n".encode()
            for name, header in HOSTILE.items():
                status = await status_of(port, start + header, b"{}")
                if status >= 500:
                    bad[f"{method} {path} {name}"] = status
            for name, body in BODIES.items():
                for kind in TYPES:
                    sized = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                    status = await status_of(port, start + sized.encode("latin-1"), body)
                    if status >= 500:
                        bad[f"{method} {path} {name} {kind}"] = status
        assert bad == {}
        async with httpx.AsyncClient(base_url=live.base) as client:
            assert (await client.get("/readyz")).status_code == 200
