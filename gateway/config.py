"""The gateway's settings: read once at start-up from GUITU_GATEWAY_* and passed down."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, HttpUrl
from pydantic_settings import BaseSettings, SettingsConfigDict

from geofence.kernels import KernelName

Port = Annotated[int, Field(ge=1, le=65_535)]


class GatewaySettings(BaseSettings):
    """Everything that can be set. Secrets come from files that only the owner reads."""

    model_config = SettingsConfigDict(env_prefix="GUITU_GATEWAY_", frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    """Name of this gateway, as registered at the server."""

    data_dir: Path
    """Folder of journal, snapshots and last good directory."""

    broker_host: str = "127.0.0.1"
    """MQTT broker."""

    broker_port: Port = 1883
    """MQTT port of the broker."""

    broker_user: str = "gateway"
    """MQTT user name."""

    broker_password_file: Path
    """File with the MQTT password."""

    server_url: HttpUrl
    """Base address of the server."""

    server_token_file: Path
    """File with the gateway's bearer token."""

    http_host: str = "127.0.0.1"
    """Address of /livez, /readyz and /metrics."""

    http_port: Port = 8212
    """Port of /livez, /readyz and /metrics."""

    batch_age_ms: Annotated[int, Field(ge=1, le=1_000)] = 40
    """A batch closes this long after its first message, unless an urgent one closes it at once:
    below what an eye notices, and long enough to share one trip to the disk."""

    batch_messages_max: Annotated[int, Field(ge=1, le=8_000)] = 2_000
    """A batch closes at this size; below the broker's in-flight window of 8,192."""

    held_messages_max: Annotated[int, Field(ge=100, le=100_000)] = 16_000
    """Messages in memory at most; beyond it nothing is read until some are committed."""

    tick_s: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    """How often silence and expiry are looked at."""

    directory_poll_s: Annotated[float, Field(ge=0.1, le=300)] = 2.0
    """How often the server is asked for a newer directory."""

    future_tolerance_s: Annotated[int, Field(ge=0, le=86_400)] = 120
    """A fix time further ahead of our clock than this is refused."""

    kernel: KernelName = "numpy"
    """What evaluates fences: numpy, or numba (an extra) at two to four times the speed with the
    same answers, which only a replay of months or a province on one core needs."""

    snapshot_entries: Annotated[int, Field(ge=10, le=1_000_000)] = 2_000
    """Journal entries between snapshots; a restart replays at most about this many."""

    journal_keep_h: Annotated[int, Field(ge=1, le=8_760)] = 96
    """Entries that the server has confirmed are kept this long for audit and replay."""

    quarantine_max: Annotated[int, Field(ge=10, le=1_000_000)] = 10_000
    """Refused messages kept with their bytes; the oldest make room."""

    quarantine_payload_bytes: Annotated[int, Field(ge=64, le=1_048_576)] = 8_192
    """Bytes kept of each refused message."""

    uplink_rows_max: Annotated[int, Field(ge=100, le=1_000_000)] = 50_000
    """Telemetry rows in one request."""

    tcp_host: str = "127.0.0.1"
    """Address that terminals connect to; loopback, so that opening it to a network is a deliberate
    act."""

    tcp_jt808_port: Port | None = None
    """Port for JT/T 808 terminals; None: not listened on."""

    tcp_gt06_port: Port | None = None
    """Port for GT06 terminals; None: not listened on."""

    tcp_watch_port: Port | None = None
    """Port for watches that speak the text protocol; None: not listened on."""

    tcp_connections_max: Annotated[int, Field(ge=1, le=20_000)] = 2_000
    """Open connections of terminals; a city's 6,000 are spread over its counties' gateways."""

    tcp_connections_per_address_max: Annotated[int, Field(ge=1, le=20_000)] = 200
    """Open connections from one address; a carrier may put many terminals behind one."""

    tcp_login_s: Annotated[float, Field(ge=0.1, le=600)] = 30.0
    """A connection that has not logged in by then is closed; a slow radio needs a few seconds."""

    tcp_login_tries: Annotated[int, Field(ge=1, le=1_000)] = 5
    """Refused frames of a connection that has not logged in, before it is closed."""

    tcp_idle_s: Annotated[float, Field(ge=1, le=86_400)] = 900.0
    """A connection that brings nothing for so long is closed; watches speak every 5 to 8 min."""

    tcp_frames_per_s: Annotated[float, Field(ge=0.1, le=10_000)] = 50.0
    """Frames of one connection in a second; what comes faster waits in the network."""

    tcp_burst_frames: Annotated[int, Field(ge=1, le=100_000)] = 500
    """Frames of one connection at once, for the backlog after a dark spell."""

    tcp_in_flight_max: Annotated[int, Field(ge=1, le=10_000)] = 256
    """Messages of one connection that are not in the journal yet; beyond it nothing is read."""

    tcp_write_buffer_bytes: Annotated[int, Field(ge=1_024, le=16_777_216)] = 65_536
    """Replies that a terminal has not read yet; beyond it the connection is closed."""

    tcp_drain_s: Annotated[float, Field(ge=0.1, le=600)] = 30.0
    """A terminal that reads none of its replies for so long is disconnected."""

    command_answer_s: Annotated[float, Field(ge=0.1, le=3_600)] = 60.0
    """A command that its device has not answered by then has timed out; late answers count."""

    @property
    def tcp_ports(self) -> dict[str, int]:
        """The ports that are listened on, by codec."""
        ports = {
            "jt808": self.tcp_jt808_port,
            "gt06": self.tcp_gt06_port,
            "watch": self.tcp_watch_port,
        }
        return {codec: port for codec, port in ports.items() if port is not None}
