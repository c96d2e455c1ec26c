"""The directory as a change, signed, and told when it happens."""

import asyncio

import httpx
import pytest

from gateway.directory.delta import apply_delta, digest_of
from gateway.directory.signature import read_keys
from gateway.directory.snapshot import compile_directory
from server.app import create_app
from server.errors import SettingsError
from server.signing.keys import new_key
from tests.server.conftest import TOKEN, http, running, until, vector
from tests.server.live_server import serving

URL = "/api/v1/gateway/directory"
DELTA = "application/vnd.guitu.directory-delta+json"


def entered(interval_s):
    file = vector("registry.json")
    file["devices"][0]["expected_interval_s"] = interval_s
    return file


async def change(people, interval_s=30):
    answer = await people("supervisor").post("/api/v1/registry", json=entered(interval_s))
    assert answer.status_code == 200, answer.text


async def test_a_gateway_is_told_what_changed_since_the_one_it_has(gateway, people):
    first = await gateway.get(URL)
    await change(people)
    told = await gateway.get(
        URL,
        headers={"If-None-Match": first.headers["etag"], "Guitu-Base": digest_of(first.content)},
    )
    assert told.headers["content-type"] == DELTA
    assert len(told.content) < len(first.content)
    made = apply_delta(first.content, told.content)
    assert digest_of(made) == told.headers["guitu-digest"]
    assert made == (await gateway.get(URL)).content
    assert compile_directory(made).devices["wb-000001"].expected_interval_s == 30


async def test_who_has_what_the_server_does_not_know_is_told_the_whole(gateway, people):
    first = await gateway.get(URL)
    await change(people)
    told = await gateway.get(
        URL, headers={"If-None-Match": first.headers["etag"], "Guitu-Base": "0" * 64}
    )
    assert told.headers["content-type"] == "application/json"
    assert told.json()["format"] == "guitu-directory/1"


async def test_a_signed_directory_is_the_servers_own_word(site, tmp_path):
    private, public = new_key()
    signing = site.settings(directory_key_file=tmp_path / "key.pem")
    (tmp_path / "key.pem").write_text(private)
    (tmp_path / "key.pub").write_text(public)
    (tmp_path / "key.pem").chmod(0o644)
    with pytest.raises(SettingsError, match="open to others"):
        create_app(signing)
    (tmp_path / "key.pem").chmod(0o600)
    async with running(create_app(signing)) as app, http(app) as client:
        answer = await client.get(URL, headers={"Authorization": f"Bearer {TOKEN}"})
    body = answer.json()
    read_keys(tmp_path / "key.pub").check(
        answer.headers["guitu-signature"],
        org=body["org"],
        version=body["version"],
        digest=digest_of(answer.content),
    )


async def test_a_change_is_told_to_who_waits_for_it(site):
    async with serving(site.settings()) as live:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(
            base_url=live.base, headers=headers, timeout=60, trust_env=False
        ) as client:
            etag = (await client.get(URL)).headers["etag"]
            waiting = asyncio.create_task(
                client.get(URL, params={"wait_s": 30}, headers={"If-None-Match": etag})
            )

            async def is_waiting():
                return live.app.state.directory_teller.bell.count == 1

            await until(is_waiting)
            assert not waiting.done()
            secret, csrf = site.open_session("supervisor")
            client.cookies.set("guitu_session", secret)
            entering = await client.post(
                "/api/v1/registry",
                json=entered(30),
                headers={"X-CSRF-Token": csrf},
            )
            assert entering.status_code == 200
            told = await asyncio.wait_for(waiting, 20)
    assert told.status_code == 200
    assert told.headers["etag"] != etag


async def test_who_waits_in_vain_is_answered_that_nothing_changed(gateway):
    etag = (await gateway.get(URL)).headers["etag"]
    answer = await gateway.get(URL, params={"wait_s": 0.05}, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
