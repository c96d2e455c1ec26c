"""Reports in blocks on disk: read back whole, begun again from the right state, cut and dropped."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.engine.history.history import RECENT, History
from gateway.engine.history.segments import SEGMENT_MS, DiskLog, MemoryLog
from gateway.engine.stretch import NEVER_MS, ROW_COLUMNS

STATE = np.dtype([("seen_ms", np.int64)])
FRESH = np.zeros(1, STATE)
T0_MS = 1_795_312_923_000


class World:
    """A history whose state is the newest fix time that an engine would have seen."""

    def __init__(self, log):
        self.history = History(log, FRESH)
        self.history.grow(4)
        self.seen_ms = np.full(4, NEVER_MS)

    def states(self, wearer):
        out = np.zeros(len(wearer), STATE)
        out["seen_ms"] = self.seen_ms[wearer]
        return out, np.ones(len(wearer), np.bool_)

    def rows(self, times, seqs=None):
        count = len(times)
        table = {name: np.zeros(count, dtype) for name, dtype in ROW_COLUMNS.items()}
        table["fix_time_ms"] = np.array(times, np.int64)
        table["seq"] = np.arange(count) if seqs is None else np.array(seqs, np.int64)
        return table

    def live(self, wearer, times, at_ms=T0_MS):
        self.seen_ms[wearer] = max(self.seen_ms[wearer], *times)
        group = np.zeros(len(times), np.int64)
        self.history.append(self.rows(times), group, np.array([wearer]), self.states, at_ms)

    def seldom(self, wearer, time_ms):
        """As the engine does: the state before the report is kept when the last one is old."""
        self.history.keep_states(np.array([wearer]), self.states, time_ms)
        self.live(wearer, [time_ms], time_ms)

    def late(self, wearer, times, at_ms=T0_MS):
        self.seen_ms[wearer] = max(self.seen_ms[wearer], *times)
        self.history.add_block(self.rows(sorted(times)), wearer, self.states, at_ms)


def times_of(table):
    return table["fix_time_ms"].tolist()


@pytest.fixture(params=["disk", "memory"])
def log(request, tmp_path):
    return DiskLog(tmp_path / "history") if request.param == "disk" else MemoryLog()


def test_what_was_appended_is_read_back_in_order_of_fix_time(log):
    world = World(log)
    for begin in range(0, 100, 5):
        world.live(1, list(range(begin, begin + 5)))
    assert times_of(world.history.recent(1, 0)) == list(range(100))
    assert times_of(world.history.recent(1, 90)) == list(range(90, 100))
    assert times_of(world.history.recent(2, 0)) == []


def test_several_wearers_in_one_append_keep_their_own_reports(log):
    world = World(log)
    for lap in range(30):
        rows = world.rows([lap * 10 + n for n in range(4)])
        world.seen_ms[:] = rows["fix_time_ms"]
        world.history.append(rows, np.arange(4), np.arange(4), world.states, T0_MS)
    for wearer in range(4):
        assert times_of(world.history.recent(wearer, 0)) == [lap * 10 + wearer for lap in range(30)]


def test_judging_begins_again_from_the_newest_state_before_the_late_report(log):
    world = World(log)
    for begin in range(0, 2_000, 10):
        world.live(1, [begin])
    past = world.history.past(1, 1_500)
    assert past.is_whole
    assert past.state is not None
    assert int(past.state["seen_ms"][0]) == past.through_ms < 1_500
    assert times_of(past.rows) == [t for t in range(0, 2_000, 10) if t > past.through_ms]
    assert len(times_of(past.rows)) <= 50 + 4 * RECENT


def test_a_state_that_has_seen_something_newer_is_passed_over(log):
    world = World(log)
    for begin in range(0, 1_000, 10):
        world.live(1, [begin])
    world.late(1, [205, 215])
    for begin in range(1_000, 1_500, 10):
        world.live(1, [begin])
    past = world.history.past(1, 300)
    # The block that holds 205 came after 990: whoever goes back beyond it must take 205 along.
    assert past.through_ms < 205
    assert {205, 215} <= set(times_of(past.rows))


def test_without_any_older_state_everything_is_judged_again(log):
    world = World(log)
    for begin in range(100, 200, 10):
        world.live(1, [begin])
    past = world.history.past(1, 5)
    assert past.is_whole
    assert past.state is None
    assert past.through_ms == NEVER_MS
    assert times_of(past.rows) == list(range(100, 200, 10))


def test_what_is_dropped_is_told(tmp_path):
    world = World(DiskLog(tmp_path))
    for hour in range(10):
        for minute in range(60):
            at_ms = T0_MS + hour * SEGMENT_MS + minute * 60_000
            world.live(1, [at_ms], at_ms)
    before = len(list(tmp_path.glob("history-*.seg")))
    world.history.log.drop(T0_MS + 6 * SEGMENT_MS)
    assert len(list(tmp_path.glob("history-*.seg"))) < before
    past = world.history.past(1, T0_MS)
    assert not past.is_whole
    assert past.state is None
    assert T0_MS + 9 * SEGMENT_MS in times_of(past.rows)
    newest = world.history.past(1, T0_MS + 9 * SEGMENT_MS)
    assert newest.state is not None


def test_what_came_after_a_dump_is_forgotten_when_it_is_loaded(tmp_path):
    world = World(DiskLog(tmp_path))
    for begin in range(0, 400, 10):
        world.live(1, [begin])
    stored = world.history.dump(4)
    for begin in range(400, 800, 10):
        world.live(1, [begin])
    again = World(DiskLog(tmp_path))
    again.history.load(stored)
    assert times_of(again.history.recent(1, 0)) == list(range(0, 400, 10))
    again.seen_ms[1] = 390
    for begin in range(400, 800, 10):
        again.live(1, [begin])
    assert times_of(again.history.recent(1, 0)) == list(range(0, 800, 10))


def test_a_reader_in_memory_sees_the_disk_and_leaves_it_alone(tmp_path):
    world = World(DiskLog(tmp_path))
    for begin in range(0, 400, 10):
        world.live(1, [begin])
    stored = world.history.dump(4)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    reader = World(MemoryLog(tmp_path))
    reader.history.load(stored)
    reader.seen_ms[1] = 390
    for begin in range(400, 800, 10):
        reader.live(1, [begin])
    assert times_of(reader.history.recent(1, 0)) == list(range(0, 800, 10))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files


class CountingLog(DiskLog):
    """Knows what was read of it."""

    def __init__(self, folder):
        super().__init__(folder)
        self.offsets_read = []

    def read(self, offset, size):
        self.offsets_read.append(offset)
        return super().read(offset, size)


def keys_from(table, from_ms):
    keys = zip(*(table[name].tolist() for name in ("fix_time_ms", "boot", "seq")), strict=True)
    return {key for key in keys if key[0] >= from_ms}


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans(), st.integers(0, 400)), max_size=80))
@settings(deadline=None, max_examples=60)
def test_the_keys_that_are_kept_are_those_of_the_reports(steps):
    world, newest = World(MemoryLog()), -1
    for at_h, (time_ms, is_late, asked_ms) in enumerate(steps):
        at_ms = T0_MS + at_h * SEGMENT_MS // 4
        if is_late:
            world.late(0, [time_ms], at_ms)
        else:
            newest = max(newest + 1, time_ms)
            world.live(0, [newest], at_ms)
        world.history.log.drop(at_ms - 4 * SEGMENT_MS)
        found = world.history.stored_keys(0, asked_ms)
        recent = keys_from(world.history.recent(0, asked_ms), asked_ms)
        assert {key for key in found if key[0] >= asked_ms} == recent


def test_blocks_that_were_read_for_a_repeat_are_not_read_again(tmp_path):
    log = CountingLog(tmp_path)
    world, read = World(log), log.offsets_read
    for begin in range(0, 4_000, 10):
        world.live(1, [begin])
    first = world.history.stored_keys(1, 0)
    assert len(first) == 400
    assert len(read) > 80
    read.clear()
    for begin in range(4_000, 4_160, 10):
        world.live(1, [begin])
        assert world.history.stored_keys(1, 500) >= first
    assert len(read) <= 2 * 3, "a header and its reports for each new block"


def test_files_of_the_history_are_for_their_owner_only(tmp_path):
    log = DiskLog(tmp_path / "history")
    log.append(b"x", T0_MS)
    assert (tmp_path / "history").stat().st_mode & 0o077 == 0
    assert all(p.stat().st_mode & 0o077 == 0 for p in (tmp_path / "history").iterdir())


@given(st.lists(st.integers(0, 400), min_size=1, max_size=120), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_a_state_and_the_rows_after_it_are_always_all_there_is(times, dice):
    """Whatever order reports came in: what the state has seen and the rows add up."""
    assert isinstance(dice, random.Random)
    world, held = World(MemoryLog()), []
    for time_ms in times:
        if not held or time_ms > max(held):
            world.live(0, [time_ms])
        else:
            world.late(0, [time_ms])
        held.append(time_ms)
        asked = dice.randint(0, 400)
        past = world.history.past(0, asked)
        expected = sorted(t for t in held if t > past.through_ms)
        assert times_of(past.rows) == expected
        assert past.through_ms < asked
        assert past.is_whole


@pytest.mark.parametrize("every_min", [5, 20, 70, 400])
def test_whoever_reports_seldom_has_a_state_within_the_horizon(tmp_path, every_min):
    world = World(DiskLog(tmp_path))
    end_ms = T0_MS + 240 * SEGMENT_MS
    for time_ms in range(T0_MS, end_ms, every_min * 60_000):
        world.seldom(1, time_ms)
    world.history.log.drop(end_ms - 78 * SEGMENT_MS)
    past = world.history.past(1, end_ms - 71 * SEGMENT_MS)
    assert past.state is not None
    assert past.is_whole


def test_whoever_comes_back_after_days_is_not_taken_for_new(tmp_path):
    world = World(DiskLog(tmp_path))
    for minute in range(0, 600, 20):
        world.seldom(1, T0_MS + minute * 60_000)
    last_ms, back_ms = T0_MS + 580 * 60_000, T0_MS + 200 * SEGMENT_MS
    world.history.log.drop(back_ms - 78 * SEGMENT_MS)
    world.seldom(1, back_ms)
    past = world.history.past(1, back_ms - 60_000)
    assert past.state is not None
    assert int(past.state["seen_ms"][0]) == past.through_ms == last_ms
    assert times_of(past.rows) == [back_ms]
