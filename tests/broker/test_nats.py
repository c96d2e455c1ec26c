"""What holds for the embedded nats-server only: nothing acknowledged is lost, ever."""

import re

import httpx

from firmware_protocols.topics import BULK_FILTERS, device_topic
from guitu.brokers import nats
from tests.services.mqtt_client import TestClient

UP = device_topic("office-1", "wristband", "wb-1", "up", "wristband-json")


def gateway(broker) -> TestClient:
    return TestClient(broker, broker.gateway, client_id="gateway-1-bulk", is_persistent=True)


def test_the_configuration_syncs_every_message(broker):
    assert re.search(r"^  sync_interval: always$", broker.configuration.read_text(), re.MULTILINE)


def test_the_running_broker_says_that_it_syncs_every_message(broker):
    told = httpx.get(f"{broker.monitor_url}/jsz", trust_env=False).json()
    assert told["config"]["sync_always"] is True


def test_a_killed_broker_has_every_message_that_it_acknowledged(broker):
    account = broker.add_device("wb-1")
    with gateway(broker) as before:
        before.subscribe(*BULK_FILTERS)
    payloads = {str(number).encode() for number in range(500)}
    with TestClient(broker, account) as device:
        device.publish_all(UP, payloads)

    broker.kill()
    broker.start()

    with gateway(broker) as after:
        assert after.session_present
        after.hear(payloads)


def test_a_message_comes_again_on_the_same_connection_after_ack_wait(broker):
    account = broker.add_device("wb-1")
    with gateway(broker) as hearer, TestClient(broker, account) as device:
        hearer.subscribe(*BULK_FILTERS)
        device.publish_all(UP, [b"slow"])
        first, again = hearer.next(), hearer.next()
    assert (first.payload, first.dup) == (b"slow", False)
    assert (again.payload, again.dup) == (b"slow", True)


def test_a_window_for_a_fifth_filter_is_left(broker):
    with gateway(broker) as hearer:
        granted = hearer.subscribe(*BULK_FILTERS, *(f"guitu/v1/+/+/+/up/{n}" for n in range(4)))
    assert granted == [1] * (len(BULK_FILTERS) + 4)
    assert nats.MAX_ACK_PENDING >= 5000


def test_the_same_accounts_render_to_the_same_file(broker):
    before = broker.configuration.read_text()
    account = broker.add_device("wb-1")
    after = broker.configuration.read_text()
    assert after != before
    assert account.password not in after
    assert broker.gateway.password not in after
    assert oct(broker.configuration.stat().st_mode)[-3:] == "600"
