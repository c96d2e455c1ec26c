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

    broker_ca: Path | None = None
    """Certificate (PEM) of the only authority that the broker's certificate may come from, such as
    `root.crt` of `guitu ca`: TLS is spoken to the broker then. None: plain MQTT."""

    broker_on_private_link: bool = False
    """The broker is on another machine and what lies between encrypts (a tunnel), or nobody else is
    on it (the containers' own network): `guitu check` wants this said of every address that is not
    loopback and is spoken to in plain MQTT."""

    server_url: HttpUrl
    """Base address of the server."""

    server_token_file: Path
    """File with the gateway's bearer token."""

    server_ca: Path | None = None
    """Certificate (PEM) of the only authority that the server's certificate may come from, such as
    root.crt of `guitu ca`. None: those that the system trusts."""

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

    device_per_s: Annotated[float, Field(ge=0.1, le=10_000)] = 20.0
    """Messages of one device over MQTT in a second; what is over it waits, then is shed: counted
    and acknowledged, but not taken. Never what is urgent. A wristband sends one in 10 to 60 s."""

    device_burst: Annotated[int, Field(ge=1, le=1_000_000)] = 2_000
    """Messages of one device at once, for the backlog after a dark spell."""

    org_per_s: Annotated[float, Field(ge=1, le=1_000_000)] = 2_000.0
    """Messages of one organisation's devices in a second, likewise."""

    org_burst: Annotated[int, Field(ge=1, le=10_000_000)] = 100_000
    """Messages of one organisation's devices at once, for the backlog after a cell's outage."""

    tick_s: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    """How often silence and expiry are looked at."""

    health_s: Annotated[float, Field(ge=0.1, le=30)] = 10.0
    """How often the server is told how this gateway is; the server takes a silence of 50 s for its
    end."""

    directory_poll_s: Annotated[float, Field(ge=0.1, le=300)] = 1.0
    """Pause before the server is asked again for a newer directory."""

    directory_wait_s: Annotated[float, Field(ge=0, le=30)] = 15.0
    """How long the server may wait with its answer until something changes."""

    directory_key_file: Path | None = None
    """Public keys of the server's directories; without it unsigned ones are taken too."""

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

    archive: bool = False
    """Hand what the server has confirmed to its archive too, and trim the journal only through
    what is archived. The server must have a master key for it."""

    archive_age_s: Annotated[float, Field(ge=0.1, le=86_400)] = 3_600.0
    """A segment of the archive holds 2,000 entries or 8 MiB; one that fills slower is closed when
    its first entry is so old."""

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

    local_alert_s: Annotated[float, Field(ge=0.1, le=600)] = 20.0
    """When the server takes no outcome for so long, calls for help, strap, case, forbidden places
    and people to be left alone go to the terminals on duty by our own broker. A server that is
    restarted is back within 10 s; who bleeds has minutes."""

    faces_key_file: Path | None = None
    """Keys (`guitu keys new`) that seal templates and pictures of face checks in DATA_DIR/faces.db.
    None: no face is checked here, and attempts to check in are refused."""

    faces_cameras_dir: Path | None = None
    """Folder of KIOSK.json files of `guitu face calibrate`; a kiosk without one decides as shipped.
    Read at the start."""

    faces_workers: Annotated[int, Field(ge=1, le=64)] = 1
    """Processes that look at pictures, 250 MB each; two attempts a second keep one of them busy."""

    faces_keep_days: Annotated[int, Field(ge=0, le=365)] = 30
    """How long a picture is kept that was no match, for an officer to look at and for an objection;
    every other one is destroyed with its verdict. 0: none is kept."""

    trace_url: HttpUrl | None = None
    """OTLP address (http, protobuf) of a collector of traces, such as
    http://127.0.0.1:4318/v1/traces. None: no traces."""

    @property
    def tcp_ports(self) -> dict[str, int]:
        """The ports that are listened on, by codec."""
        ports = {
            "jt808": self.tcp_jt808_port,
            "gt06": self.tcp_gt06_port,
            "watch": self.tcp_watch_port,
        }
        return {codec: port for codec, port in ports.items() if port is not None}
