"""The real parts that tests run against, on free ports, gone afterwards."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from guitu.embedded import ports
from guitu.embedded.database import Cluster, EmbeddedDatabase
from guitu.embedded.ports import free_port
from tests.services.broker import NatsService
from tests.services.browser import chromium_program
from tests.services.folder import passable_folder, quick_place

# How busy the machine is decides no test.
settings.register_profile("guitu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("guitu")


# Programs of several workers start at once: each worker takes ports that are no other's.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
ports._given.update(port for port in range(10_000, 32_000) if port // 32 % _WORKERS != _WORKER)


def absent(what: str, advice: str) -> None:
    """Skip because an optional part is absent; where it must be there (CI=true), fail."""
    text = f"{what} is absent: {advice}"
    if os.environ.get("CI") == "true":
        pytest.fail(text)
    pytest.skip(text)


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that the database's user may pass through (pytest's own is closed to others)."""
    with passable_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def database_server() -> Iterator:
    """A PostgreSQL server of this run, or the one that GUITU_TEST_DSN names."""
    # Imported late: tests of the parts below need no server package.
    from tests.services.database import DatabaseServer  # noqa: PLC0415

    named = os.environ.get("GUITU_TEST_DSN")
    if named:
        server = DatabaseServer(named)
        yield server
        server.close()
        return
    # Nothing in it outlives the run; the crash tests have a database of their own. Each test's
    # copy is a thousand small files: in memory it takes a quarter of the time.
    quick = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    with passable_folder(quick_place()) as folder:
        embedded = EmbeddedDatabase(
            Cluster(folder / "database", free_port(), quick), secrets.token_urlsafe(16)
        )
        embedded.start()
        yield DatabaseServer(embedded.dsn())
        embedded.stop()


@pytest.fixture
def database(database_server):
    """A migrated database of this test's own: owner_dsn, app_dsn, ingest_dsn."""
    with database_server.migrated() as fresh:
        yield fresh


@pytest.fixture(scope="module")
def module_database(database_server):
    """A migrated database of this module's own."""
    with database_server.migrated() as fresh:
        yield fresh


@pytest.fixture
def empty_database(database_server):
    """A database without tables."""
    with database_server.empty() as fresh:
        yield fresh


@pytest.fixture
def private_database(open_folder) -> Iterator[EmbeddedDatabase]:
    """A running server of this test's own, with production's sync settings: kill() and start()."""
    with passable_folder(open_folder) as folder:
        embedded = EmbeddedDatabase(
            Cluster(folder / "database", free_port()), secrets.token_urlsafe(16)
        )
        embedded.start()
        yield embedded
        embedded.stop()


@pytest.fixture
def broker(tmp_path) -> Iterator[NatsService]:
    """A running broker of this test's own."""
    service = NatsService(tmp_path / "broker")
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium."""
    found = chromium_program()
    if found is None:
        absent("Chromium", "apt-get install chromium, or set GUITU_CHROMIUM to one")
    return str(found)
