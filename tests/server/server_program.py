"""The server as the program that it is: started, killed and started again."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from server.config import ServerSettings
from tests.server.conftest import until


async def start(settings: ServerSettings) -> Process:
    """Start it; its settings are those that were given, as an environment."""
    given = settings.model_dump(exclude_unset=True)
    environment = os.environ | {
        f"GUITU_SERVER_{name.upper()}": str(value) for name, value in given.items()
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "guitu", "server", env=environment
    )


async def kill(process: Process) -> None:
    """As a power cut does."""
    if process.returncode is None:
        process.kill()
    await process.wait()


@asynccontextmanager
async def program(settings: ServerSettings) -> AsyncIterator[Process]:
    """Run it; it is killed at the end if it is still there."""
    process = await start(settings)
    try:
        yield process
    finally:
        await kill(process)


async def is_ready(client: httpx.AsyncClient) -> None:
    """Wait until it serves."""

    async def answers() -> bool:
        try:
            return (await client.get("/readyz")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    await until(answers, timeout_s=180)
