"""A slow upload keeps nobody waiting: the database is asked when the whole body is there."""

import asyncio

import httpx
import pytest

from tests.server.conftest import TOKEN
from tests.server.events import arrow
from tests.server.live_server import serving

EMPTY = {"outcomes": b"[]", "telemetry": arrow([])}
POOL_SIZE = 2


class Upload:
    """A request whose body has begun and is awaited."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rest: bytes):
        self._reader, self._writer, self._rest = reader, writer, rest

    @classmethod
    async def begun(cls, port: int, stream: str) -> "Upload":
        body = EMPTY[stream]
        head = (
            f"POST /api/v1/gateway/{stream}?first=1&last=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n"
            "Expect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.encode() + body[:1])
        # The server says so when it waits for the body.
        assert b" 100 " in await reader.readuntil(b"\r\n\r\n")
        return cls(reader, writer, body[1:])

    async def finish(self) -> bytes:
        self._writer.write(self._rest)
        status = await self._reader.readline()
        self._writer.close()
        return status


@pytest.mark.parametrize("stream", ["outcomes", "telemetry"])
async def test_uploads_under_way_hold_no_connection(site, stream):
    settings = site.settings(pool_size=POOL_SIZE, pool_timeout_s=0.5)
    async with (
        asyncio.timeout(30),
        serving(settings) as live,
        httpx.AsyncClient(base_url=live.base, trust_env=False, timeout=30) as other,
    ):
        other.headers["Authorization"] = f"Bearer {TOKEN}"
        port = httpx.URL(live.base).port
        uploads = [await Upload.begun(port, stream) for _ in range(POOL_SIZE)]
        assert (await other.get("/api/v1/gateway/marks")).status_code == 200
        for upload in uploads:
            assert b" 200 " in await upload.finish()
        assert (await other.get("/api/v1/gateway/marks")).json()[stream] == 1
