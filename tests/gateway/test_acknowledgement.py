"""Nothing is acknowledged before it is in the journal; what is not comes again, once."""

import asyncio
import sqlite3
from contextlib import contextmanager

import httpx
import pytest

from firmware_protocols.wristband_json.encode import decode_ack
from gateway.app import Gateway
from gateway.errors import GatewayError
from gateway.uplink.stream import UplinkStream
from tests.gateway.life import reports_kept, running, until
from tests.gateway.place import (
    HOME,
    give_directory,
    let_in_anybody,
    make_settings,
    report,
    topic,
    walk,
)
from tests.services.mqtt_client import TestClient

MESSAGES = 20


@contextmanager
def journal_held(settings):
    """Let nobody write the journal."""
    other = sqlite3.connect(settings.data_dir / "journal.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
    finally:
        other.close()


def unacknowledged(broker) -> dict[str, int]:
    """Messages that the broker has delivered and that were not acknowledged, by session."""
    answer = httpx.get(f"{broker.monitor_url}/jsz?accounts=1&consumers=1", trust_env=False).json()
    waiting: dict[str, int] = {}
    for account in answer["account_details"]:
        for stream in account["stream_detail"]:
            for consumer in stream.get("consumer_detail") or ():
                waiting[consumer["name"]] = waiting.get(consumer["name"], 0)
                waiting[consumer["name"]] += consumer["num_ack_pending"]
    return waiting


def test_the_broker_says_what_is_unacknowledged(broker, anybody):
    with TestClient(broker, broker.gateway, client_id="x", is_persistent=True) as client:
        client.subscribe("guitu/v1/+/+/+/up/+")
        anybody.publish_all(topic("wb-1"), [b"1", b"2"])
        heard = [client.next(), client.next()]
        assert sum(unacknowledged(broker).values()) == 2
        for message in heard:
            client.acknowledge(message)


async def test_nothing_is_acknowledged_before_the_commit(broker, settings, anybody):
    async with running(settings) as gateway:
        with journal_held(settings):
            anybody.publish_all(topic("wb-1"), walk([0.0] * MESSAGES))
            state = await gateway.until(lambda s: s["held_messages"] == MESSAGES, "all are held")
            await until(
                lambda: sum(unacknowledged(broker).values()) == MESSAGES, "none acknowledged"
            )
            assert reports_kept(settings) == 0
            assert state["held_messages"] == MESSAGES
        await gateway.until_kept(MESSAGES)
        await until(lambda: sum(unacknowledged(broker).values()) == 0, "all acknowledged")
    assert reports_kept(settings) == MESSAGES


async def test_an_acknowledgement_does_not_outlive_its_connection(broker, settings, anybody):
    async with running(settings) as gateway:
        with journal_held(settings):
            anybody.publish_all(topic("wb-1"), walk([0.0] * MESSAGES))
            await gateway.until(lambda s: s["held_messages"] == MESSAGES, "all are held")
            broker.kill()
            await gateway.until(lambda s: not s["broker"], "the broker's absence is noticed")
        await gateway.until_kept(MESSAGES)
        broker.start()
        await gateway.until_ready()
        await until(lambda: sum(unacknowledged(broker).values()) == 0, "all acknowledged")
        name = "guitu_gateway_refused_total{repeated}"
        assert (await gateway.metrics())[name] >= MESSAGES
    assert reports_kept(settings) == MESSAGES


async def test_a_device_hears_what_is_safely_kept(broker, settings):
    account = broker.add_device("wb-1", org="county")
    async with running(settings):
        with TestClient(broker, account) as device:
            device.subscribe(topic("wb-1", channel="down"), qos=0)
            device.publish_all(
                topic("wb-1"), [report(seq, boot=12) for seq in (*range(340, 346), 350)]
            )
            heard: set[tuple[int, int]] = set()
            while len(heard) < 7:
                for boot, first, last in decode_ack((await asyncio.to_thread(device.next)).payload):
                    heard |= {(boot, seq) for seq in range(first, last + 1)}
    assert heard == {(12, seq) for seq in (*range(340, 346), 350)}


async def test_a_refused_report_is_acknowledged_so_that_its_device_may_forget_it(broker, settings):
    account = broker.add_device("wb-2", org="county")
    async with running(settings):
        with TestClient(broker, account) as device:
            device.subscribe(topic("wb-2", channel="down"), qos=0)
            device.publish_all(topic("wb-2"), [report(7, lon=HOME[0])])
            assert decode_ack((await asyncio.to_thread(device.next)).payload) == [(1, 7, 7)]


async def test_a_session_that_the_broker_forgot_is_counted_and_logged(broker, settings, caplog):
    async with running(settings) as gateway:
        broker.forget_everything()
        name = "guitu_gateway_sessions_forgotten_total"
        await until(lambda: caplog.text.count("session_forgotten") == 2, "both sessions are missed")
        await gateway.until_ready()
        assert (await gateway.metrics())[name] == 2


async def test_the_first_session_ever_was_not_forgotten(settings):
    async with running(settings) as gateway:
        assert (await gateway.metrics())["guitu_gateway_sessions_forgotten_total"] == 0


async def test_a_message_waits_at_the_broker_while_the_gateway_is_away(settings, anybody):
    async with running(settings):
        pass
    anybody.publish_all(topic("wb-1"), walk([0.0] * MESSAGES))
    async with running(settings) as gateway:
        await gateway.until_kept(MESSAGES)


async def test_a_gateway_whose_uplink_dies_does_not_pretend_to_live(broker, tmp_path, monkeypatch):
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    settings = make_settings(tmp_path, broker)

    def fail():
        raise OSError("as a bug would")

    monkeypatch.setattr(UplinkStream, "run", lambda _: fail())
    with pytest.raises(GatewayError, match="ended by itself"):
        await Gateway(settings).run(asyncio.Event())


async def test_beyond_its_bound_a_gateway_reads_nothing_and_loses_nothing(broker, tmp_path):
    settings = make_settings(tmp_path, broker, held_messages_max=100, batch_messages_max=50)
    give_directory(settings)
    with TestClient(broker, let_in_anybody(broker)) as client:
        async with running(settings) as gateway:
            with journal_held(settings):
                client.publish_all(topic("wb-1"), walk([0.0] * 600, every_s=1))
                state = await gateway.until(lambda s: s["held_messages"] >= 100, "it is full")
                # What was read in one go when the bound was reached comes on top.
                assert state["held_messages"] < 600
            await gateway.until_kept(600)
    assert reports_kept(settings) == 600
