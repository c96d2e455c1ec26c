"""What the gateway and the devices rely on, whichever broker it is."""

from firmware_protocols.topics import BULK_FILTERS, URGENT_FILTERS, device_topic
from guitu.brokers.accounts import STATUS_FILTER, Account
from tests.services.mqtt_client import REFUSED

OWN_UP = device_topic("office-1", "wristband", "wb-1", "up", "wristband-json")
OWN_DOWN = device_topic("office-1", "wristband", "wb-1", "down", "wristband-json")
OWN_STATUS = device_topic("office-1", "wristband", "wb-1", "status")
FOREIGN_UP = device_topic("office-1", "wristband", "wb-2", "up", "wristband-json")
FOREIGN_DOWN = device_topic("office-1", "wristband", "wb-2", "down", "wristband-json")

SEVERAL_THOUSAND = 5000


def test_every_filter_of_both_sessions_is_granted(gateway):
    bulk = gateway("bulk").subscribe(*BULK_FILTERS, STATUS_FILTER)
    assert bulk == [1] * (len(BULK_FILTERS) + 1)
    assert gateway("urgent").subscribe(*URGENT_FILTERS) == [1]


def test_a_persistent_session_keeps_messages_while_the_gateway_is_away(any_broker, gateway, client):
    device = client(any_broker.add_device("wb-1"))
    with gateway() as before:
        before.subscribe(*BULK_FILTERS)

    device.publish_all(OWN_UP, [b"1", b"2", b"3"])

    after = gateway()
    assert after.session_present
    assert {message.payload for message in after.hear({b"1", b"2", b"3"})} == {b"1", b"2", b"3"}


def test_messages_for_an_absent_session_outlive_a_restart_of_the_broker(
    any_broker, gateway, client
):
    account = any_broker.add_device("wb-1")
    with gateway() as before:
        before.subscribe(*BULK_FILTERS)
    with client(account) as device:
        device.publish_all(OWN_UP, [b"1", b"2"])

    any_broker.stop()
    any_broker.start()

    after = gateway()
    assert after.session_present
    after.hear({b"1", b"2"})


def test_only_what_was_not_acknowledged_comes_again_and_is_marked(any_broker, gateway, client):
    device = client(any_broker.add_device("wb-1"))
    before = gateway()
    before.subscribe(*BULK_FILTERS)
    device.publish_all(OWN_UP, [b"kept", b"open"])
    for message in before.hear({b"kept", b"open"}):
        if message.payload == b"kept":
            before.acknowledge(message)
    # A message there and back: the broker has read the acknowledgement before the connection ends.
    device.publish_all(OWN_UP, [b"later"])
    before.hear({b"later"})
    before.close()

    after = gateway()
    again = after.hear({b"open", b"later"})
    assert {(message.payload, message.dup) for message in again} == {
        *((b"open", True), (b"later", True))
    }
    device.publish_all(OWN_UP, [b"new"])
    assert b"kept" not in {message.payload for message in after.hear({b"new"})}


def test_what_is_acknowledged_late_on_a_new_connection_stays_away(any_broker, gateway, client):
    device = client(any_broker.add_device("wb-1"))
    with gateway() as first:
        first.subscribe(*BULK_FILTERS)
        device.publish_all(OWN_UP, [b"late"])
        first.hear({b"late"})
    with gateway() as second:
        for message in second.hear({b"late"}):
            second.acknowledge(message)

    third = gateway()
    device.publish_all(OWN_UP, [b"next"])
    assert {message.payload for message in third.hear({b"next"})} == {b"next"}


def test_several_thousand_messages_may_wait_for_their_acknowledgement(any_broker, gateway, client):
    device = client(any_broker.add_device("wb-1"))
    hearer = gateway()
    hearer.subscribe(*BULK_FILTERS)
    payloads = [str(number).encode() for number in range(SEVERAL_THOUSAND)]

    device.publish_all(OWN_UP, payloads)

    heard = {message.payload for message in hearer.hear(set(payloads))}
    assert heard == set(payloads)


def test_a_flood_on_the_bulk_session_does_not_hold_up_the_urgent_one(any_broker, gateway, client):
    device = client(any_broker.add_device("wb-1"))
    gateway("bulk").subscribe(*BULK_FILTERS)
    urgent = gateway("urgent")
    urgent.subscribe(*URGENT_FILTERS)
    sos = device_topic("office-1", "wristband", "wb-1", "up-urgent", "wristband-json")

    for number in range(1000):
        device.publish(OWN_UP, str(number).encode())
    device.publish_all(sos, [b"sos"])

    assert urgent.next().payload == b"sos"


