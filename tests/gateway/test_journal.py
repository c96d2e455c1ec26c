"""The journal: durable, chained, replayable; damage is found, and never papered over."""

import random
import sqlite3
from contextlib import closing

import msgspec
import pytest
from click.testing import CliRunner

from gateway.engine.outcome import Outcome
from gateway.errors import JournalError, JournalWriteError
from gateway.intake.received import Received
from gateway.journal.entry import BATCH, START, encode_start
from gateway.journal.snapshot import oldest_seq, read_snapshots
from gateway.journal.store import Journal
from gateway.recovery import recover
from gateway.verification import verify
from guitu.cli import main
from tests.gateway.life import process, reports_kept
from tests.gateway.place import (
    DAY_MS,
    give_directory,
    journal_of,
    make_pipeline,
    make_settings,
    now_ms,
    report,
    topic,
    walk,
)
from tests.services.broker import NatsService

OUT = [0.0, 0.0, 1_000.0, 1_000.0, 1_000.0, 1_000.0]


class NoOne:
    def acknowledge(self, _message): ...


def received(payloads, *, at_ms=None, device="wb-1"):
    at_us = (now_ms() if at_ms is None else at_ms) * 1_000
    arrived = {"received_at_us": at_us, "urgent": False, "source": NoOne(), "connection": 1}
    return [Received(topic(device), p, packet_id=n, **arrived) for n, p in enumerate(payloads, 1)]


def take(pipeline, messages):
    return pipeline.commit(pipeline.evaluate(messages))


@pytest.fixture
def settings(tmp_path):
    # Nothing is started: the settings only need a broker to name.
    made = make_settings(tmp_path, NatsService(tmp_path / "broker"), snapshot_entries=10)
    give_directory(made)
    return made


@pytest.fixture
def written(settings):
    """A journal in which somebody left the permitted area, in several batches."""
    with closing(make_pipeline(settings)) as pipeline:
        for payload in walk(OUT):
            take(pipeline, received([payload]))
    return settings


def altered(settings, statement, parameters=()):
    with closing(sqlite3.connect(settings.data_dir / "journal.db")) as db:
        db.execute(statement, parameters)
        db.commit()


def without_snapshots(settings):
    for path in settings.data_dir.glob("snapshot-*.bin"):
        path.unlink()


def fault(settings):
    with journal_of(settings) as journal:
        return verify(journal, settings.data_dir).fault


def batches(settings):
    with journal_of(settings) as journal:
        return [entry for entry in journal.entries() if entry.kind == BATCH]


def test_a_commit_reaches_the_disk(settings):
    with closing(make_pipeline(settings)) as pipeline:
        assert pipeline.journal.sync_settings() == ("wal", 2)


def test_a_second_writer_is_refused(settings):
    with closing(make_pipeline(settings)), pytest.raises(JournalError, match="another process"):
        Journal(settings.data_dir / "journal.db", writable=True)


def test_a_file_that_is_no_journal_is_refused(tmp_path):
    (tmp_path / "journal.db").write_bytes(b"not a database, not at all" * 100)
    with pytest.raises(JournalError, match=r"journal\.db: file is not a database"):
        Journal(tmp_path / "journal.db", writable=True)


def test_a_journal_of_an_older_format_is_refused_and_says_what_to_do(written):
    altered(written, "PRAGMA user_version = 1")
    for writable in (True, False):
        with pytest.raises(JournalError, match="format 1, this program reads and writes 2"):
            Journal(written.data_dir / "journal.db", writable=writable)


def test_an_untouched_journal_verifies(written):
    with journal_of(written) as journal:
        found = verify(journal, written.data_dir)
    assert (found.fault, found.outcomes, found.first_seq) == (None, 1, 0)


def test_entries_are_numbered_from_one_without_gaps(written):
    with journal_of(written) as journal:
        seqs = [entry.seq for entry in journal.entries()]
    assert seqs == list(range(1, len(seqs) + 1))


def test_a_flipped_bit_is_found(written):
    entry = batches(written)[2]
    body = bytearray(entry.body)
    body[-1] ^= 1
    altered(written, "UPDATE entry SET body = ? WHERE seq = ?", (bytes(body), entry.seq))
    assert fault(written) == f"entry {entry.seq} was changed"


