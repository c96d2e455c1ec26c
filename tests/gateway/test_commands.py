"""Commands from the server to devices and their answers back, with the real server between."""

import asyncio
import json
import logging
from contextlib import asynccontextmanager

import pytest

from firmware_protocols.catalog import CODECS
from gateway.commands import desk as desk_module
from gateway.commands.wire import Event
from tests.gateway.life import reports_kept, running, until
from tests.gateway.officer import officer, site
from tests.gateway.place import report, topic
from tests.gateway.sites import serving
from tests.gateway.terminals import NUMBERS, fix, logged_in, tcp_settings
from tests.gateway.tiny import TINY
from tests.services.mqtt_client import TestClient

INTERVAL = {"name": "set_interval", "interval_s": 30, "purpose": "加密上报间隔"}
LOCATE = {"name": "locate", "purpose": "核实所在位置"}
TEXT = {"name": "text", "text": "请充电", "purpose": "提醒充电"}


@pytest.fixture
def place(make_place, database, monkeypatch):
    """wb-1 speaks MQTT, wb-2 the tests' line protocol over TCP."""
    monkeypatch.setitem(CODECS, "watch", TINY)

    def change(known):
        terminal = {"protocol": "watch", "number": NUMBERS["wb-2"]}
        (device,) = [d for d in known["devices"] if d["device"] == "wb-2"]
        device["terminal"] = terminal | {"model": "", "serial": None, "utc_offset_min": None}

    made = make_place(database, change)
    made.gateway = tcp_settings(made.gateway)
    return made


@asynccontextmanager
async def band(broker, device="wb-1"):
    """A wristband that listens and has just reported."""
    account = broker.add_device(device, org="county")
    with TestClient(broker, account) as client:
        client.subscribe(topic(device, channel="down"), qos=0)
        await asyncio.to_thread(client.publish_all, topic(device), [report(1)])
        yield client


async def next_command(client) -> dict:
    while True:
        said = json.loads((await asyncio.to_thread(client.next)).payload)
        if "cmd" in said:
            return said["cmd"]


async def test_a_wristband_obeys_over_mqtt(place, broker):
    async with site(place) as (_, desk), band(broker) as client:
        command = await desk.enter("wb-1", INTERVAL)
        heard = await next_command(client)
        assert heard == {"id": command, "name": "set_interval", "interval_s": 30}
        await desk.until_steps(command, "queued", "sent")
        answer = json.dumps({"v": 1, "reply": {"to": command, "ok": True, "text": ""}})
        await asyncio.to_thread(client.publish_all, topic("wb-1"), [answer.encode()])
        await desk.until_steps(command, "queued", "sent", "answered")


async def test_a_terminal_obeys_over_its_open_session(place):
    async with (
        site(place) as (gateway, desk),
        logged_in(place.gateway, NUMBERS["wb-2"]) as terminal,
    ):
        command = await desk.enter("wb-2", LOCATE)
        await terminal.hears(f"do {command} locate")
        terminal.say(f"done {command}")
        await desk.until_steps(command, "queued", "sent", "answered")
        counted = await gateway.metrics()
        assert counted["guitu_gateway_commands_total{answered}"] == 1
        assert counted["guitu_gateway_commands_open"] == 0


async def test_a_command_waits_for_its_device(place):
    async with site(place) as (gateway, desk):
        command = await desk.enter("wb-2", LOCATE)
        await gateway.until(lambda s: s["commands_open"] == 1, "it is fetched")
        assert await desk.steps(command) == ["queued"]
        async with logged_in(place.gateway, NUMBERS["wb-2"]) as terminal:
            await terminal.hears(f"do {command} locate")
        await desk.until_steps(command, "queued", "sent")


