"""Terminals of the tests: a gateway with a TCP port, and connections to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.config import GatewaySettings
from guitu.embedded.ports import free_port
from tests.gateway.place import HOME, METRES_PER_DEGREE_LON, directory_body, now_ms

WAIT_S = 20.0
NUMBERS = {"wb-1": "1000000001", "wb-2": "1000000002"}


def terminal_directory(protocol="watch", *, version=1, numbers=NUMBERS, **terminal) -> bytes:
    """The county of `place`, whose wristbands wb-1 (under an order) and wb-2 (not) speak TCP."""
    body = json.loads(directory_body(version=version))
    for device in body["devices"]:
        if device["device"] in numbers:
            device["terminal"] = {"protocol": protocol, "number": numbers[device["device"]]}
            device["terminal"] |= terminal
    return json.dumps(body).encode()


def tcp_settings(settings: GatewaySettings, protocol="watch", **changed) -> GatewaySettings:
    return settings.model_copy(update={f"tcp_{protocol}_port": free_port()} | changed)


def fix(seq: int, *, at_ms=None, metres_east=0.0, alarm="") -> str:
    lon = HOME[0] + metres_east / METRES_PER_DEGREE_LON
    return f"fix {seq} {at_ms or now_ms()} {lon:.7f} {HOME[1]} {alarm}".strip()


class Terminal:
    """One connection; lines in, lines out."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def say(self, *lines: str) -> None:
        self.writer.write("".join(f"{line}\n" for line in lines).encode())

    async def hear(self) -> str:
        """Return the next line; empty when the gateway hung up."""
        async with asyncio.timeout(WAIT_S):
            try:
                return (await self.reader.readline()).decode().strip()
            except ConnectionError:
                return ""

    async def hears(self, wanted: str) -> None:
        heard = await self.hear()
        assert heard == wanted, heard

    async def ends(self) -> None:
        """Return when the gateway has hung up; what comes before is dropped."""
        async with asyncio.timeout(WAIT_S):
            try:
                await self.reader.read()
            except ConnectionError:
                return

    async def log_in(self, number=NUMBERS["wb-1"]) -> None:
        self.say(f"login {number}")
        await self.hears("welcome")


@asynccontextmanager
async def connection(settings: GatewaySettings, protocol="watch") -> AsyncIterator[Terminal]:
    port = settings.tcp_ports[protocol]
    reader, writer = await asyncio.open_connection(settings.tcp_host, port)
    try:
        yield Terminal(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def logged_in(settings, number=NUMBERS["wb-1"]) -> AsyncIterator[Terminal]:
    async with connection(settings) as terminal:
        await terminal.log_in(number)
        yield terminal
