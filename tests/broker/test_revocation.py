"""A credential that has ended, on real brokers: cut and kept out, and nobody else with it."""

import time

from firmware_protocols.topics import device_topic
from guitu.brokers.accounts import DeviceRow
from tests.services.mqtt_probe import may_connect

UP_STOLEN = device_topic("office-1", "wristband", "wb-stolen", "up", "wristband-json")
UP_OTHER = device_topic("office-1", "wristband", "wb-other", "up", "wristband-json")


def await_refused(broker, account, within_s=10):
    deadline = time.monotonic() + within_s
    while may_connect(broker.host, broker.port, account.user, account.password):
        assert time.monotonic() < deadline, f"{account.user} still gets in"
        time.sleep(0.05)


def test_a_stolen_device_is_cut_and_kept_out_and_the_others_stay(any_broker, gateway, client):
    stolen, other = any_broker.add_devices(
        [DeviceRow(device, "office-1", "wristband") for device in ("wb-stolen", "wb-other")]
    )
    hearer = gateway()
    hearer.subscribe("guitu/v1/+/+/+/up/+")
    thief, honest = client(stolen), client(other)
    thief.publish_all(UP_STOLEN, [b"before"])
    hearer.hear({b"before"})

    any_broker.remove_accounts([stolen])
    thief.await_cut()
    await_refused(any_broker, stolen)
    # What the cut client sends is never heard; what follows it from the other one is.
    thief.publish(UP_STOLEN, b"after")
    honest.publish_all(UP_OTHER, [b"honest"])
    heard = hearer.hear({b"honest"})
    assert [message.payload for message in heard] == [b"honest"]
    assert honest.cuts == 0
    assert hearer.cuts == 0


def test_a_device_changes_over_while_both_credentials_hold(any_broker, gateway, client):
    first, second = any_broker.add_devices(
        [DeviceRow("wb-1", "office-1", "wristband", generation) for generation in (0, 1)]
    )
    assert (first.user, second.user) == ("wb-1", "wb-1~1")
    assert first.password != second.password
    assert first.publish == second.publish
    hearer = gateway()
    hearer.subscribe("guitu/v1/+/+/+/up/+")
    topic = device_topic("office-1", "wristband", "wb-1", "up", "wristband-json")
    client(first).publish_all(topic, [b"old"])
    newer = client(second)
    any_broker.remove_accounts([first])
    await_refused(any_broker, first)
    newer.publish_all(topic, [b"new"])
    hearer.hear({b"old", b"new"})
    assert newer.cuts == 0
