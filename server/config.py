"""Every setting of the server, read once at start-up from the environment (`GUITU_SERVER_...`)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from server.errors import SettingsError

_MIB = 1024 * 1024


class ServerSettings(BaseSettings):
    """Settings of one server process; a wrong value stops the start with its name and range."""

    model_config = SettingsConfigDict(
        env_prefix="GUITU_SERVER_", frozen=True, extra="ignore", use_attribute_docstrings=True
    )

    app_dsn_file: Path
    """File with the connection string of role guitu_app; a file, so that no secret is in `ps`."""

    ingest_dsn_file: Path
    """File with the connection string of role guitu_ingest."""

    http_host: str = "127.0.0.1"
    """Address to listen on; loopback, so that opening it to a network is a deliberate act."""

    http_port: Annotated[int, Field(ge=1, le=65535)] = 8210
    """TCP port of the console and the interface."""

    pool_size: Annotated[int, Field(ge=2, le=50)] = 8
    """Database connections of each role; a county's console and gateway keep two or three busy."""

    pool_timeout_s: Annotated[float, Field(gt=0, le=30)] = 2.0
    """Longest wait for a connection before 503; longer than a failover hides an outage."""

    session_lifetime_h: Annotated[float, Field(gt=0, le=24)] = 12.0
    """A sign-in lasts one shift."""

    max_body_bytes: Annotated[int, Field(ge=65536, le=256 * _MIB)] = 32 * _MIB
    """Largest request body; a province's boundaries in one registry file take about 20 MiB."""

    max_telemetry_rows: Annotated[int, Field(ge=1000, le=1_000_000)] = 100_000
    """Most rows of one telemetry request; more would hold a transaction for many seconds."""

    max_outcomes: Annotated[int, Field(ge=1_000, le=1_000_000)] = 50_000
    """Most events of one outcomes request; each costs four statements. A gateway sends a thousand
    at a time, and a larger journal entry in parts."""

    late_after_days: Annotated[int, Field(ge=4, le=36_500)] = 7
    """Positions older than this wait in a table of their own and are merged a day at a time; days
    older than this are compressed where TimescaleDB is there. Above the 72 h of late data."""

    position_keep_days: Annotated[int, Field(ge=0, le=3650)] = 180
    """Positions are deleted so many days after the end of the order that they were taken under.
    The law sets no figure (PIPL Art. 19: the shortest that the purpose needs)."""

    quarantine_rows_max: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    """Refused rows and events kept of each gateway; the oldest make room."""

    upkeep_s: Annotated[float, Field(ge=1, le=86400)] = 600.0
    """Time between rounds of merging, compressing, deleting and trimming."""

    live_max_clients: Annotated[int, Field(ge=1, le=5000)] = 300
    """Most live streams at once; each holds a socket and a queue."""

    command_max_waiters: Annotated[int, Field(ge=1, le=5000)] = 500
    """Most gateways that wait for a command at once; each holds a socket. A province has 100."""

    live_coalesce_ms: Annotated[int, Field(ge=20, le=5000)] = 200
    """Shortest time between two position events: five a second are smooth enough for a map."""

    live_heartbeat_s: Annotated[float, Field(gt=0, le=20)] = 10.0
    """Time between heartbeats; the console warns after 25 s without a word."""

    live_session_check_s: Annotated[float, Field(gt=0, le=30)] = 2.0
    """Time between looks at whether the sessions of the open streams are still good."""

    feed_keep_s: Annotated[int, Field(ge=300, le=86400)] = 600
    """How long the live feed's rows stay; a client may resume from up to 300 s ago."""

    gateway_silent_after_s: Annotated[int, Field(ge=5, le=3600)] = 60
    """A gateway that has not asked for its directory for so long is shown as silent."""

    shutdown_s: Annotated[int, Field(ge=1, le=60)] = 3
    """Longest wait for requests in progress at a stop; streams are ended at once."""

    def app_dsn(self) -> str:
        """Return the connection string of guitu_app."""
        return _read(self.app_dsn_file, "GUITU_SERVER_APP_DSN_FILE")

    def ingest_dsn(self) -> str:
        """Return the connection string of guitu_ingest."""
        return _read(self.ingest_dsn_file, "GUITU_SERVER_INGEST_DSN_FILE")


def _read(path: Path, name: str) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name}={path}: {error.strerror}; give a readable file") from error
    if not text:
        raise SettingsError(f"{name}={path}: the file is empty, a connection string is wanted")
    return text
