"""How the console's files are served; needs no browser."""

import httpx
import pytest
from fastapi import FastAPI

from server.console import mount


@pytest.fixture
def built(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>page</title>")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    (tmp_path / ".stamp").write_text("hidden")
    (tmp_path / "assets/app-1a2b.js").write_text("export default 1;" * 200)
    return tmp_path


async def get(folder, path, **headers):
    app = FastAPI()
    mount(app, built=folder)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
        return await client.get(path, headers=headers)


@pytest.mark.parametrize("path", ["/", "/sign-in", "/subjects/s-4k2m9q", "/alerts/9f2c"])
async def test_every_page_address_answers_the_page_asked_for_each_time(built, path):
    answer = await get(built, path)
    assert answer.status_code == httpx.codes.OK
    assert "<title>page</title>" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/assets/app-1a2b.js", "/favicon.svg"])
async def test_every_file_carries_the_strict_policy(built, path):
    answer = await get(built, path)
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_named_assets_are_kept_for_ever_and_compressed(built):
    answer = await get(built, "/assets/app-1a2b.js", **{"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    "path",
    ["/api", "/api/v1/nothing", "/assets/gone.js", "/gone.js", "/.stamp", "/a/favicon.svg"],
)
async def test_what_is_no_page_is_not_found(built, path):
    assert (await get(built, path)).status_code == httpx.codes.NOT_FOUND


@pytest.mark.parametrize("path", ["/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/..%2f.stamp"])
async def test_no_path_leads_out_of_the_folder(built, path):
    (built.parent / "secret.txt").write_text("hush")
    answer = await get(built, path)
    assert "hush" not in answer.text
    assert "hidden" not in answer.text


async def test_without_a_build_the_page_says_so_in_both_languages(tmp_path):
    answer = await get(tmp_path, "/subjects/s-4k2m9q")
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert "控制台尚未构建" in answer.text
    assert "The console is not built" in answer.text
    assert (await get(tmp_path, "/api/v1/alerts")).status_code == httpx.codes.NOT_FOUND
