"""The seeded feed of the console's benchmark: a server's own answers, with 40,000 who move.

A relay stands between browser and server. It passes everything on, alerts and heartbeats too, and
puts in what would take a province's gateways: the snapshot of positions, and each second a frame in
which everybody has moved. It runs in a process of its own.
"""

import asyncio
import json
import multiprocessing
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import httpx
import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from guitu.embedded.ports import free_port
from server.live.frames import frame

STAMPS: Final = "/bench/stamps"
"""Answers `[[frame, stamp in ms], ...]`: when each frame was begun, by this machine's clock."""
BEACONS: Final = 4
"""Places between which one device jumps, far enough that its symbol does not glide."""
_EVERY_S: Final = 1.0
_WALK_E6: Final = 600
_PASSED: Final = ("transfer-encoding", "connection", "keep-alive")
_START_S: Final = 30.0


@dataclass(frozen=True)
class Box:
    """A box in degrees, WGS-84."""

    west: float
    south: float
    east: float
    north: float

    def place(self, east: float, north: float) -> tuple[float, float]:
        """Return the place at shares of the box, degrees east and north."""
        return (
            self.west + (self.east - self.west) * east,
            self.south + (self.north - self.south) * north,
        )

    def beacons(self) -> list[tuple[float, float]]:
        """Return the beacons' places, in a strip of the north where nobody else is."""
        return [self.place((number + 1) / (BEACONS + 1), 0.95) for number in range(BEACONS)]


@contextmanager
def relay(server_url: str, box: Box, *, points: int, seed: int) -> Iterator[str]:
    """Run the relay for as long as this is open; yield its address.

    Raises:
        RuntimeError: It does not answer.
    """
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(server_url, box, points, seed, port), daemon=True
    )
    process.start()
    url = f"http://127.0.0.1:{port}"
    try:
        _await_answer(url)
        yield url
    finally:
        process.terminate()
        process.join()


def _await_answer(url: str) -> None:
    deadline_s = time.monotonic() + _START_S
    while time.monotonic() < deadline_s:
        with suppress(httpx.TransportError):
            httpx.get(url + STAMPS, trust_env=False)
            return
        time.sleep(0.1)
    raise RuntimeError(f"the relay of the benchmark does not answer within {_START_S:g} s")


def _serve(server_url: str, box: Box, points: int, seed: int, port: int) -> None:
    relayed = _Relay(server_url, _Crowd(box, points, seed))
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    app = Starlette(
        routes=[
            Route(STAMPS, relayed.stamps),
            Route("/api/v1/positions", relayed.positions),
            Route("/api/v1/live", relayed.live),
            Route("/{path:path}", relayed.forward, methods=methods),
        ]
    )
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


class _Crowd:
    """Everybody's columns; the last device is the beacon."""

    def __init__(self, box: Box, points: int, seed: int) -> None:
        dice = np.random.default_rng(seed)
        west, south = box.place(0.05, 0.05)
        east, north = box.place(0.95, 0.85)
        self._lon = dice.uniform(west, east, points - 1) * 1e6
        self._lat = dice.uniform(south, north, points - 1) * 1e6
        self._phase = dice.uniform(0, 2 * np.pi, points - 1)
        self._beacons = box.beacons()
        self._points = points
        names = [f"bench-{number:05d}" for number in range(points)]
        fixed: dict[str, list[Any]] = {
            "device": names,
            "holder_kind": ["subject"] * points,
            "holder": [f"s-{name}" for name in names],
            "label": names,
            "kind": ["wristband"] * points,
            "accuracy_m": [8.0] * points,
            "battery_pct": [80] * points,
            "alarms": [0] * points,
        }
        self._fixed = json.dumps(fixed, separators=(",", ":")).encode()[1:]

    def columns(self, number: int, stamp_ms: int) -> bytes:
        """Return the columns of frame `number` as JSON."""
        turn = self._phase + number / 5
        lon, lat = self._beacons[number % BEACONS]
        east = np.append(self._lon + _WALK_E6 * np.cos(turn), lon * 1e6).astype(int).tolist()
        north = np.append(self._lat + _WALK_E6 * np.sin(turn), lat * 1e6).astype(int).tolist()
        moving = json.dumps({"feed_id": 0, "lon": east, "lat": north}, separators=(",", ":"))
        times = b",".join([str(stamp_ms).encode()] * self._points)
        return moving.encode()[:-1] + b',"fix_time_ms":[' + times + b"]," + self._fixed


class _Relay:
    def __init__(self, server_url: str, crowd: _Crowd) -> None:
        self._server = httpx.AsyncClient(base_url=server_url, trust_env=False, timeout=60)
        self._crowd = crowd
        self._stamps: list[tuple[int, int]] = []
        self._columns = b""

    async def stamps(self, request: Request) -> Response:
        del request
        return JSONResponse(self._stamps)

    async def positions(self, request: Request) -> Response:
        del request
        content = self._columns or self._next()
        return Response(content, media_type="application/json")

    async def forward(self, request: Request) -> Response:
        answer = await self._server.send(await self._passed_on(request), stream=True)
        content = b"".join([piece async for piece in answer.aiter_raw()])
        await answer.aclose()
        kept = {name: value for name, value in answer.headers.items() if name not in _PASSED}
        return Response(content, answer.status_code, kept)

    async def live(self, request: Request) -> Response:
        answer = await self._server.send(await self._passed_on(request), stream=True)
        return StreamingResponse(
            self._mixed(answer), answer.status_code, media_type="text/event-stream"
        )

    async def _passed_on(self, request: Request) -> httpx.Request:
        where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return self._server.build_request(
            request.method, where, headers=request.headers.raw, content=await request.body()
        )

    def _next(self) -> bytes:
        number, stamp_ms = len(self._stamps), time.time_ns() // 1_000_000
        self._columns = self._crowd.columns(number, stamp_ms)
        self._stamps.append((number, stamp_ms))
        return self._columns

    async def _mixed(self, answer: httpx.Response) -> AsyncIterator[bytes]:
        waiting: asyncio.Queue[bytes] = asyncio.Queue()
        tasks = [
            asyncio.create_task(self._events(answer, waiting)),
            asyncio.create_task(self._moves(waiting)),
        ]
        try:
            while True:
                yield await waiting.get()
        finally:
            for task in tasks:
                task.cancel()
            await answer.aclose()

    async def _events(self, answer: httpx.Response, waiting: "asyncio.Queue[bytes]") -> None:
        carried = b""
        async for piece in answer.aiter_raw():
            whole, end, carried = (carried + piece).rpartition(b"\n\n")
            if end:
                await waiting.put(whole + end)

    async def _moves(self, waiting: "asyncio.Queue[bytes]") -> None:
        begin_s = time.monotonic()
        turn = 0
        while True:
            turn += 1
            await asyncio.sleep(max(0.0, begin_s + turn * _EVERY_S - time.monotonic()))
            await waiting.put(frame("pos", self._next()))
