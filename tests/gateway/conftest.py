"""A broker with a gateway's settings beside it, and somebody who publishes."""

from collections.abc import Iterator

import pytest
from pydantic import HttpUrl

from guitu.embedded.ports import free_port
from server.site import first_start
from tests.gateway.place import give_directory, let_in_anybody, make_settings
from tests.gateway.sites import GATEWAY, Place, registry
from tests.server.conftest import TOKEN, Site
from tests.services.broker import HOST
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


@pytest.fixture
def make_place(broker, tmp_path):
    def made(database, change=None, **changed) -> Place:
        known = registry()
        if change is not None:
            change(known)
        first_start(database.owner_dsn, registry=known, gateway_id=GATEWAY, gateway_token=TOKEN)
        site = Site(database, tmp_path, {})
        server = site.settings(http_port=free_port(), pool_timeout_s=0.5)
        url = HttpUrl(f"http://{HOST}:{server.http_port}")
        return Place(site, make_settings(tmp_path, broker, server_url=url, **changed), server)

    return made


@pytest.fixture
def place(make_place, database):
    return make_place(database)
