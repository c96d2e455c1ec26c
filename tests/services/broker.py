"""A real nats-server with a gateway's account and the devices that a test asks for."""

import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from guitu.brokers.accounts import Account, DeviceRow, device_account, gateway_account
from guitu.embedded.broker import Broker, EmbeddedBroker
from guitu.embedded.ports import free_port
from tests.services.mqtt_probe import may_connect

GATEWAY_USER = "gateway-1"


class BrokerService:
    """One broker of one test. `host`, `port` for MQTT; kill(), start() and stop() as needed."""

    def __init__(self, folder: Path) -> None:
        self.site_key = secrets.token_bytes(32)
        self.gateway = gateway_account(GATEWAY_USER, secrets.token_urlsafe(32))
        self._accounts: list[Account] = [self.gateway]
        place = Broker(
            folder=folder,
            mqtt_port=free_port(),
            client_port=free_port(),
            monitor_port=free_port(),
        )
        self._embedded = EmbeddedBroker(place)
        self._embedded.set_accounts(self._accounts)
        self.host = place.host
        self.port = place.mqtt_port
        self.monitor_url = f"http://{place.host}:{place.monitor_port}"

    def add_devices(self, rows: Sequence[DeviceRow]) -> list[Account]:
        """Let devices in and return their accounts, in the order of `rows`."""
        accounts = [device_account(row, self.site_key) for row in rows]
        self._accounts += accounts
        self._embedded.set_accounts(self._accounts)
        self._await_taken_over(accounts[-1])
        return accounts

    def add_device(self, device: str, *, org: str = "office-1", kind: str = "wristband") -> Account:
        """Let one device in and return its account."""
        return self.add_devices([DeviceRow(device, org, kind)])[0]

    def start(self) -> None:
        self._embedded.start()

    def kill(self) -> None:
        self._embedded.kill()

    def stop(self) -> None:
        self._embedded.stop()

    def _await_taken_over(self, account: Account) -> None:
        deadline = time.monotonic() + 10
        while not may_connect(self.host, self.port, account.user, account.password):
            assert time.monotonic() < deadline, f"broker does not let {account.user} in"
            time.sleep(0.02)
