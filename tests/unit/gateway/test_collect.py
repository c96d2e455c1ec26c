"""Micro-batches: closed by size, age or urgency; the memory behind them is bounded."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.collect import BATCH_BYTES_MAX, HELD_BYTES_MAX, Collector
from gateway.device_acks import group_ranges
from gateway.intake.received import Received

NEVER_S = 1_000.0


class NoOne:
    def acknowledge(self, _message): ...


class Sources:
    """Whoever brings messages: counts how often it was stopped and started."""

    def __init__(self):
        self.pauses = self.resumes = 0

    def pause(self):
        self.pauses += 1

    def resume(self):
        self.resumes += 1


def message(name="m", *, urgent=False, size=1):
    return Received(name, bytes(size), 0, urgent, NoOne(), 1, 1)


def collector(sources=None, **changed):
    sources = sources or Sources()
    values = {"age_s": NEVER_S, "batch_max": 10, "held_max": 100}
    values |= {"pause": sources.pause, "resume": sources.resume}
    return Collector(**(values | changed))


async def names(gathering):
    async with asyncio.timeout(10):
        return [m.topic for m in await gathering.batch()]


async def test_a_full_batch_closes_at_once():
    gathering = collector(batch_max=3)
    for name in "abcd":
        gathering.add(message(name))
    assert await names(gathering) == ["a", "b", "c"]


async def test_a_batch_closes_by_age():
    gathering = collector(age_s=0.001)
    gathering.add(message("a"))
    assert await names(gathering) == ["a"]


async def test_an_urgent_message_closes_the_batch_and_goes_first():
    gathering = collector()
    gathering.add(message("bulk"))
    waiting = asyncio.create_task(names(gathering))
    await asyncio.sleep(0)
    assert not waiting.done()
    gathering.add(message("sos", urgent=True))
    assert await waiting == ["sos", "bulk"]


async def test_urgent_messages_pass_a_whole_backlog():
    gathering = collector(batch_max=2)
    for n in range(20):
        gathering.add(message(f"bulk-{n}"))
    gathering.add(message("sos-1", urgent=True))
    gathering.add(message("sos-2", urgent=True))
    assert await names(gathering) == ["sos-1", "sos-2"]


async def test_urgent_messages_beyond_a_batch_do_not_wait_for_age():
    gathering = collector(batch_max=2)
    for n in range(3):
        gathering.add(message(f"sos-{n}", urgent=True))
    assert await names(gathering) == ["sos-0", "sos-1"]
    assert await names(gathering) == ["sos-2"]


async def test_nothing_is_lost_or_doubled_between_batches():
    gathering = collector(batch_max=7, age_s=0.001)
    for n in range(40):
        gathering.add(message(str(n), urgent=n % 5 == 0))
    found: list[str] = []
    while len(found) < 40:
        found += await names(gathering)
        gathering.done()
    assert sorted(found, key=int) == [str(n) for n in range(40)]
    assert gathering.held == 0


async def test_a_batch_is_bounded_in_bytes():
    gathering = collector(batch_max=1_000)
    for n in range(40):
        gathering.add(message(str(n), size=65_536))
    taken = await gathering.batch()
    assert sum(len(m.payload) for m in taken) <= BATCH_BYTES_MAX
    assert len(taken) == BATCH_BYTES_MAX // 65_536


async def test_a_message_larger_than_a_batch_is_a_batch_of_its_own():
    gathering = collector()
    gathering.add(message("huge", size=BATCH_BYTES_MAX + 1))
    gathering.add(message("small"))
    assert await names(gathering) == ["huge"]


async def test_the_sources_are_stopped_at_the_bound_and_started_at_half():
    sources = Sources()
    gathering = collector(sources, batch_max=10, held_max=40)
    for n in range(39):
        gathering.add(message(str(n)))
    assert sources.pauses == 0
    gathering.add(message("last"))
    assert (sources.pauses, sources.resumes) == (1, 0)
    for held in (30, 20):
        await gathering.batch()
        gathering.done()
        assert gathering.held == held
        assert sources.resumes == (held == 20)
    assert sources.pauses == 1


async def test_what_is_in_work_counts_as_held():
    sources = Sources()
    gathering = collector(sources, batch_max=10, held_max=20)
    for n in range(10):
        gathering.add(message(str(n)))
    await gathering.batch()
    for n in range(10):
        gathering.add(message(str(n)))
    assert sources.pauses == 1


async def test_large_messages_stop_the_sources_before_there_are_many():
    sources = Sources()
    gathering = collector(sources, held_max=100_000)
    for _ in range(HELD_BYTES_MAX // 65_536):
        gathering.add(message(size=65_536))
    assert sources.pauses == 1


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20))))
def test_ranges_name_exactly_the_reports_that_were_seen(pairs):
    ranges = group_ranges([(boot, seq, seq) for boot, seq in pairs])
    named = [(boot, seq) for boot, first, last in ranges for seq in range(first, last + 1)]
    assert named == sorted(set(pairs))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20))))
def test_ranges_are_as_few_as_can_be(pairs):
    ranges = group_ranges([(boot, seq, seq) for boot, seq in pairs])
    for (boot, _, last), (next_boot, first, _) in pairwise(ranges):
        assert (next_boot, first) != (boot, last + 1)


@pytest.mark.parametrize("ranges", [[], [(1, 1, 1)]])
def test_ranges_of_next_to_nothing(ranges):
    assert group_ranges(ranges) == ranges


def test_ranges_that_touch_or_overlap_are_one():
    assert group_ranges([(1, 5, 9), (1, 1, 3), (1, 4, 7), (2, 10, 11)]) == [(1, 1, 9), (2, 10, 11)]
