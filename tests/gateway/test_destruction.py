"""A lifting that comes late: what came after it is gone from every file; the journal says so."""

import shutil
import sqlite3
import struct
from contextlib import closing, suppress

import msgspec
import pytest
from click.testing import CliRunner

from gateway.columns import ABSENT
from gateway.directory.lifted import Span
from gateway.directory.snapshot import compile_directory
from gateway.journal.destruction import decode_destruction
from gateway.journal.entry import BATCH, DESTRUCTION, DIRECTORY, decode_batch
from gateway.pipeline import Pipeline
from gateway.recovery import recover
from gateway.verification import verify
from guitu.cli import main
from tests.gateway.place import (
    DAY_MS,
    HOME,
    METRES_PER_DEGREE_LON,
    directory_body,
    journal_of,
    make_pipeline,
    make_settings,
    now_ms,
    report,
    text,
)
from tests.gateway.test_journal import altered, received, take
from tests.services.broker import NatsService

pytestmark = pytest.mark.article("law-29")

MINUTE_MS = 60_000
BEFORE, AFTER = 12, 24
"""Minutes of reports before the lifting and after it."""


class Killed(Exception):  # noqa: N818 - not an error of the program
    """Stands for a kill: nothing of the process runs after it."""


class World:
    """A gateway of which one person is under order, and walks out of the area after its end."""

    def __init__(self, settings):
        self.settings = settings
        self.lifted_ms = now_ms() - AFTER * MINUTE_MS
        self.since, self.until = now_ms() - 30 * DAY_MS, now_ms() + 30 * DAY_MS

    def directory(self, version, *ends, orders=("s-1", "s-2")):
        """Orders of both, to their ends or to those given."""
        rows = [
            {
                "order": f"eo-{who}",
                "subject": who,
                "valid_from": text(self.since),
                "valid_to": text(dict(ends).get(who, self.until)),
            }
            for who in orders
        ]
        return compile_directory(directory_body(version=version, orders=rows))

    def lifting(self, version=2):
        return self.directory(version, ("s-1", self.lifted_ms))

    def messages(self, device, number):
        """The report of a minute; after the lifting far from home, each at a place of its own."""
        at_ms = self.lifted_ms + (number - BEFORE) * MINUTE_MS
        alarms = {"alarms": ["strap"]} if number == BEFORE + 5 else {}
        east = 1_000.0 + 17 * number if number >= BEFORE else 0.1 * number
        return received(
            [report(number + 1, at_ms=at_ms, metres_east=east, **alarms)],
            at_ms=at_ms,
            device=device,
        )

    def walk(self, pipeline, first=0, last=BEFORE + AFTER):
        for number in range(first, last):
            take(pipeline, [m for d in ("wb-1", "wb-2") for m in self.messages(d, number)])
            if number == BEFORE + 10:
                pipeline.snapshot()

    def places(self, first, last):
        """The longitudes of the walk, 1e-7 degrees."""
        degrees = [
            HOME[0] + (1_000.0 + 17 * n if n >= BEFORE else 0.1 * n) / METRES_PER_DEGREE_LON
            for n in range(first, last)
        ]
        return [round(one * 10_000_000) for one in degrees]

    def found_on_disk(self, first, last):
        """Which places of some minutes any file holds, as columns or evidence have them."""
        paths = sorted(self.settings.data_dir.rglob("*"))
        raw = b"".join(path.read_bytes() for path in paths if path.is_file())
        return [
            place
            for place in self.places(first, last)
            if struct.pack("<i", place) in raw or struct.pack(">d", place / 10_000_000) in raw
        ]

    def entries(self, kind):
        with journal_of(self.settings) as journal:
            return [entry for entry in journal.entries() if entry.kind == kind]

    def verified(self):
        with journal_of(self.settings) as journal:
            return verify(journal, self.settings.data_dir)


@pytest.fixture
def world(tmp_path):
    return World(make_settings(tmp_path, NatsService(tmp_path / "broker"), snapshot_entries=10_000))


@pytest.fixture
def alone(world):
    """A world in which the second person's order has ended before the walk: nothing is kept."""
    world.others_end = ("s-2", world.since + DAY_MS)
    with closing(make_pipeline(world.settings)) as pipeline:
        pipeline.set_directory(world.directory(1, world.others_end))
        world.walk(pipeline)
        yield world, pipeline


@pytest.fixture
def walked(world):
    """A world in which both people took the same walk."""
    with closing(make_pipeline(world.settings)) as pipeline:
        pipeline.set_directory(world.directory(1))
        world.walk(pipeline)
        yield world, pipeline


def rows_of(world, device):
    """Return (fix time, has a place, alarms) of a device's reports in the journal."""
    found = []
    for entry in world.entries(BATCH):
        parties, columns = decode_batch(entry.body)
        found += [
            (int(ms), int(lon) != ABSENT, int(alarms))
            for number, ms, lon, alarms in zip(
                columns.party, columns.fix_time_ms, columns.lon_e7, columns.alarms, strict=True
            )
            if parties[number].device == device
        ]
    return sorted(found)


