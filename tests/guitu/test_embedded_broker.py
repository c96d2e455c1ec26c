"""nats-server as a child."""

import socket

import pytest

from guitu.embedded.broker import Broker, EmbeddedBroker
from guitu.embedded.ports import free_port, free_port_row
from guitu.errors import ChildFailedError


def test_a_broker_whose_port_is_taken_is_reported_and_leaves_no_process(tmp_path):
    with socket.create_server(("127.0.0.1", free_port())) as other:
        taken = other.getsockname()[1]
        place = Broker(folder=tmp_path / "broker", mqtt_port=free_port(), client_port=taken)
        broker = EmbeddedBroker(place)
        broker.set_accounts([])
        # Its log names the port; a process left behind would warn when it is collected.
        with pytest.raises(ChildFailedError, match=rf"(?s):{taken}.*address already in use"):
            broker.start()


def test_a_free_port_is_given_once_and_lies_below_the_ephemeral_range():
    first = free_port_row(5)
    given = [free_port() for _ in range(50)] + list(range(first, first + 5))
    assert len(set(given)) == len(given)
    assert max(given) < 32_768
