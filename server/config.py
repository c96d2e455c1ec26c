"""Every setting of the server, read once at start-up from the environment (`GUITU_SERVER_...`)."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from server.errors import SettingsError
from server.loopback import is_loopback

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

    worker_dsn_file: Path
    """File with the connection string of role guitu_worker, the server's own: it sees every
    organisation, so nothing but the server may read it."""

    http_host: str = "127.0.0.1"
    """Address to listen on; loopback, so that opening it to a network is a deliberate act."""

    http_port: Annotated[int, Field(ge=1, le=65535)] = 8210
    """TCP port of the console and the interface."""

    http_certificate: Path | None = None
    """Certificate (PEM, with those between it and its root) that the server proves itself by: it
    speaks TLS then. None: plain HTTP, on loopback or behind a proxy only."""

    http_key_file: Path | None = None
    """Private key (PEM) of the certificate, readable by its owner only."""

    http_behind_proxy: bool = False
    """A proxy in front ends TLS, and nothing else reaches this port: plain HTTP may be served on
    an address that is not loopback."""

    pool_size: Annotated[int, Field(ge=2, le=50)] = 8
    """Database connections of each role; a county's console and gateway keep two or three busy."""

    pool_timeout_s: Annotated[float, Field(gt=0, le=30)] = 2.0
    """Longest wait for a connection before 503; longer than a failover hides an outage."""

    session_lifetime_h: Annotated[float, Field(gt=0, le=24)] = 12.0
    """A sign-in lasts one shift."""

    session_idle_min: Annotated[float, Field(gt=0, le=1440)] = 30.0
    """A session that no request and no open page of the console used for so long has ended."""

    second_factor: Literal["required", "optional"] = "required"
    """Whether administrators, auditors, heads, procurators and supervisors of a county and above
    must sign in with a second factor. Who has enrolled one is asked for it either way."""

    second_factor_key_file: Path | None = None
    """File with the key that seals the secrets of second factors: 32 random bytes in URL-safe
    base64, readable by its owner only. None: nobody can enrol one."""

    oidc_issuer: str | None = None
    """Issuer of the identity provider (OpenID Connect) that people may sign in at, as it names
    itself: https, all of its addresses at this origin. None: with a password only."""

    oidc_client_id: str = ""
    """What the provider calls this site."""

    oidc_client_secret_file: Path | None = None
    """File with the secret that the provider gave this site. None: a public client (PKCE)."""

    oidc_redirect_url: str = ""
    """Where the provider sends people back: https://HOST/api/v1/session/oidc/callback, as it is
    registered there."""

    oidc_claim: str = "preferred_username"
    """The claim of the ID token that holds the login of an account here."""

    max_body_bytes: Annotated[int, Field(ge=65536, le=256 * _MIB)] = 32 * _MIB
    """Largest request body; a province's boundaries in one registry file take about 20 MiB."""

    max_form_bytes: Annotated[int, Field(ge=65536, le=32 * _MIB)] = 1 * _MIB
    """Largest body of a call that takes no table, registry or journal; the longest form of a case
    file takes 100 KiB. Unlike the others, a sign-in is read before anybody is known."""

    session_requests_per_s: Annotated[float, Field(ge=1, le=10_000)] = 50.0
    """Requests of one session in a second; a screen that refreshes everything makes twenty."""

    session_requests_burst: Annotated[int, Field(ge=10, le=100_000)] = 1_000
    """Requests of one session at once."""

    address_requests_per_s: Annotated[float, Field(ge=1, le=100_000)] = 500.0
    """Requests of one address in a second, gateways among them; an office of thirty screens, or a
    whole county behind one proxy, makes under a hundred."""

    address_requests_burst: Annotated[int, Field(ge=10, le=1_000_000)] = 10_000
    """Requests of one address at once; after an outage every screen asks anew."""

    look_hour_persons: Annotated[int, Field(ge=10, le=10_000)] = 120
    """People whose tracks, masked fields, papers, facts and recordings one login may look at in an
    hour; one every half minute is no longer work on a case. The same person again is free."""

    look_day_persons: Annotated[int, Field(ge=10, le=100_000)] = 500
    """The same in 24 hours; a county has some hundreds under supervision."""

    look_exports_day: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Files of lists that one login may take in 24 hours; a month's reports make ten."""

    look_alarm_persons: Annotated[int, Field(ge=1, le=100_000)] = 200
    """So many different people looked at in a day are told to the auditors."""

    look_alarm_near_levels: Annotated[int, Field(ge=0, le=3)] = 1
    """A person of an organisation more levels below the looker's own is far: for a county none is,
    for a city those of offices."""

    look_alarm_far_persons: Annotated[int, Field(ge=1, le=100_000)] = 20
    """So many far people looked at in a day are told to the auditors."""

    look_alarm_night_persons: Annotated[int, Field(ge=1, le=100_000)] = 5
    """So many people looked at in a night (22:00 to 06:00) without an alert, a task or a search are
    told to the auditors."""

    max_telemetry_rows: Annotated[int, Field(ge=1000, le=1_000_000)] = 100_000
    """Most rows of one telemetry request; more would hold a transaction for many seconds."""

    max_outcomes: Annotated[int, Field(ge=1_000, le=1_000_000)] = 50_000
    """Most events of one outcomes request; each costs four statements. A gateway sends a thousand
    at a time, and a larger journal entry in parts."""

    late_after_days: Annotated[int, Field(ge=4, le=36_500)] = 7
    """Positions older than this wait in a table of their own and are merged a day at a time; days
    older than this are compressed where TimescaleDB is there. Above the 72 h of late data."""

    position_keep_days: Annotated[int, Field(ge=0, le=3650)] = 180
    """Positions are deleted so many days after the end of the order that they were taken under,
    reports that no order holds so many days after their day. The law sets no figure (PIPL Art. 19:
    the shortest that the purpose needs)."""

    retention_days: str = ""
    """Days that classes of records are kept, such as `security_log=1095,contact=730`; the others
    are kept as `guitu retention plan` says (docs/retention.md)."""

    quarantine_rows_max: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    """Refused rows and events kept of each gateway; the oldest make room."""

    request_key_keep_h: Annotated[int, Field(ge=24, le=8760)] = 72
    """An Idempotency-Key and its answer are kept so long; the same key later is a new request. A
    client repeats within minutes, after a weekend off line within three days; answers hold parts
    of files."""

    master_key_file: Path | None = None
    """File with the master keys of personal fields, a line each, the newest first: 32 random bytes
    in URL-safe base64, readable by its owner only. A server does not start without it."""

    cipher: Literal["aes-256-gcm", "sm4-gcm"] = "aes-256-gcm"
    """What new data keys seal personal fields with; `guitu keys rotate --data` takes the old ones
    along."""

    archive_key_file: Path | None = None
    """File with the master key of the journals' archive: 32 random bytes in URL-safe base64,
    readable by its owner only. None: nothing is archived, and gateways may not ask for it."""

    archive_bytes_max: Annotated[int, Field(ge=1_000_000, le=2**50)] = 64 * 1024 * _MIB
    """Most bytes of one gateway's archive; beyond it the gateway keeps its journal and says so."""

    media_dir: Path | None = None
    """Folder of recordings: uploads on their way, what does not hold to its digest, and, without
    MEDIA_STORE, the sealed files. All processes of a site share it. None: no recording is taken."""

    media_store: str | None = None
    """s3://BUCKET/PREFIX for the sealed files; credentials and endpoint are in AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT. None: they lie in MEDIA_DIR."""

    media_key_file: Path | None = None
    """File with the key that seals the keys of recordings: 32 random bytes in URL-safe base64,
    readable by its owner only. It goes with MEDIA_DIR."""

    directory_key_file: Path | None = None
    """Private key (Ed25519, PEM) that signs what gateways track by; without it nothing is."""

    fact_key_file: Path | None = None
    """Private key (Ed25519, PEM) that signs what proves a fact; without it that is hashed only."""

    audit_key_file: Path | None = None
    """Private key (Ed25519, PEM) that signs the checkpoints of the evidence chain; without it rows
    are chained and nothing is signed."""

    audit_anchor_dir: Path | None = None
    """Folder outside the database where signed checkpoints are appended to a file; better on
    another machine. None: whoever owns the database could rewrite its chain unseen."""

    audit_algorithm: Literal["sha256", "sm3"] = "sha256"
    """Digest of new blocks of the evidence chain; a change begins with the next block."""

    audit_seal_s: Annotated[float, Field(ge=0.1, le=30)] = 10.0
    """Time between rounds of sealing and anchoring; a row is anchored within a minute."""

    directory_memory_bytes: Annotated[int, Field(ge=0, le=4 << 30)] = 256 << 20
    """Directories that are remembered, so that gateways are told changes instead of the whole."""

    upkeep_s: Annotated[float, Field(ge=1, le=86400)] = 600.0
    """Time between rounds of merging, compressing, deleting and trimming."""

    deadline_sweep_s: Annotated[float, Field(ge=0.1, le=3600)] = 30.0
    """Time between rounds of warning of deadlines and noting what lapsed."""

    routes_alerts: bool = True
    """This process takes alerts to the people on duty. At least one of a site's processes must."""

    alert_routing_s: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    """Longest time between two looks for alerts whose clock ended; news wakes it at once."""

    live_max_clients: Annotated[int, Field(ge=1, le=5000)] = 500
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

    gateway_silent_after_s: Annotated[int, Field(ge=5, le=3600)] = 50
    """A gateway that has not been heard for so long is silent, which is an alert. It speaks every
    10 s; with the 5 s between two looks the alert comes within a minute of its end."""

    gateway_broker_down_s: Annotated[float, Field(ge=1, le=3600)] = 30.0
    """A gateway that has been without its broker for so long is an alert: it hears no device."""

    gateway_disk_free_pct: Annotated[float, Field(ge=1, le=50)] = 10.0
    """Less free space on the disk of a gateway's journal is an alert, until it is half as much
    again."""

    gateway_clock_skew_s: Annotated[float, Field(ge=1, le=3600)] = 5.0
    """A gateway's clock that is off by more is an alert, until it is within half of it."""

    gateway_lag_s: Annotated[float, Field(ge=10, le=86400)] = 120.0
    """An older entry that the server has not confirmed is an alert, until it is half as old."""

    server_slow_s: Annotated[float, Field(ge=0.05, le=30)] = 1.0
    """A database that answers three times in a row only after longer is an alert."""

    server_overdue_s: Annotated[float, Field(ge=30, le=3600)] = 60.0
    """An alert that no server routed, or a message that none sent, for so long is an alert."""

    notification_key_file: Path | None = None
    """File with the key that seals the addresses of notification channels: 32 random bytes in
    URL-safe base64, readable by its owner only. None: only terminals and the desk tell."""

    notification_networks: str = ""
    """Networks that channels may lead into beside public addresses, in CIDR with commas: a mail or
    government network of the own, such as 10.20.0.0/16. Plain http goes nowhere else."""

    notification_services: str = "schan,pushplus,wxpusher,sns,twilio,vonage"
    """Schemes of Apprise, with commas, that channels may use beside mail and own servers."""

    notification_attempt_s: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Longest time of one attempt over one channel, whatever the receiver does."""

    notification_attempts_max: Annotated[int, Field(ge=1, le=20)] = 8
    """Attempts after which a message is a dead letter, shown and tried again by a person only."""

    notification_retry_s: Annotated[float, Field(gt=0, le=60)] = 2.0
    """Pause after a first failure; each further one doubles it, up to ten minutes."""

    notification_rest_s: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Rest of a channel after five failures in a row; each further one doubles it."""

    notification_poll_s: Annotated[float, Field(gt=0, le=60)] = 1.0
    """Time between looks for what is due to be told, where the database rang for nothing."""

    notification_most_at_once: Annotated[int, Field(ge=1, le=500)] = 64
    """Messages that one process sends at once, over all channels."""

    notification_keep_days: Annotated[int, Field(ge=1, le=3650)] = 730
    """What was told is kept so long: it proves who was told what, and when."""

    trace_url: HttpUrl | None = None
    """OTLP address (http, protobuf) of a collector of traces, such as
    http://127.0.0.1:4318/v1/traces. None: no traces."""

    shutdown_s: Annotated[int, Field(ge=1, le=60)] = 3
    """Longest wait for requests in progress at a stop; streams are ended at once."""

    @model_validator(mode="after")
    def _holds_together(self) -> "ServerSettings":
        if (self.http_certificate is None) != (self.http_key_file is None):
            raise ValueError("HTTP_CERTIFICATE and HTTP_KEY_FILE go together: give both or none")
        if (self.media_dir is None) != (self.media_key_file is None):
            raise ValueError("MEDIA_DIR and MEDIA_KEY_FILE go together: give both or none")
        if self.look_alarm_persons > self.look_day_persons:
            raise ValueError(
                f"LOOK_ALARM_PERSONS {self.look_alarm_persons} is never reached: give at most"
                f" LOOK_DAY_PERSONS {self.look_day_persons}"
            )
        is_open = not (self.http_certificate or self.http_behind_proxy)
        if is_open and not is_loopback(self.http_host):
            raise ValueError(
                f"HTTP_HOST {self.http_host} is not loopback: give HTTP_CERTIFICATE and"
                " HTTP_KEY_FILE, or set HTTP_BEHIND_PROXY=true where a proxy in front ends TLS"
            )
        return self

    def app_dsn(self) -> str:
        """Return the connection string of guitu_app."""
        return _read(self.app_dsn_file, "GUITU_SERVER_APP_DSN_FILE")

    def ingest_dsn(self) -> str:
        """Return the connection string of guitu_ingest."""
        return _read(self.ingest_dsn_file, "GUITU_SERVER_INGEST_DSN_FILE")

    def worker_dsn(self) -> str:
        """Return the connection string of guitu_worker."""
        return _read(self.worker_dsn_file, "GUITU_SERVER_WORKER_DSN_FILE")

    def oidc_client_secret(self) -> str | None:
        """Return the secret of this site at its identity provider, if it has one."""
        path = self.oidc_client_secret_file
        return None if path is None else _read(path, "GUITU_SERVER_OIDC_CLIENT_SECRET_FILE")


def _read(path: Path, name: str) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name}={path}: {error.strerror}; give a readable file") from error
    if not text:
        raise SettingsError(f"{name}={path}: the file is empty")
    return text