def test_no_file_holds_a_place_after_the_lifting(alone):
    world, pipeline = alone
    assert len(world.found_on_disk(BEFORE, BEFORE + AFTER)) == AFTER
    pipeline.set_directory(world.directory(2, world.others_end, ("s-1", world.lifted_ms)))
    assert world.found_on_disk(BEFORE, BEFORE + AFTER) == []
    pipeline.snapshot()
    assert world.found_on_disk(BEFORE, BEFORE + AFTER) == []


def test_what_was_lawful_stays(walked):
    world, pipeline = walked
    pipeline.set_directory(world.lifting())
    mine, others = rows_of(world, "wb-1"), rows_of(world, "wb-2")
    assert [at_ms for at_ms, has_place, _ in mine if has_place] == [
        world.lifted_ms + n * MINUTE_MS for n in range(-BEFORE, 0)
    ]
    assert len(mine) == len(others) == BEFORE + AFTER
    assert all(has_place for _, has_place, _ in others)


def test_a_strap_alarm_after_the_lifting_stays_without_its_place(walked):
    world, pipeline = walked
    pipeline.set_directory(world.lifting())
    (at_ms, has_place, alarms) = rows_of(world, "wb-1")[BEFORE + 5]
    assert (at_ms, has_place, alarms != 0) == (world.lifted_ms + 5 * MINUTE_MS, False, True)
    with journal_of(world.settings) as journal:
        found = [one for _, one in journal.outcomes(0, 10_000) if one.rule == "strap"]
    told = [one for one in found if one.change == "raised"]
    (mine,) = [one for one in told if one.subject == "s-1"]
    assert mine.evidence["reports"]
    assert all("longitude_deg" not in one for one in mine.evidence["reports"])
    (other,) = [one for one in told if one.subject == "s-2"]
    assert "longitude_deg" in other.evidence["reports"][0]


def test_an_outcome_that_rests_on_what_is_gone_keeps_what_it_was_and_when(walked):
    world, pipeline = walked
    with journal_of(world.settings) as journal:
        before = {one.id: one for _, one in journal.outcomes(0, 10_000)}
    pipeline.set_directory(world.lifting())
    with journal_of(world.settings) as journal:
        after = {one.id: one for _, one in journal.outcomes(0, 10_000)}
    changed = [one for key, one in after.items() if before.get(key, one) != one]
    assert changed
    assert {one.subject for one in changed} == {"s-1"}
    left = next(one for one in changed if one.rule == "inclusion")
    assert "reports" not in left.evidence
    assert "销毁" in left.explanation.zh
    assert (left.begin_ms, left.episode) == (before[left.id].begin_ms, before[left.id].episode)


def test_the_journal_says_what_was_destroyed_by_which_directory(walked):
    world, pipeline = walked
    pipeline.set_directory(world.lifting(version=7))
    (entry,) = world.entries(DESTRUCTION)
    said = decode_destruction(entry.body)
    assert said.directory_version == 7
    assert said.spans == [Span("subject", "s-1", world.lifted_ms, world.until)]
    assert (said.reports, len(said.left)) == (AFTER, AFTER)
    (directory,) = world.entries(DIRECTORY)[-1:]
    assert directory.seq == entry.seq - 1


def test_the_journal_verifies_before_and_after_it_and_goes_on(walked):
    world, pipeline = walked
    pipeline.set_directory(world.lifting())
    for number in range(BEFORE + AFTER, BEFORE + AFTER + 10):
        take(pipeline, world.messages("wb-2", number))
    pipeline.tick()
    found = world.verified()
    assert (found.fault, found.first_seq) == (None, 0)
    assert found.unreplayed == AFTER + 2
    assert found.entries == pipeline.journal.last_seq
    with journal_of(world.settings) as journal:
        after = world.entries(DESTRUCTION)[0].seq
        live, again = pipeline._engine.dump(), recover(journal, world.settings.data_dir)
        assert journal.newest_seq() > after
    state = again.engine.dump()
    assert again.fault is None
    for one in (live, state):
        del one["history"]["log"]
        del one["history"]["doomed"]
    assert msgspec.msgpack.encode(state) == msgspec.msgpack.encode(live)


@pytest.mark.parametrize("column", ["body", "digest"])
def test_an_entry_that_is_changed_after_the_destruction_is_found(walked, column):
    world, pipeline = walked
    pipeline.set_directory(world.lifting())
    seq = min(decode_destruction(world.entries(DESTRUCTION)[0].body).left)
    altered(
        world.settings,
        f"UPDATE entry SET {column} = zeroblob(length({column})) WHERE seq = ?",  # noqa: S608
        (seq,),
    )
    assert world.verified().fault == f"entry {seq} was changed"


def test_the_side_table_cannot_excuse_a_change(walked):
    """What vouches for a rewritten body is the destruction's own entry, which chains."""
    world, pipeline = walked
    pipeline.set_directory(world.lifting())
    first = next(entry.seq for entry in world.entries(BATCH))
    altered(world.settings, "UPDATE entry SET body = x'00' WHERE seq = ?", (first,))
    altered(
        world.settings,
        "INSERT INTO rewritten SELECT ?, destroyed_by, left_sha256 FROM rewritten LIMIT 1",
        (first,),
    )
    assert world.verified().fault == f"entry {first} was changed"


