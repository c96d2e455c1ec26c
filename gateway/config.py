"""The gateway's settings: read once at start-up from GUITU_GATEWAY_* and passed down."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, HttpUrl
from pydantic_settings import BaseSettings, SettingsConfigDict

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
