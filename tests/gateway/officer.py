"""An officer at the server who enters commands and looks what became of them."""

import asyncio
from contextlib import asynccontextmanager

from tests.gateway.life import WAIT_S, running
from tests.gateway.sites import serving


class Desk:
    """An officer who enters commands and looks what became of them."""

    def __init__(self, client) -> None:
        self.client = client
        self.entered = 0

    async def enter(self, device, body) -> str:
        self.entered += 1
        key = {"Idempotency-Key": f"command-key-{self.entered}"}
        answer = await self.client.post(
            f"/api/v1/devices/{device}/commands", json=body, headers=key
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def steps(self, command) -> list[str]:
        shown = (await self.client.get(f"/api/v1/commands/{command}")).json()
        return [step["step"] for step in shown["steps"]]

    async def until_steps(self, command, *wanted) -> None:
        async with asyncio.timeout(WAIT_S):
            while (found := await self.steps(command)) != list(wanted):
                assert found == list(wanted)[: len(found)], found
                await asyncio.sleep(0.03)


@asynccontextmanager
async def officer(place):
    async with await place.open_desk() as client:
        yield Desk(client)


@asynccontextmanager
async def site(place):
    """The server, the gateway, and an officer at the server."""
    async with serving(place.server), running(place.gateway) as gateway, officer(place) as desk:
        yield gateway, desk