def test_an_entry_whose_digest_was_made_to_fit_is_found_at_the_next(written):
    entry = batches(written)[2]
    altered(written, "UPDATE entry SET digest = ? WHERE seq = ?", (bytes(32), entry.seq))
    assert fault(written) == f"entry {entry.seq} was changed"


def test_a_deleted_entry_is_found(written):
    entry = batches(written)[2]
    altered(written, "DELETE FROM entry WHERE seq = ?", (entry.seq,))
    assert fault(written) == f"entry {entry.seq} is missing"


def test_a_changed_outcome_is_found(written):
    with journal_of(written) as journal:
        ((seq, outcome),) = journal.outcomes(0, 1_000)
    fields = msgspec.structs.asdict(outcome) | {"subject": "s-2"}
    body = msgspec.msgpack.encode(Outcome(**fields))
    altered(written, "UPDATE outcome SET body = ?", (body,))
    assert fault(written).startswith(f"entry {seq} gives other outcomes than are recorded: changed")


def test_a_deleted_outcome_is_found(written):
    altered(written, "DELETE FROM outcome")
    assert "gives other outcomes" in fault(written)


def test_the_command_exits_1_and_names_the_fault(written):
    altered(written, "DELETE FROM outcome")
    command = ["journal", "verify", "--data", str(written.data_dir)]
    done = CliRunner().invoke(main, command)
    assert (done.exit_code, done.output.startswith("fault: entry ")) == (1, True)


def test_recovery_from_a_snapshot_equals_recovery_from_zero(written):
    with journal_of(written) as journal:
        by_snapshot = recover(journal, written.data_dir)
        without_snapshots(written)
        from_zero = recover(journal, written.data_dir)
    assert by_snapshot.snapshot_seq > from_zero.snapshot_seq == 0
    states = [one.engine.dump() for one in (by_snapshot, from_zero)]
    for state in states:
        # Where the older rows lie differs: beside the journal, or in memory when it is read anew.
        del state["history"]["log"]
    assert msgspec.msgpack.encode(states[0]) == msgspec.msgpack.encode(states[1])
    assert by_snapshot.at_us == from_zero.at_us > 0
    assert (by_snapshot.fault, from_zero.fault) == (None, None)


def test_recovery_tells_when_the_replay_gives_other_outcomes_than_are_recorded(written):
    without_snapshots(written)
    with closing(sqlite3.connect(written.data_dir / "journal.db")) as db, db:
        db.execute("DELETE FROM outcome")
    with journal_of(written) as journal:
        found = recover(journal, written.data_dir)
    assert found.engine is not None
    assert found.fault is not None
    assert found.fault.startswith("entry ")


@pytest.mark.parametrize("damaged", [1, 2])
def test_a_damaged_snapshot_is_passed_over(written, damaged):
    """The older one serves, then the journal from zero; the episode that stands is the same."""
    paths = sorted(written.data_dir.glob("snapshot-*.bin"))
    assert len(paths) == 2
    for path in paths[-damaged:]:
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 2] ^= 1
        path.write_bytes(raw)
    with journal_of(written) as journal:
        found = recover(journal, written.data_dir)
    assert found.snapshot_seq == (int(paths[0].stem[-15:]) if damaged == 1 else 0)
    assert len(found.engine.book.all_episodes()) == 1


def test_time_never_runs_backwards_in_the_journal(written):
    with closing(make_pipeline(written, clock_us=lambda: 1)) as pipeline:
        take(pipeline, received([report(99)]))
    with journal_of(written) as journal:
        times = [entry.at_us for entry in journal.entries()]
    assert times == sorted(times)


def old_journal(settings):
    """Fill a journal of 40 entries that are all past their time to be kept."""
    past_ms = now_ms() - 10 * DAY_MS
    with closing(make_pipeline(settings, clock_us=lambda: now_ms() * 1_000)) as pipeline:
        altered(settings, "UPDATE entry SET at_us = 1")  # the seeding was just now
        pipeline._last_at_us = 0
        pipeline._clock_us = lambda: past_ms * 1_000
        for n in range(40):
            take(pipeline, received([report(n, at_ms=past_ms + n)], at_ms=past_ms))
            if n == 20:
                pipeline.snapshot()
        pipeline.snapshot()
        pipeline._clock_us = lambda: now_ms() * 1_000
        yield pipeline


@pytest.fixture
def old(settings):
    yield from old_journal(settings)


def first_seq(journal):
    return journal.read(0, 1)[0].seq