async def test_a_withdrawn_command_is_not_sent(place):
    async with site(place) as (gateway, desk):
        command = await desk.enter("wb-2", LOCATE)
        await gateway.until(lambda s: s["commands_open"] == 1, "it is fetched")
        await desk.client.delete(f"/api/v1/commands/{command}")
        await gateway.until(lambda s: s["commands_open"] == 0, "its withdrawal is seen")
        later = await desk.enter("wb-2", INTERVAL)
        async with logged_in(place.gateway, NUMBERS["wb-2"]) as terminal:
            await terminal.hears(f"do {later} set_interval")
        assert await desk.steps(command) == ["queued", "withdrawn"]


async def test_what_the_protocol_does_not_have_is_refused(place):
    async with site(place) as (_, desk), logged_in(place.gateway, NUMBERS["wb-2"]):
        command = await desk.enter("wb-2", TEXT)
        await desk.until_steps(command, "queued", "refused")
        shown = (await desk.client.get(f"/api/v1/commands/{command}")).json()
        assert shown["detail"] == "no display"


async def test_without_an_answer_it_times_out_and_a_late_answer_still_counts(place):
    place.gateway = place.gateway.model_copy(update={"command_answer_s": 0.1})
    async with site(place) as (_, desk), logged_in(place.gateway, NUMBERS["wb-2"]) as terminal:
        command = await desk.enter("wb-2", LOCATE)
        await terminal.hears(f"do {command} locate")
        await desk.until_steps(command, "queued", "sent", "timed_out")
        terminal.say(f"done {command}")
        await desk.until_steps(command, "queued", "sent", "timed_out", "answered")


async def test_an_answer_after_a_restart_finds_its_command(place):
    async with serving(place.server), officer(place) as desk:
        async with running(place.gateway), logged_in(place.gateway, NUMBERS["wb-2"]) as terminal:
            command = await desk.enter("wb-2", LOCATE)
            await terminal.hears(f"do {command} locate")
            await desk.until_steps(command, "queued", "sent")
        async with running(place.gateway), logged_in(place.gateway, NUMBERS["wb-2"]) as terminal:
            terminal.say(f"done {command}")
            await desk.until_steps(command, "queued", "sent", "answered")


async def test_what_became_of_it_waits_for_a_server_that_is_away(place):
    async with site(place) as (_, desk):
        command = await desk.enter("wb-2", LOCATE)
    async with running(place.gateway) as gateway:
        async with serving(place.server):
            await gateway.until(lambda s: s["commands_open"] == 1, "it is fetched")
        async with logged_in(place.gateway, NUMBERS["wb-2"]) as terminal:
            await terminal.hears(f"do {command} locate")
            terminal.say(f"done {command}", fix(1, alarm="sos"))
            await terminal.hears("kept 1")
        async with serving(place.server), officer(place) as desk:
            await desk.until_steps(command, "queued", "sent", "answered")


async def test_an_event_that_the_server_refuses_holds_up_no_other(place, caplog):
    async with site(place) as (gateway, desk):
        strange = Event("c-of-nobody", "sent", "2026-11-22T01:02:03.000Z")
        gateway.gateway._desk.book.events.append(strange)
        async with logged_in(place.gateway, NUMBERS["wb-2"]) as terminal:
            command = await desk.enter("wb-2", LOCATE)
            await terminal.hears(f"do {command} locate")
            terminal.say(f"done {command}")
            await desk.until_steps(command, "queued", "sent", "answered")
    dropped = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert dropped == ["event_dropped command=c-of-nobody state=sent"]


async def test_a_server_without_commands_is_asked_seldom_and_nothing_else_suffers(
    place, anybody, caplog, monkeypatch
):
    monkeypatch.setattr(desk_module, "PATH", "/api/v1/gateway/no-such-place")
    async with serving(place.server), running(place.gateway) as gateway:
        await until(lambda: "commands_waiting what=fetch" in caplog.text, "it is logged")
        anybody.publish_all(topic("wb-1"), [report(1)])
        await gateway.until_kept(1)
        assert (await gateway.state())["ready"] is True
    assert caplog.text.count("commands_waiting") == 1
    assert reports_kept(place.gateway) == 1
