"""`guitu probe` against a server on a real port."""

import asyncio
import json

import httpx
import pytest
from click.testing import CliRunner

from guitu.commands.probe import command
from guitu.embedded.ports import free_port
from tests.server.conftest import TOKEN, until
from tests.server.events import post_telemetry, report
from tests.server.live_server import serving


async def probed(url, *options):
    result = await asyncio.to_thread(CliRunner().invoke, command, [url, "--json", *options])
    return result.exit_code, json.loads(result.output)


@pytest.fixture
async def live(site):
    async with (
        serving(site.settings()) as started,
        httpx.AsyncClient(base_url=started.base, trust_env=False) as client,
    ):

        async def beats():
            state = (await client.get("/readyz")).json()
            return state["feed_age_s"] is not None and state["watch_age_s"] is not None

        await until(beats)
        yield started


async def test_a_server_without_telemetry_works_in_part(live):
    code, said = await probed(live.base)
    assert (code, said["status"], said["faults"]) == (1, "degraded", ["telemetry: none yet"])


async def test_a_server_that_takes_telemetry_is_well(live):
    async with httpx.AsyncClient(base_url=live.base, trust_env=False) as gateway:
        gateway.headers["Authorization"] = f"Bearer {TOKEN}"
        assert (await post_telemetry(gateway, [report()])).status_code == 200
    code, said = await probed(live.base)
    assert (code, said["faults"]) == (0, [])


async def test_old_telemetry_is_a_fault(live, site):
    site.rows(
        "INSERT INTO gateway_mark (gateway_id, org_id, stream, through_seq, taken_at)"
        " SELECT id, org_id, 'telemetry', 1, now() - interval '10 min' FROM gateway"
    )
    assert (await probed(live.base))[1]["faults"] == ["telemetry: 600 s old, at most 300 s"]
    assert (await probed(live.base, "--telemetry-s", "3600"))[0] == 0


async def test_no_server_is_down():
    code, said = await probed(f"http://127.0.0.1:{free_port()}", "--timeout-s", "1")
    assert (code, said["status"]) == (2, "down")


async def test_what_is_no_server_is_down(live):
    code, said = await probed(f"{live.base}/nowhere")
    assert (code, said["status"]) == (2, "down")
