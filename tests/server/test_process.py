"""The program as it is started for real."""

import asyncio
import os
import signal
import sys

import httpx

from guitu.embedded.ports import free_port
from tests.server.conftest import until
from tests.server.live_server import stream


async def test_a_terminated_server_ends_its_streams_and_exits_with_success(site):
    settings = site.settings()
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "GUITU_SERVER_APP_DSN_FILE": str(settings.app_dsn_file),
        "GUITU_SERVER_INGEST_DSN_FILE": str(settings.ingest_dsn_file),
        "GUITU_SERVER_WORKER_DSN_FILE": str(settings.worker_dsn_file),
        "GUITU_SERVER_MASTER_KEY_FILE": str(settings.master_key_file),
        "GUITU_SERVER_HTTP_PORT": str(port),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "guitu", "server", env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with httpx.AsyncClient(base_url=base, trust_env=False) as client:

            async def is_ready():
                try:
                    return (await client.get("/readyz")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(is_ready, timeout_s=60)
            secret, _ = site.open_session("officer")
            async with stream(base, secret) as events:
                await events.until("hello")
                process.send_signal(signal.SIGTERM)
                await events.end()
        _, log = await asyncio.wait_for(process.communicate(), 30)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    # Neither the search words nor the names of people are in it; every line has its part.
    lines = log.decode().splitlines()
    assert lines
    assert all(" server " in line for line in lines)
