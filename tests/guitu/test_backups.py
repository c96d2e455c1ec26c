"""Backup and restore on the real database: the same hashes, to the moment; damage is refused."""

import json
import secrets
import shutil
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from gateway.journal.store import Journal
from guitu.backups import place
from guitu.backups.wal_archive import archive_settings, prepare, restore_command
from guitu.cli import main
from guitu.embedded.database import Cluster, EmbeddedDatabase
from guitu.embedded.ports import free_port
from guitu.errors import BackupError
from server.app import create_app
from server.migrate import migrate
from server.site import first_start
from tests.server import archive_journal
from tests.server.archive_reading import chain
from tests.server.conftest import TOKEN, Site, http, running, vector
from tests.server.test_ledger import HOURS, SUBJECT, fault_of
from tests.services.database import PASSWORDS, Database
from tests.services.site import await_that

HASHES = (
    "SELECT 'ledger' AS chain, org_id, id::text, encode(hash, 'hex') FROM score_entry UNION ALL"
    " SELECT 'archive', gateway_id, first_seq::text, encode(digest, 'hex') FROM archive_segment"
    " ORDER BY 1, 2, 3"
)
EPOCH = datetime(2026, 11, 22, tzinfo=UTC)


def base_at(folder, name, ended_at):
    made = folder / f"base-{name}"
    made.mkdir(parents=True)
    return place.finish(made, {"ended_at": ended_at.isoformat(), "journal_entries": 0})


def test_the_last_base_backup_before_the_moment_is_chosen(tmp_path):
    for hour in range(3):
        base_at(tmp_path, f"2026112{hour}", EPOCH + timedelta(hours=hour))
    (tmp_path / "base-29990101").mkdir()  # cut off: it has no manifest
    assert place.chosen(tmp_path, None, EPOCH + timedelta(hours=1)).name == "base-20261121"
    assert place.chosen(tmp_path, None, None).name == "base-20261122"
    with pytest.raises(
        BackupError, match=r"holds no base backup that ended by .* whole ones: base-20261120"
    ):
        place.chosen(tmp_path, None, EPOCH - timedelta(seconds=1))
    with pytest.raises(BackupError, match="base-20261122"):
        place.chosen(tmp_path, "base-29990101", None)


def test_no_name_of_a_folder_becomes_a_command(tmp_path):
    folder = tmp_path / "a b'; 50%s"
    for command in (archive_settings(folder)["archive_command"], restore_command(folder)):
        assert "50%%s" in command
        assert f"{tmp_path}/a b'; 50" not in command


@pytest.mark.parametrize("until", ["yesterday", "2026-11-22T01:02:03"])
def test_a_moment_without_meaning_or_zone_is_refused_before_anything_is_touched(tmp_path, until):
    data = tmp_path / "var"
    done = run("restore", "--from", tmp_path, "--data", data, "--until", until)
    assert done.exit_code == 1
    assert until in done.stderr
    assert not data.exists()


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


