"""What MQTT 5 adds, where the broker speaks it."""

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from firmware_protocols.topics import BULK_FILTERS, device_topic
from guitu.brokers.accounts import Account
from tests.broker.conftest import V5

NOT_AUTHORISED = 0x87
UP = device_topic("office-1", "wristband", "wb-1", "up", "wristband-json")


@pytest.fixture(
    params=[("mosquitto", V5)],
    ids=["mosquitto-5"],
)
def variant(request) -> tuple[str, MQTTProtocolVersion]:
    """Brokers that speak MQTT 5."""
    return request.param


def test_a_refused_connection_says_why(any_broker, client):
    known = any_broker.add_device("wb-1")
    assert client(Account(known.user, "guessed", (), ())).connect_code == NOT_AUTHORISED


def test_a_session_without_expiry_is_gone_at_once(any_broker, client):
    account = any_broker.gateway
    with client(account, client_id="brief", is_persistent=False) as first:
        first.subscribe(*BULK_FILTERS)
    assert not client(account, client_id="brief", is_persistent=True).session_present


def test_a_publish_outside_the_own_prefix_is_answered_with_a_reason(any_broker, client):
    device = client(any_broker.add_device("wb-1"))
    refused = device.publish_and_answer("guitu/v1/office-1/wristband/wb-2/up/wristband-json")
    assert refused == NOT_AUTHORISED


def test_a_publish_that_nobody_hears_is_told_so_or_taken(any_broker, client):
    device = client(any_broker.add_device("wb-1"))
    no_matching_subscribers = 0x10
    assert device.publish_and_answer(UP) in (0, no_matching_subscribers)
