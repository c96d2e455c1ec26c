"""The server on a real port, and a reader of its event stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from guitu.embedded.ports import free_port
from server.app import create_app
from server.config import ServerSettings
from server.main import make_server


@dataclass
class LiveServer:
    app: FastAPI
    base: str
    server: Any
    task: "asyncio.Task[None]"

    async def stop(self) -> None:
        self.server.should_exit = True
        await self.task


@asynccontextmanager
async def serving(settings: ServerSettings) -> AsyncIterator[LiveServer]:
    settings = settings.model_copy(update={"http_port": free_port()})
    app = create_app(settings)
    server = make_server(app, settings)
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), task.result()
        await asyncio.sleep(0.01)
    live = LiveServer(app, f"http://127.0.0.1:{settings.http_port}", server, task)
    try:
        yield live
    finally:
        await live.stop()


@dataclass
class Event:
    name: str
    data: Any
    id: int | None


class Stream:
    """Events of one stream, each awaited by a condition."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.seen: list[Event] = []
        self._lines = response.aiter_lines()

    async def next(self) -> Event | None:
        """The next event, None at the end of the stream."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                feed_id = int(fields["id"]) if "id" in fields else None
                event = Event(fields["event"], json.loads(fields["data"]), feed_id)
                self.seen.append(event)
                return event
        return None

    async def until(self, name: str, timeout_s: float = 20.0) -> Event:
        """The next event of this name; others are passed over and kept in `seen`."""
        async with asyncio.timeout(timeout_s):
            while event := await self.next():
                if event.name == name:
                    return event
        raise AssertionError(f"the stream ended without {name}: {self.seen}")

    async def end(self, timeout_s: float = 20.0) -> None:
        async with asyncio.timeout(timeout_s):
            while await self.next():
                pass


@asynccontextmanager
async def stream(
    base: str, secret: str, *, headers: dict[str, str] | None = None, query: str = ""
) -> AsyncIterator[Stream]:
    client = httpx.AsyncClient(
        base_url=base, cookies={"guitu_session": secret}, timeout=httpx.Timeout(30), trust_env=False
    )
    async with (
        client,
        client.stream("GET", f"/api/v1/live{query}", headers=headers or {}) as response,
    ):
        assert response.status_code == 200, (await response.aread()).decode()
        yield Stream(response)