class Machine:
    """The folders of one machine, its database and its journal, as `guitu up` lays them out."""

    def __init__(self, folder: Path) -> None:
        self.data, self.backups = folder / "var", folder / "kept apart"
        self.secrets = self.data / "secrets"
        self.secrets.mkdir(parents=True)
        (self.data / "gateway").mkdir()
        self.password = secrets.token_urlsafe(16)
        self.key = folder / "archive-key"
        self.key.touch(mode=0o600)
        self.key.write_text(secrets.token_urlsafe(32))

    def database(self, data: Path, *, with_log: bool = False) -> EmbeddedDatabase:
        overrides = archive_settings(self.backups) if with_log else {}
        cluster = Cluster(data / "database", free_port(), overrides)
        return EmbeddedDatabase(cluster, self.password)

    def site(self, database: EmbeddedDatabase) -> Site:
        dsn = database.dsn("guitu")
        return Site(Database(dsn), self.key.parent, {})

    def set_up(self, database: EmbeddedDatabase) -> Site:
        with psycopg.connect(database.dsn(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE guitu")
        dsn = database.dsn("guitu")
        migrate(dsn, **PASSWORDS)
        first_start(dsn, registry=vector("registry.json"), gateway_id="gw-1", gateway_token=TOKEN)
        (self.secrets / "database-owner").write_text(self.password)
        (self.secrets / "ingest.dsn").write_text(Database(dsn).ingest_dsn)
        return self.site(database)

    def grow(self, entries: int) -> None:
        """Let the gateway's journal have more entries."""
        with closing(Journal(self.data / "gateway" / "journal.db", writable=True)) as journal:
            for number in range(entries):
                journal.append("tick", number, b"")

    def new_folder(self, name: str) -> Path:
        """A folder on another machine, which has been given the secrets."""
        data = self.data.with_name(name)
        shutil.copytree(self.secrets, data / "secrets")
        return data

    def restored(self, name: str, *flags: str):
        data = self.new_folder(name)
        done = run("restore", "--from", self.backups, "--data", data, *flags)
        assert done.exit_code == 0, done.output
        return data, done.output


@contextmanager
def running_database(database):
    database.start()
    try:
        yield database
    finally:
        database.stop()


async def work(site, key, number):
    """A fact by hand and a segment of the journal: an entry in both chains."""
    async with running(create_app(site.settings(archive_key_file=key))) as app, http(app) as client:
        secret, csrf = site.open_session("officer")
        client.cookies.set("guitu_session", secret)
        headers = {"X-CSRF-Token": csrf, "Idempotency-Key": f"hours-{number:04}"}
        answer = await client.post(SUBJECT + "/facts", json=HOURS, headers=headers)
        assert answer.status_code == 201, answer.text
        client.cookies.clear()
        sent = await client.post(
            f"/api/v1/gateway/archive?first={number}&last={number}",
            content=archive_journal.Journal().segment(number, number),
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        assert sent.json() == {"through": number}, sent.text


def hashes(site):
    return [tuple(row.values()) for row in site.rows(HASHES)]


def evidence_fault(site):
    """What `guitu audit verify` finds first; without a key the server seals and signs nothing."""
    dsn_file = site.folder / "owner.dsn"
    dsn_file.write_text(site.database.owner_dsn)
    done = run("audit", "verify", "--dsn-file", dsn_file, "--json")
    said = json.loads(done.stdout)
    assert said["leaves"] > 0
    return said["first_fault"]


def archived_to(site):
    """Hand the log over as far as it goes, and return the moment."""
    moment = site.one("SELECT clock_timestamp()")
    segment = site.one("SELECT pg_walfile_name(pg_switch_wal())")
    await_that(
        lambda: (site.one("SELECT last_archived_wal FROM pg_stat_archiver") or "") >= segment,
        "the log to be archived",
    )
    return moment


@pytest.mark.slow
async def test_backup_and_log_give_the_same_hashes_at_each_moment(open_folder):
    folder = open_folder / "backups"
    folder.mkdir(mode=0o711)
    machine = Machine(folder)
    prepare(machine.backups)
    at = {}
    with running_database(machine.database(machine.data, with_log=True)) as database:
        site = machine.set_up(database)
        await work(site, machine.key, 1)
        machine.grow(5)
        done = run("backup", "--data", machine.data, "--to", machine.backups)
        assert done.exit_code == 0, done.output
        at["backup"] = hashes(site)
        await work(site, machine.key, 2)
        at["moment"] = hashes(site)
        moment = archived_to(site)
        await work(site, machine.key, 3)
        at["end"] = hashes(site)
        archived_to(site)
        database.kill()
    assert len(at["backup"]) < len(at["moment"]) < len(at["end"])

    flags = {"backup": ("--until", "backup"), "moment": ("--until", moment.isoformat()), "end": ()}
    for number, (name, given) in enumerate(flags.items(), 1):
        data, _ = machine.restored(name, *given)
        with running_database(machine.database(data)) as again:
            there = machine.site(again)
            assert hashes(there) == at[name], name
            assert await fault_of(there) is None
            assert evidence_fault(there) is None
            assert (await chain(there)).through == number
            await work(there, machine.key, number + 1)
        with closing(Journal(data / "gateway" / "journal.db", writable=False)) as journal:
            assert journal.last_seq == 5

    assert_refusals(machine, moment)


def assert_refusals(machine, moment):
    """What cannot be restored leaves no database behind."""
    (base,) = place.bases(machine.backups)
    command = ("restore", "--from", machine.backups, "--data")
    assert "is there" in run(*command, machine.data).stderr
    empty = machine.data.with_name("without secrets")
    assert "secrets" in run(*command, empty).stderr
    late = machine.new_folder("too late")
    too_far = (moment + timedelta(days=1)).isoformat()
    assert "does it reach so far" in run(*command, late, "--until", too_far).stderr
    page = next(one for one in (base.folder / "database" / "base").rglob("1*") if one.is_file())
    page.write_bytes(page.read_bytes() + b"\0")
    damaged = machine.new_folder("damaged")
    assert "is damaged" in run(*command, damaged, "--until", "backup").stderr
    for data in (empty, late, damaged):
        assert not (data / "database").exists()
