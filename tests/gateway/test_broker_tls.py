"""A gateway reaches a broker by TLS, and believes the one that its authority vouches for only."""

import logging

import pytest

from guitu.ca.authority import init
from tests.gateway.life import running, until
from tests.gateway.place import (
    give_directory,
    journal_of,
    let_in_anybody,
    make_settings,
    report,
    topic,
)
from tests.services.broker import MosquittoService, NatsService, mosquitto_is_here
from tests.services.mqtt_client import TestClient

REPORTS = 500


@pytest.fixture(params=[NatsService, MosquittoService], ids=["nats", "mosquitto"])
def sealed_broker(request, tmp_path):
    """A running broker with a certificate of an authority of its own."""
    if request.param is MosquittoService and not mosquitto_is_here():
        pytest.skip("Mosquitto is absent, the one optional part: apt-get install mosquitto")
    service = request.param(tmp_path / "broker", init(tmp_path / "ca", "the site's"))
    service.start()
    yield service
    service.stop()


@pytest.fixture
def sealed_settings(sealed_broker, tmp_path):
    made = make_settings(tmp_path, sealed_broker, broker_ca=sealed_broker.ca)
    give_directory(made)
    return made


async def test_reports_come_by_tls_and_are_acknowledged_after_the_journal(
    sealed_broker, sealed_settings
):
    sos = report(REPORTS + 1, alarms=["sos"])
    account = let_in_anybody(sealed_broker)
    async with running(sealed_settings) as here:
        with TestClient(sealed_broker, account) as anybody:
            anybody.publish_all(topic("wb-1"), [report(n) for n in range(1, REPORTS + 1)])
            anybody.publish_all(topic("wb-1", channel="up-urgent"), [sos])
        await here.until_kept(REPORTS + 1)
        sealed_broker.stop()
        sealed_broker.start()
        with TestClient(sealed_broker, account) as anybody:
            anybody.publish_all(topic("wb-1"), [report(REPORTS + 2)])
        await here.until_kept(REPORTS + 2)
    with journal_of(sealed_settings) as journal:
        assert journal.tally().reports == REPORTS + 2


async def test_a_broker_of_another_authority_gets_no_password(sealed_settings, tmp_path, caplog):
    init(tmp_path / "other", "the site's")
    believing = {"broker_ca": tmp_path / "other" / "root.crt"}
    with caplog.at_level(logging.WARNING, "guitu.gateway.session"):
        async with running(sealed_settings.model_copy(update=believing), ready=False):
            await until(lambda: "CERTIFICATE_VERIFY_FAILED" in caplog.text, "it is refused")
    assert "broker_connected" not in caplog.text