def test_trim_never_passes_what_the_server_has_confirmed(old):
    old.housekeep(confirmed_seq=7)
    assert first_seq(old.journal) == 8


def test_trim_never_passes_the_oldest_snapshot(old, settings):
    old.housekeep(confirmed_seq=10_000)
    assert first_seq(old.journal) == oldest_seq(settings.data_dir) + 1
    assert len(read_snapshots(settings.data_dir)) == 2


def test_trim_never_takes_the_newest_entry(old):
    last_seq = old.journal.last_seq
    old.journal.trim(10_000, now_ms() * 1_000)
    assert [entry.seq for entry in old.journal.entries()] == [last_seq]


def test_where_little_comes_a_snapshot_is_written_every_two_hours(settings):
    with closing(make_pipeline(settings)) as pipeline:
        pipeline.housekeep(confirmed_seq=0)
        begin_us, seen = now_ms() * 1_000, []
        for minutes in (1, 60, 119, 121, 240, 242):
            pipeline._clock_us = lambda after=minutes: begin_us + after * 60_000_000
            pipeline._append(START, encode_start({}))
            pipeline.housekeep(confirmed_seq=0)
            seen.append(read_snapshots(settings.data_dir)[-1].seq == pipeline.journal.last_seq)
    assert seen == [False, False, False, True, False, True]


def test_what_is_young_stays(written):
    with closing(make_pipeline(written)) as pipeline:
        pipeline.housekeep(confirmed_seq=10_000)
        assert first_seq(pipeline.journal) == 1


def test_a_trimmed_journal_verifies_from_its_oldest_snapshot(old, settings):
    old.housekeep(confirmed_seq=10_000)
    begin = oldest_seq(settings.data_dir)
    with journal_of(settings) as journal:
        found = verify(journal, settings.data_dir)
    assert (found.first_seq, found.fault) == (begin, None)


def test_a_trimmed_journal_without_a_snapshot_is_refused(old, settings):
    old.housekeep(confirmed_seq=10_000)
    without_snapshots(settings)
    with journal_of(settings) as journal, pytest.raises(JournalError, match="no readable snapshot"):
        recover(journal, settings.data_dir)


def test_a_failed_append_leaves_nothing_and_may_be_repeated(settings):
    path = settings.data_dir / "journal.db"
    with closing(Journal(path, writable=True)) as journal:
        before = journal.last_seq, journal.last_digest
        journal._db.execute("PRAGMA query_only = ON")
        with pytest.raises(JournalWriteError):
            journal.append("tick", 1, b"x")
        assert (journal.last_seq, journal.last_digest) == before
        journal._db.execute("PRAGMA query_only = OFF")
        assert journal.append("tick", 1, b"x").seq == before[0] + 1


def broken(*_):
    raise ArithmeticError("as a bug would")


@pytest.mark.parametrize("call", ["step", "set_directory"])
def test_a_fault_in_the_engine_leaves_no_snapshot_of_half_a_step(written, monkeypatch, call):
    before = sorted(written.data_dir.glob("snapshot-*.bin"))
    with closing(make_pipeline(written)) as pipeline:
        monkeypatch.setattr(pipeline._engine, call, broken)
        attempts = {
            "step": lambda: pipeline.evaluate(received([report(99)])),
            "set_directory": lambda: pipeline.set_directory(pipeline.directory),
        }
        with pytest.raises(ArithmeticError):
            attempts[call]()
    assert sorted(written.data_dir.glob("snapshot-*.bin")) == before
    assert fault(written) is None


@pytest.mark.slow
async def test_kills_at_random_leave_no_gap_and_lose_nothing(broker, anybody, tmp_path):
    settings = make_settings(tmp_path, broker, snapshot_entries=10)
    give_directory(settings)
    dice = random.Random(7)  # noqa: S311 - no secret
    sent = 0
    for _ in range(5):
        with process(settings) as gateway:
            await gateway.until_ready()
            for _ in range(dice.randrange(3, 12)):
                anybody.publish_all(topic("wb-1"), walk([0.0] * 50, first_seq=sent, every_s=1))
                sent += 50
            await gateway.until_kept(dice.randrange(1, sent))
            gateway.kill()
    with process(settings) as gateway:
        await gateway.until_kept(sent)
        gateway.stop()
    assert reports_kept(settings) == sent
    assert fault(settings) is None
