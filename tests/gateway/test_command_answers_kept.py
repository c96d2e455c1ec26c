"""What a device answers is on the disk before the broker may forget it."""

import asyncio
import json

from gateway.commands.desk import FILE
from gateway.commands.keeping import read_kept
from gateway.intake.session import BrokerSession
from tests.gateway.life import WAIT_S, process, running
from tests.gateway.officer import officer
from tests.gateway.place import report, topic
from tests.gateway.sites import serving
from tests.services.mqtt_client import TestClient

INTERVAL = {"name": "set_interval", "interval_s": 30, "purpose": "加密上报间隔"}


def band(broker):
    return TestClient(broker, broker.add_device("wb-1", org="county"))


async def commanded(desk, client) -> str:
    """Enter a command and return its id when the wristband has it."""
    client.subscribe(topic("wb-1", channel="down"), qos=0)
    await asyncio.to_thread(client.publish_all, topic("wb-1"), [report(1)])
    command = await desk.enter("wb-1", INTERVAL)
    while "cmd" not in json.loads((await asyncio.to_thread(client.next)).payload):
        pass
    await desk.until_steps(command, "queued", "sent")
    return command


def answer(command) -> bytes:
    return json.dumps({"v": 1, "reply": {"to": command, "ok": True, "text": ""}}).encode()


async def test_an_answer_is_on_the_disk_when_it_is_acknowledged(place, broker, monkeypatch):
    kept: list[list[str]] = []
    acknowledge = BrokerSession.acknowledge

    def watched(session, message) -> None:
        if b'"reply"' in message.payload:
            events = read_kept(place.gateway.data_dir / FILE).events
            kept.append([event.state for event in events])
        acknowledge(session, message)

    monkeypatch.setattr(BrokerSession, "acknowledge", watched)
    with band(broker) as client:
        async with running(place.gateway, ready=False) as gateway:
            async with serving(place.server), officer(place) as desk:
                await gateway.until_ready()
                command = await commanded(desk, client)
            client.publish_all(topic("wb-1"), [answer(command)])
            await gateway.until(lambda _: kept, "the answer is acknowledged")
    assert kept == [["answered"]]


async def test_a_gateway_killed_after_an_answer_still_tells_it(place, broker):
    with band(broker) as client, process(place.gateway) as gateway:
        async with serving(place.server), officer(place) as desk:
            await gateway.until_ready()
            command = await commanded(desk, client)
        messages = "guitu_gateway_messages_total"
        before = (await gateway.metrics())[messages]
        client.publish_all(topic("wb-1"), [answer(command)])
        async with asyncio.timeout(WAIT_S):
            while (await gateway.metrics())[messages] == before:  # noqa: ASYNC110 - a process
                await asyncio.sleep(0.01)
        gateway.kill()
    with process(place.gateway):
        async with serving(place.server), officer(place) as desk:
            await desk.until_steps(command, "queued", "sent", "answered")
