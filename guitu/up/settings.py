"""What `guitu up` was asked for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device_sims.terminal import PROTOCOLS
from guitu.embedded.ports import require_free
from guitu.errors import PortTakenError

LOOPBACK: Final = "127.0.0.1"
GATEWAY_ID: Final = "gw-1"
BROKER_USER: Final = "gateway-gw-1"
PORTS: Final = 5 + len(PROTOCOLS)
"""How many ports a site takes, in a row."""


@dataclass(frozen=True, kw_only=True)
class UpSettings:
    """One run of the whole system.

    Attributes:
        data: Data folder.
        host: Address of console and MQTT; everything else stays on loopback.
        port: First of the ports: console, then (unless named) MQTT, gateway health, database,
            NATS, and terminals of JT/T 808, GT06 and watches in this order.
        mqtt_port: MQTT's port.
        tcp_host: Address of the terminals' ports.
        with_sims: Whether the demo county plays.
        devices: Wristbands of the demo county; None for the scenario's own number.
        backups: Where the database's log is archived; None: nowhere.
    """

    data: Path
    host: str
    port: int
    mqtt_port: int
    tcp_host: str
    with_sims: bool
    devices: int | None
    backups: Path | None = None

    @property
    def gateway_port(self) -> int:
        """Port of the gateway's health and metrics."""
        return self.port + 2

    @property
    def database_port(self) -> int:
        """Port of the database."""
        return self.port + 3

    @property
    def nats_port(self) -> int:
        """Port of the broker's own protocol."""
        return self.port + 4

    @property
    def tcp_ports(self) -> dict[str, int]:
        """Ports of the terminals, by protocol."""
        return {protocol: self.port + 5 + n for n, protocol in enumerate(PROTOCOLS)}

    @property
    def console_url(self) -> str:
        """Address of the console, for people."""
        return f"http://{self.host}:{self.port}/"

    @property
    def local_host(self) -> str:
        """Address at which our own parts reach console and MQTT."""
        return _within(self.host)

    @property
    def local_tcp_host(self) -> str:
        """Address at which our own simulators reach the terminals' ports."""
        return _within(self.tcp_host)

    def require_free_ports(self) -> None:
        """Return if every port can be bound.

        Raises:
            PortTakenError: One cannot; the text names port and flag.
        """
        other = "choose another first port with --port"
        tcp = self.tcp_ports
        own = (
            *(self.port, self.gateway_port, self.database_port, self.nats_port),
            *tcp.values(),
        )
        if self.mqtt_port in own:
            raise PortTakenError(
                f"port {self.mqtt_port} cannot be MQTT's: it is one of the {PORTS} from "
                f"{self.port} on; choose another with --mqtt-port"
            )
        for host, port, purpose, advice in (
            (self.host, self.port, "the console", other),
            (self.host, self.mqtt_port, "MQTT", "choose another with --mqtt-port"),
            (LOOPBACK, self.gateway_port, "the gateway's health", other),
            (LOOPBACK, self.database_port, "the database", other),
            (LOOPBACK, self.nats_port, "the broker's own protocol", other),
            *((self.tcp_host, tcp[name], f"{name} terminals", other) for name in tcp),
        ):
            require_free(host, port, purpose=purpose, advice=advice)


def _within(host: str) -> str:
    """Return the address at which a listener is reached on this machine."""
    return LOOPBACK if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared
