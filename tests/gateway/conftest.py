"""A broker with a gateway's settings beside it, and somebody who publishes."""

from collections.abc import Iterator

import pytest

from tests.gateway.place import give_directory, let_in_anybody, make_settings
from tests.services.mqtt_client import TestClient


@pytest.fixture
def settings(broker, tmp_path):
    """Settings of a gateway that has a directory on its disk; its server is away."""
    made = make_settings(tmp_path, broker)
    give_directory(made)
    return made


@pytest.fixture
def anybody(broker) -> Iterator[TestClient]:
    """A client that publishes under any device's topic."""
    with TestClient(broker, let_in_anybody(broker)) as client:
        yield client
