"""A real PostgreSQL: the embedded one, or the server that GUITU_TEST_DSN names.

The server is migrated once into a template database; every test gets a clone of its own.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from server.migrate import migrate

APP_PASSWORD = "app-password-of-the-tests"
INGEST_PASSWORD = "ingest-password-of-the-tests"
WORKER_PASSWORD = "worker-password-of-the-tests"
PASSWORDS = {
    "app_password": APP_PASSWORD,
    "ingest_password": INGEST_PASSWORD,
    "worker_password": WORKER_PASSWORD,
}


@dataclass(frozen=True)
class Database:
    """A database of one test, and how each role gets there."""

    owner_dsn: str

    @property
    def app_dsn(self) -> str:
        return make_conninfo(self.owner_dsn, user="guitu_app", password=APP_PASSWORD)

    @property
    def ingest_dsn(self) -> str:
        return make_conninfo(self.owner_dsn, user="guitu_ingest", password=INGEST_PASSWORD)

    @property
    def worker_dsn(self) -> str:
        return make_conninfo(self.owner_dsn, user="guitu_worker", password=WORKER_PASSWORD)


class DatabaseServer:
    """A running server where `owner_dsn` may create databases and roles."""

    def __init__(self, owner_dsn: str) -> None:
        self.owner_dsn = owner_dsn
        # Unique: a server that GUITU_TEST_DSN names may hold leftovers of an aborted run.
        self._run = secrets.token_hex(4)
        self._template: str | None = None
        self._closed: set[str] = set()
        self._count = 0

    @contextmanager
    def empty(self) -> Iterator[Database]:
        """Yield a database without any table."""
        name = self._create("template0")
        yield Database(make_conninfo(self.owner_dsn, dbname=name))
        self._drop(name)

    @contextmanager
    def migrated(self) -> Iterator[Database]:
        """Yield a migrated database without any row."""
        if self._template is None:
            template = self._create("template0")
            migrate(make_conninfo(self.owner_dsn, dbname=template), **PASSWORDS)
            self._template = template
        with self._copy_of(self._template) as copy:
            yield copy

    @contextmanager
    def copy_of(self, template: Database) -> Iterator[Database]:
        """Yield a copy of a database, which lets nobody in from now on."""
        with self._copy_of(str(conninfo_to_dict(template.owner_dsn)["dbname"])) as copy:
            yield copy

    def close(self) -> None:
        if self._template is not None:
            self._drop(self._template)

    @contextmanager
    def _copy_of(self, template: str) -> Iterator[Database]:
        if template not in self._closed:
            self._close_to_all(template)
            self._closed.add(template)
        name = self._create(template)
        yield Database(make_conninfo(self.owner_dsn, dbname=name))
        self._drop(name)

    def _create(self, template: str) -> str:
        self._count += 1
        name = f"guitu_test_{self._run}_{self._count}"
        statement = sql.SQL(
            "CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' LC_COLLATE 'C' STRATEGY file_copy"
        )
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def _close_to_all(self, name: str) -> None:
        """Let nobody in: TimescaleDB's scheduler sits in every database, and bars its copying."""
        self._execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name))
        )
        # Waits for each to be gone.
        self._execute(
            sql.SQL(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = {}"
            ).format(sql.Literal(name))
        )

    def _drop(self, name: str) -> None:
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.owner_dsn, autocommit=True) as connection:
            connection.execute(statement)
