"""Every contract test runs against each broker, and Mosquitto in both versions of MQTT."""

from collections.abc import Callable, Iterator

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from guitu.brokers.accounts import Account
from tests.services.broker import BrokerService, MosquittoService, NatsService, mosquitto_is_here
from tests.services.mqtt_client import TestClient

V311 = MQTTProtocolVersion.MQTTv311
V5 = MQTTProtocolVersion.MQTTv5


@pytest.fixture(
    params=[("nats", V311), ("mosquitto", V311), ("mosquitto", V5)],
    ids=["nats-3.1.1", "mosquitto-3.1.1", "mosquitto-5"],
)
def variant(request) -> tuple[str, MQTTProtocolVersion]:
    """Name of the broker, version of MQTT."""
    return request.param


@pytest.fixture
def any_broker(variant, tmp_path) -> Iterator[BrokerService]:
    """A running broker of this test's own."""
    if variant[0] == "mosquitto" and not mosquitto_is_here():
        pytest.skip("Mosquitto is absent, the one optional part: apt-get install mosquitto")
    kind = NatsService if variant[0] == "nats" else MosquittoService
    service = kind(tmp_path / "broker")
    service.start()
    yield service
    service.stop()


@pytest.fixture
def client(any_broker, variant) -> Iterator[Callable[..., TestClient]]:
    """Return a function that connects clients; those still connected leave at the end."""
    made: list[TestClient] = []

    def connect(account: Account, **options) -> TestClient:
        made.append(TestClient(any_broker, account, version=variant[1], **options))
        return made[-1]

    yield connect
    for each in made:
        each.close()


@pytest.fixture
def gateway(any_broker, client) -> Callable[..., TestClient]:
    """Return a function that connects the gateway with its persistent session."""

    def connect(session: str = "bulk") -> TestClient:
        return client(any_broker.gateway, client_id=f"gateway-1-{session}", is_persistent=True)

    return connect