def test_without_a_snapshot_since_the_destruction_the_verification_says_so(walked):
    world, pipeline = walked
    pipeline.set_directory(world.lifting())
    for path in world.settings.data_dir.glob("snapshot-*.bin"):
        path.unlink()
    assert "no readable snapshot was taken after it" in world.verified().fault


def killed_at(world, pipeline, monkeypatch, name):
    """Take the lifting, be killed at a call, and return the settings of a copy of the folder."""

    def kill(*_, **__):
        raise Killed

    target = pipeline.journal if hasattr(pipeline.journal, name) else Pipeline
    with monkeypatch.context() as patched, suppress(Killed):
        patched.setattr(target, name, kill)
        pipeline.set_directory(world.lifting())
    folder = world.settings.data_dir.with_name("after")
    shutil.copytree(world.settings.data_dir, folder)
    return world.settings.model_copy(update={"data_dir": folder})


def test_killed_before_the_commit_nothing_is_lost_and_the_lifting_comes_again(walked, monkeypatch):
    world, pipeline = walked
    world.settings = killed_at(world, pipeline, monkeypatch, "rewrite")
    assert world.entries(DESTRUCTION) == []
    with closing(make_pipeline(world.settings)) as again:
        assert again.recovery_fault is None
        assert again.directory.version == 1
        assert world.verified().fault is None
        again.set_directory(world.lifting())
    assert world.verified().fault is None
    assert len(world.entries(DESTRUCTION)) == 1
    assert all(not has for at, has, _ in rows_of(world, "wb-1") if at >= world.lifted_ms)


def test_killed_after_the_commit_the_next_start_ends_the_destruction(alone, monkeypatch):
    world, pipeline = alone
    world.settings = killed_at(world, pipeline, monkeypatch, "_finish_destruction")
    assert len(world.entries(DESTRUCTION)) == 1
    assert len(world.found_on_disk(BEFORE, BEFORE + AFTER)) > 0
    with closing(make_pipeline(world.settings)) as again:
        assert again.recovery_fault is None
        assert again.directory.version == 2
        assert world.found_on_disk(BEFORE, BEFORE + AFTER) == []
    assert world.verified().fault is None


def test_a_lifting_that_comes_in_time_destroys_nothing(world):
    with closing(make_pipeline(world.settings)) as pipeline:
        pipeline.set_directory(world.directory(1))
        world.walk(pipeline, last=BEFORE)
        pipeline.set_directory(world.lifting())
    assert world.entries(DESTRUCTION) == []
    assert world.verified().unreplayed == 0


def test_an_order_that_goes_to_another_gateway_is_not_lifted(walked):
    world, pipeline = walked
    pipeline.set_directory(world.directory(2, orders=("s-2",)))
    assert world.entries(DESTRUCTION) == []
    assert len([one for one in rows_of(world, "wb-1") if one[1]]) == BEFORE + AFTER


def test_two_liftings_one_after_the_other_both_hold(walked):
    world, pipeline = walked
    pipeline.set_directory(world.lifting())
    earlier = ("s-1", world.lifted_ms - 10 * MINUTE_MS)
    pipeline.set_directory(world.directory(3, earlier, ("s-2", world.lifted_ms)))
    assert world.verified().fault is None
    placed = [[at for at, has, _ in rows_of(world, d) if has] for d in ("wb-1", "wb-2")]
    assert [len(one) for one in placed] == [BEFORE - 10, BEFORE]
    first, second = (decode_destruction(e.body) for e in world.entries(DESTRUCTION))
    assert (first.reports, second.reports) == (AFTER, 10 + AFTER)


def test_bytes_of_refused_messages_go_too(walked):
    world, pipeline = walked
    take(pipeline, received([b"no json at all"]))
    assert pipeline.journal.quarantined(1)[0].payload == b"no json at all"
    pipeline.set_directory(world.lifting())
    (gone,) = pipeline.journal.quarantined(1)
    assert (gone.payload, gone.size) == (None, 14)
    assert decode_destruction(world.entries(DESTRUCTION)[0].body).refused == 1


def test_the_command_tells_how_much_cannot_be_computed_again(walked):
    world, pipeline = walked
    pipeline.set_directory(world.lifting())
    data = ["--data", str(world.settings.data_dir)]
    done = CliRunner().invoke(main, ["journal", "verify", *data])
    assert (done.exit_code, f"{AFTER + 2} of them" in done.output) == (0, True)
    told = CliRunner().invoke(main, ["journal", "destructions", *data, "--json"])
    (record,) = msgspec.json.decode(told.output)
    assert (record["directory_version"], record["reports"]) == (2, AFTER)
    assert [one["holder"] for one in record["spans"]] == ["s-1"]


def test_a_journal_of_before_has_no_destructions(walked):
    world, _ = walked
    with closing(sqlite3.connect(world.settings.data_dir / "journal.db")) as db, db:
        db.execute("DROP TABLE rewritten")
    assert world.verified().fault is None
