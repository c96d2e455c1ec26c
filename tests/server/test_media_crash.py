"""A server that is killed while a recorder's file is half sent."""

import asyncio
import secrets

import httpx
import pytest

from guitu.embedded.ports import free_port
from server.media.uploads import SAFE_STEP_BYTES
from tests.server.conftest import TOKEN, until
from tests.server.recordings import (
    Recording,
    add_recorder,
    announce,
    begin,
    kept,
    media_settings,
    send,
)
from tests.server.server_program import is_ready, kill, start

CHUNK_BYTES = 1 << 20
SENT_BYTES = 2 * SAFE_STEP_BYTES + 3 * CHUNK_BYTES + 17


class Line:
    """A line over which a part's bytes go out; after so many no more come, and it stays open."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.is_cut = asyncio.Event()

    async def __aiter__(self):
        for begin_bytes in range(0, SENT_BYTES, CHUNK_BYTES):
            yield self.content[begin_bytes : min(begin_bytes + CHUNK_BYTES, SENT_BYTES)]
        await self.is_cut.wait()


@pytest.mark.slow
async def test_an_upload_goes_on_after_the_server_was_killed_within_a_part(site):
    add_recorder(site)
    one = Recording("v-1", secrets.token_bytes(3 * SAFE_STEP_BYTES))
    settings = media_settings(site, http_port=free_port())
    base = f"http://127.0.0.1:{settings.http_port}"
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=60) as gateway:
        gateway.headers["Authorization"] = f"Bearer {TOKEN}"
        first = await start(settings)
        try:
            await is_ready(gateway)
            await announce(gateway, one)
            location = await begin(gateway, one)
            line = Line(one.content)
            sending = asyncio.create_task(send(gateway, location, 0, line))

            async def has_most_of_it():
                noted = site.one("SELECT received_bytes FROM media_upload")
                return noted >= 2 * SAFE_STEP_BYTES

            await until(has_most_of_it, 60)
        finally:
            await kill(first)
        line.is_cut.set()
        with pytest.raises(httpx.TransportError):
            await sending

        second = await start(settings)
        try:
            await is_ready(gateway)
            offset = await kept(gateway, location)
            assert 2 * SAFE_STEP_BYTES <= offset <= SENT_BYTES
            assert await begin(gateway, one) == location
            beyond = await send(gateway, location, SENT_BYTES, one.content[SENT_BYTES:])
            assert (beyond.status_code, await kept(gateway, location)) == (409, offset)
            answer = await send(gateway, location, offset, one.content[offset:])
            assert answer.status_code == 204, answer.text

            async def is_stored():
                return site.one("SELECT state FROM media WHERE id = %s", (one.id,)) == "stored"

            await until(is_stored, 60)
        finally:
            await kill(second)
    assert site.one("SELECT found_sha256 FROM media") == one.sha256
