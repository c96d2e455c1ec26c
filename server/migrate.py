"""Brings a database to the schema of `server/migrations`, run as the role that owns it.

Each numbered file runs once, in a transaction of its own, and its checksum is kept: a file that
was changed after it had run is an error, never a surprise. Position reports become a hypertable
where TimescaleDB is installed or can be, and native range partitions where not.
"""

import hashlib
import logging
import random
import time
from importlib.resources import files
from typing import Final

import psycopg
from psycopg import Connection, errors, sql

from server.errors import MigrationError

_PARTITION_MARK: Final = "/* PARTITIONED */"
_PARTITIONED: Final = "PARTITION BY RANGE (fix_time)"
_HYPERTABLE: Final = (
    "SELECT create_hypertable('position_report', by_range('fix_time', INTERVAL '1 day'));"
)
_ROLE_TRIES: Final = 20
# "tuple concurrently updated" has the class of internal errors.
_CHANGED_AT_ONCE: Final = (
    errors.InternalError_,
    errors.UniqueViolation,
    errors.DuplicateObject,
)
_log = logging.getLogger(__name__)


def migrate(
    owner_dsn: str, *, app_password: str, ingest_password: str, worker_password: str
) -> list[str]:
    """Create the roles, run what has not run, and return the names of the files that did.

    Repeating it changes nothing; two at once run one after the other.

    Raises:
        MigrationError: A file that has run was changed or is gone, or a file failed; nothing of
            the failed file stays.
    """
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('guitu migrate'))")
        passwords = {
            "guitu_app": app_password,
            "guitu_ingest": ingest_password,
            "guitu_worker": worker_password,
        }
        _set_roles(connection, passwords)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migration (name text PRIMARY KEY,"
            " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        has_timescale = _enable_timescale(connection)
        return _run_pending(connection, has_timescale=has_timescale)


def migration_files() -> dict[str, str]:
    """Return the text of each migration by name, in order."""
    folder = files("server").joinpath("migrations")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return {name: folder.joinpath(name).read_text(encoding="utf-8") for name in names}


def adapted(text: str, *, has_timescale: bool) -> str:
    """Return a migration's text for a database with or without TimescaleDB."""
    if _PARTITION_MARK not in text:
        return text
    if has_timescale:
        return text.replace(_PARTITION_MARK, "", 1) + _HYPERTABLE
    return text.replace(_PARTITION_MARK, _PARTITIONED, 1)


def _run_pending(connection: Connection, *, has_timescale: bool) -> list[str]:
    rows = connection.execute("SELECT name, checksum FROM schema_migration").fetchall()
    done: dict[str, str] = dict(rows)
    texts = migration_files()
    if gone := sorted(done.keys() - texts.keys()):
        raise MigrationError(
            f"the database has run {gone[0]}, which this version does not know: "
            "start the version that made it, or restore a backup from before"
        )
    applied = []
    for name, text in texts.items():
        checksum = hashlib.sha256(text.encode()).hexdigest()
        if name in done:
            if done[name] != checksum:
                raise MigrationError(f"{name} was changed after it had run: add a new file instead")
            continue
        _run(connection, name, adapted(text, has_timescale=has_timescale), checksum)
        applied.append(name)
    return applied


def _run(connection: Connection, name: str, text: str, checksum: str) -> None:
    try:
        with connection.transaction():
            connection.execute(text.encode())
            connection.execute(
                "INSERT INTO schema_migration (name, checksum) VALUES (%s, %s)", (name, checksum)
            )
    except psycopg.Error as error:
        raise MigrationError(f"{name} failed and was undone: {error}") from error
    _log.info("migration_applied name=%s", name)


def _set_roles(connection: Connection, passwords: dict[str, str]) -> None:
    """Create the roles, or set their passwords, while other databases of this server may do so.

    Roles are the server's, the lock above is the database's: PostgreSQL refuses the second who
    changes a role at once, who then tries again.
    """
    for left in reversed(range(_ROLE_TRIES)):
        try:
            with connection.transaction():
                for role, password in passwords.items():
                    _set_password(connection, role, password)
                # The server's own role has what it serves people with; a gateway's rights it must
                # take.
                connection.execute("GRANT guitu_app TO guitu_worker WITH INHERIT TRUE, SET TRUE")
                connection.execute(
                    "GRANT guitu_ingest TO guitu_worker WITH INHERIT FALSE, SET TRUE"
                )
        except _CHANGED_AT_ONCE:
            if not left:
                raise
            time.sleep(random.uniform(0.02, 0.2))  # noqa: S311 - jitter
        else:
            return


def _set_password(connection: Connection, role: str, password: str) -> None:
    found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    # Hashed here, so that the server's log can never hold the password.
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    verb = "CREATE" if found is None else "ALTER"
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
            sql.SQL(verb), sql.Identifier(role), sql.Literal(hashed.decode())
        )
    )


def _enable_timescale(connection: Connection) -> bool:
    row = connection.execute(
        "SELECT FROM pg_available_extensions WHERE name = 'timescaledb'"
    ).fetchone()
    if row is None:
        return False
    connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
    return True