def test_a_birth_is_retained_and_the_will_replaces_it(any_broker, gateway, client):
    account = any_broker.add_device("wb-1")
    device = client(account, will=(OWN_STATUS, b"offline"))
    device.publish(OWN_STATUS, b"online", retain=True).wait_for_publish(5)

    watching = gateway("bulk")
    watching.subscribe(STATUS_FILTER)
    birth = watching.next()
    assert (birth.payload, birth.retain) == (b"online", True)

    device.drop()
    assert watching.next().payload == b"offline"

    late = gateway("urgent")
    late.subscribe(STATUS_FILTER)
    last = late.next()
    assert (last.payload, last.retain) == (b"offline", True)


def test_a_device_is_not_heard_outside_its_own_prefix(any_broker, gateway, client):
    account = any_broker.add_device("wb-1")
    hearer = gateway()
    hearer.subscribe(*BULK_FILTERS)

    with client(account) as device:
        device.publish(FOREIGN_UP, b"forged", qos=0)
    with client(account) as device:
        device.publish_all(OWN_UP, [b"own"])

    assert [message.payload for message in hearer.hear({b"own"})] == [b"own"]


def test_a_device_hears_nothing_outside_its_own_prefix(any_broker, gateway, client):
    mine, other = (any_broker.add_device(device) for device in ("wb-1", "wb-2"))
    curious = client(mine)
    curious.subscribe(FOREIGN_DOWN, "guitu/v1/+/+/+/down/+", "guitu/v1/+/+/+/up/+", qos=0)
    assert curious.subscribe(OWN_DOWN, qos=0) == [0]
    sender = gateway()

    client(other).publish_all(FOREIGN_UP, [b"position of another"])
    sender.publish_all(FOREIGN_DOWN, [b"for another"])
    sender.publish_all(OWN_DOWN, [b"for me"])

    # A subscription that covers one's own prefix too may bring one's own message twice.
    assert {message.payload for message in curious.hear({b"for me"})} == {b"for me"}


def test_an_alert_for_a_terminal_is_heard_by_no_other(any_broker, gateway, client):
    terminals = [any_broker.add_device(name, kind="terminal") for name in ("ot-1", "ot-2")]
    told, curious = (client(account) for account in terminals)
    own, foreign = (
        device_topic("office-1", "terminal", name, "down", "wristband-json")
        for name in ("ot-2", "ot-1")
    )
    assert told.subscribe(foreign, qos=0) == [0]
    curious.subscribe(foreign, "guitu/v1/+/terminal/+/down/+", own, qos=0)
    sender = gateway("urgent")

    sender.publish_all(foreign, [b"alert"])
    sender.publish_all(own, [b"for me"])

    told.hear({b"alert"})
    assert {message.payload for message in curious.hear({b"for me"})} == {b"for me"}


def test_a_gateway_cannot_speak_for_a_device(any_broker, gateway, client):
    device = client(any_broker.add_device("wb-1"))
    hearer = gateway("bulk")
    hearer.subscribe(*BULK_FILTERS)

    with gateway("urgent") as forger:
        forger.publish(OWN_UP, b"forged", qos=0)
    device.publish_all(OWN_UP, [b"own"])

    assert [message.payload for message in hearer.hear({b"own"})] == [b"own"]


def test_a_wrong_password_and_an_unknown_user_are_refused(any_broker, client):
    known = any_broker.add_device("wb-1")
    assert client(Account(known.user, "guessed", (), ())).connect_code != 0
    assert client(Account("nobody", known.password, (), ())).connect_code != 0
    assert client(known).connect_code == 0


def test_a_session_is_absent_at_first_then_present_then_absent_when_forgotten(any_broker, gateway):
    with gateway() as first:
        assert not first.session_present
        first.subscribe(*BULK_FILTERS)
    with gateway() as second:
        assert second.session_present

    any_broker.forget_everything()

    assert not gateway().session_present


def test_a_device_that_is_registered_later_gets_in_and_throws_nobody_out(
    any_broker, gateway, client
):
    early = client(any_broker.add_device("wb-1"))
    hearer = gateway()
    hearer.subscribe(*BULK_FILTERS)

    late = client(any_broker.add_device("wb-2"))

    early.publish_all(OWN_UP, [b"early"])
    late.publish_all(FOREIGN_UP, [b"late"])
    hearer.hear({b"early", b"late"})
    assert REFUSED not in hearer.subscribe(*BULK_FILTERS)
