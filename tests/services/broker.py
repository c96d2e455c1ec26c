"""Real brokers with a gateway's account and the devices that a test asks for."""

import os
import secrets
import shutil
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from guitu.brokers import mosquitto
from guitu.brokers.accounts import Account, DeviceRow, device_account, gateway_account
from guitu.brokers.certificate import BrokerCertificate
from guitu.ca.authority import Authority
from guitu.embedded.broker import Broker, EmbeddedBroker
from guitu.embedded.child import Child, ChildSpec
from guitu.embedded.ports import free_port
from tests.services.answering import wait_answered
from tests.services.mqtt_probe import may_connect

GATEWAY_USER = "gateway-1"
HOST = "127.0.0.1"


class BrokerService(ABC):
    """One broker of one test; `host` and `port` are MQTT's.

    With an authority it proves itself by a certificate of it, `ca` is the authority's own.
    """

    host = HOST

    def __init__(self, folder: Path, authority: Authority | None = None) -> None:
        self.folder = folder
        self.ca: Path | None = None
        self.certificate: BrokerCertificate | None = None
        if authority is not None:
            folder.mkdir(parents=True)
            authority.issue("broker", "b", [HOST], out=folder, days=2)
            self.certificate = BrokerCertificate(folder / "b.crt", folder / "b.key")
            self.ca = folder / "root.crt"
            self.ca.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
        self.port = free_port()
        self.site_key = secrets.token_bytes(32)
        self.gateway = gateway_account(GATEWAY_USER, secrets.token_urlsafe(32))
        self._accounts: list[Account] = [self.gateway]

    def add_devices(self, rows: Sequence[DeviceRow]) -> list[Account]:
        """Let devices in and return their accounts, in the order of `rows`."""
        accounts = [device_account(row, self.site_key) for row in rows]
        self._accounts += accounts
        self._take_over()
        deadline = time.monotonic() + 10
        last = accounts[-1]
        while not may_connect(self.host, self.port, last.user, last.password, ca=self.ca):
            assert time.monotonic() < deadline, f"broker does not let {last.user} in"
            time.sleep(0.02)
        return accounts

    def add_device(self, device: str, *, org: str = "office-1", kind: str = "wristband") -> Account:
        """Let one device in and return its account."""
        return self.add_devices([DeviceRow(device, org, kind)])[0]

    def remove_accounts(self, accounts: Sequence[Account]) -> None:
        """Leave accounts out of the broker's files and let it read them."""
        self._accounts = [one for one in self._accounts if one not in accounts]
        self._take_over()

    def forget_everything(self) -> None:
        """Come back without sessions and messages, as after the loss of a disk."""
        self.stop()
        self._wipe()
        self.start()

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def kill(self) -> None: ...

    @abstractmethod
    def stop(self) -> None: ...

    @abstractmethod
    def _take_over(self) -> None: ...

    @abstractmethod
    def _wipe(self) -> None: ...


class NatsService(BrokerService):
    """The embedded nats-server."""

    def __init__(self, folder: Path, authority: Authority | None = None) -> None:
        super().__init__(folder, authority)
        place = Broker(
            folder=folder,
            mqtt_port=self.port,
            client_port=free_port(),
            monitor_port=free_port(),
            certificate=self.certificate,
        )
        self.configuration = place.configuration
        self.monitor_url = f"http://{HOST}:{place.monitor_port}"
        self._embedded = EmbeddedBroker(place)
        self._embedded.set_accounts(self._accounts)

    def start(self) -> None:
        self._embedded.start()

    def kill(self) -> None:
        self._embedded.kill()

    def stop(self) -> None:
        self._embedded.stop()

    def _take_over(self) -> None:
        self._embedded.set_accounts(self._accounts)

    def _wipe(self) -> None:
        shutil.rmtree(self.folder / "jetstream")


class MosquittoService(BrokerService):
    """Mosquitto from PATH."""

    def __init__(self, folder: Path, authority: Authority | None = None) -> None:
        super().__init__(folder, authority)
        program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program is not None
        self._settings = mosquitto.MosquittoSettings(
            folder=folder,
            host=HOST,
            port=self.port,
            user="root" if os.geteuid() == 0 else None,
            certificate=self.certificate,
        )
        self._write()
        argv = (program, "-c", str(folder / "mosquitto.conf"))
        self._child = Child(ChildSpec(name="mosquitto", argv=argv), folder / "mosquitto.log")

    def start(self) -> None:
        self._child.start()
        assert wait_answered(self.host, self.port, timeout_s=10), self._child.log_tail()
        assert self._child.is_running, self._child.log_tail()

    def kill(self) -> None:
        self._child.kill()

    def stop(self) -> None:
        self._child.stop()

    def _take_over(self) -> None:
        self._write()
        self._child.signal(signal.SIGHUP)

    def _write(self) -> None:
        mosquitto.render(self._settings, self._accounts).write(self.folder)

    def _wipe(self) -> None:
        (self.folder / "mosquitto.db").unlink()


def mosquitto_is_here() -> bool:
    return shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin") is not None
