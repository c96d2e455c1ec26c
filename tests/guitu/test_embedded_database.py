"""The embedded PostgreSQL."""

import os

import psycopg
import pytest

from guitu.embedded.database import Cluster, EmbeddedDatabase
from guitu.embedded.ports import free_port
from guitu.errors import UnreachableFolderError


def test_a_killed_database_comes_back_with_what_was_committed(private_database):
    with psycopg.connect(private_database.dsn()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 41 AS answer")

    private_database.kill()
    private_database.start()

    with psycopg.connect(private_database.dsn()) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (41,)


def test_a_database_syncs_every_commit(private_database):
    with psycopg.connect(private_database.dsn()) as connection:
        rows = connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY (%s) ORDER BY name",
            [["fsync", "full_page_writes", "synchronous_commit"]],
        ).fetchall()
    assert rows == [("fsync", "on"), ("full_page_writes", "on"), ("synchronous_commit", "on")]


def test_a_pid_file_of_a_stranger_does_not_block_the_start(private_database):
    private_database.kill()
    pid_file = private_database.cluster.data / "postmaster.pid"
    lines = pid_file.read_text().split("\n")
    pid_file.write_text("\n".join(["1", *lines[1:]]))

    private_database.start()

    psycopg.connect(private_database.dsn()).close()


def test_a_wrong_password_is_refused(private_database):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(private_database.cluster.dsn(password="guessed"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database as another user")
def test_a_folder_that_the_database_cannot_reach_is_named(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(UnreachableFolderError, match="cannot pass through /"):
        EmbeddedDatabase(Cluster(closed / "database", free_port()), "secret").start()
