"""A database and a server with a registry, and a journal's entries, for the uplink's benchmark."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
from psycopg.conninfo import make_conninfo

from device_sims import load
from gateway.columns import ABSENT, ABSENT_16, Party, ReportColumns
from gateway.journal.entry import encode_batch
from guitu.embedded.database import Cluster, EmbeddedDatabase
from guitu.embedded.ports import free_port
from server.migrate import migrate
from server.secrecy.key_file import add_key
from server.site import first_start

GATEWAY: Final = "bench"
_START_S: Final = 60.0
_STOP_S: Final = 20.0
_PLACE_E7: Final = (1_199_000_000, 284_000_000)
_SPREAD_E7: Final = 200_000


@dataclass(frozen=True)
class UplinkSite:
    """A running server with its database.

    Attributes:
        url: The server's address.
        token: The gateway's.
        owner_dsn: Connection string of the database's owner.
        parties: Whose reports there are: everybody under an order.
        server_pid: The server's process.
        database_pid: The database's first process.
    """

    url: str
    token: str
    owner_dsn: str
    parties: list[Party]
    server_pid: int
    database_pid: int


@contextmanager
def uplink_site(
    folder: Path, *, seed: int, devices: int, settings: Mapping[str, str] | None = None
) -> Iterator[UplinkSite]:
    """Yield a server that knows the load profile's devices; PostgreSQL's settings are ours.

    Args:
        folder: For the database and the server's files; passable to others.
        seed: Of the registry.
        devices: How many wristbands it has.
        settings: Of the server, by the names of their variables.
    """
    cluster = Cluster(folder / "database", free_port())
    database = EmbeddedDatabase(cluster, secrets.token_hex(16))
    database.start()
    try:
        token, registry = secrets.token_hex(16), load.registry(seed, devices=devices)
        _fill(database.dsn(), folder, registry, token)
        url = f"http://127.0.0.1:{free_port()}"
        with running_server(folder, url, settings) as server_pid:
            wearer_of = {row["device"]: row["holder"] for row in registry["bindings"]}
            parties = [
                Party(row["org"], row["device"], "subject", wearer_of[row["device"]])
                for row in registry["devices"]
            ]
            database_pid = int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
            yield UplinkSite(url, token, database.dsn(), parties, server_pid, database_pid)
    finally:
        database.stop()


def reports(site: UplinkSite, rows: range, *, begin_ms: int, every_ms: int) -> bytes:
    """Return the body of a batch entry: the given reports of everybody taking turns."""
    number = np.arange(rows.start, rows.stop)
    device, turn = number % len(site.parties), number // len(site.parties)
    present, party = np.unique(device, return_inverse=True)
    fix_time_ms = begin_ms + turn * every_ms + device % every_ms
    columns = ReportColumns(
        party=party.astype(np.int32),
        fix_time_ms=fix_time_ms,
        received_at_us=fix_time_ms * 1_000,
        boot=np.ones(len(rows), np.int64),
        seq=turn.astype(np.int64),
        lon_e7=(_PLACE_E7[0] + number * 7919 % _SPREAD_E7).astype(np.int32),
        lat_e7=(_PLACE_E7[1] + number * 104_729 % _SPREAD_E7).astype(np.int32),
        source_datum=np.zeros(len(rows), np.int8),
        accuracy_mm=(5_000 + number * 31 % 20_000).astype(np.int32),
        altitude_mm=_filled(rows, ABSENT, np.int32),
        speed_mmps=(number * 17 % 2_000).astype(np.int32),
        heading_cdeg=(number * 13 % 36_000).astype(np.int32),
        satellites=(4 + number % 12).astype(np.int16),
        battery_pct=(20 + number % 80).astype(np.int16),
        alarms=np.zeros(len(rows), np.int64),
        backlog=np.zeros(len(rows), np.bool_),
        skin_contact=(number % 10 == 0).astype(np.int8),
        heart_rate_bpm=np.where(number % 10 == 0, 72, ABSENT_16).astype(np.int16),
        skin_temperature_cc=_filled(rows, ABSENT, np.int32),
        steps=_filled(rows, ABSENT, np.int32),
    )
    return encode_batch([site.parties[index] for index in present], columns, {})


def _filled(rows: range, value: int, kind: Any) -> Any:
    return np.full(len(rows), value, kind)


def _fill(owner_dsn: str, folder: Path, registry: dict[str, Any], token: str) -> None:
    passwords = {role: secrets.token_hex(16) for role in ("app", "ingest", "worker")}
    migrate(owner_dsn, **{f"{role}_password": said for role, said in passwords.items()})
    first_start(owner_dsn, registry=registry, gateway_id=GATEWAY, gateway_token=token)
    for role, password in passwords.items():
        dsn = make_conninfo(owner_dsn, user=f"guitu_{role}", password=password)
        (folder / f"{role}.dsn").write_text(dsn)


@contextmanager
def running_server(
    folder: Path, url: str, settings: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Run a server for as long as this is open; connection strings lie in the folder.

    Yields:
        The server's process.
    """
    key_file = folder / "master.key"
    if not key_file.exists():
        add_key(key_file)
    environment = (
        os.environ
        | dict(settings or {})
        | {
            "GUITU_SERVER_APP_DSN_FILE": str(folder / "app.dsn"),
            "GUITU_SERVER_INGEST_DSN_FILE": str(folder / "ingest.dsn"),
            "GUITU_SERVER_MASTER_KEY_FILE": str(key_file),
            "GUITU_SERVER_SECOND_FACTOR": "optional",
            "GUITU_SERVER_WORKER_DSN_FILE": str(folder / "worker.dsn"),
            "GUITU_SERVER_HTTP_PORT": url.rpartition(":")[2],
        }
    )
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "guitu", "server"], env=environment, stdout=log, stderr=log
        )
    try:
        _await_ready(process, url, folder)
        yield process.pid
    finally:
        process.terminate()
        process.wait(_STOP_S)


def _await_ready(process: "subprocess.Popen[bytes]", url: str, folder: Path) -> None:
    deadline = time.monotonic() + _START_S
    with httpx.Client(base_url=url, trust_env=False) as client:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if client.get("/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
    raise RuntimeError(f"the server does not start: {(folder / 'server.log').read_text()[-2000:]}")


def now_ms() -> int:
    """Return our clock, milliseconds since 1970 UTC."""
    return int(datetime.now(UTC).timestamp() * 1_000)
