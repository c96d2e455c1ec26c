"""How a stream drains a journal: bounded requests, in order, resumed where the server says.

The server's side is played by the smallest thing that holds to docs/wire/uplink-v1.md.
"""

import json
import threading
from contextlib import contextmanager

import httpx
import pytest

from gateway.engine.outcome import Outcome, episode_id
from gateway.journal.entry import TICK
from gateway.journal.store import Journal
from gateway.uplink.stream import OUTCOMES_MAX, UplinkStream
from tests.services.site import await_that

SERVER_TAKES = 50_000
"""`max_outcomes` of the server's settings."""


class Taker:
    """Takes batches; answers from `script` come first."""

    def __init__(self, script=(), mark=0):
        self.mark = mark
        self.taken = []  # (first, last, ids)
        self.asked = []
        self._script = list(script)

    def __call__(self, request):
        if request.url.path == "/api/v1/gateway/marks":
            return httpx.Response(200, json={"outcomes": self.mark, "telemetry": 0})
        first, last = int(request.url.params["first"]), int(request.url.params["last"])
        self.asked.append((first, last, request.headers["Idempotency-Key"]))
        if self._script:
            return self._script.pop(0)
        events = json.loads(request.content)
        if len(events) > SERVER_TAKES:
            return httpx.Response(413)
        self.taken.append((first, last, [event["id"] for event in events]))
        self.mark = last
        return httpx.Response(200, json={"through": last})


def outcome(number):
    return Outcome(
        id=f"o-{number}",
        episode=episode_id("sos", "s-1", "wb-1", number),
        change="raised",
        rule="sos",
        org="county",
        subject="s-1",
        device="wb-1",
        fence=None,
        fence_version=None,
        begin_ms=number,
        end_ms=None,
        late=False,
        evidence={},
    )


@pytest.fixture
def journal_path(tmp_path):
    return tmp_path / "journal.db"


def write(path, sizes):
    """Write one entry per size, with so many outcomes; return their ids."""
    journal, number = Journal(path, writable=True), 0
    for size in sizes:
        found = [outcome(number + n) for n in range(size)]
        journal.append(TICK, 1, b"", outcomes=found)
        number += size
    journal.close()
    return [f"o-{n}" for n in range(number)]


@contextmanager
def draining(path, taker, *, began_seq=1_000):
    stopping = threading.Event()
    with httpx.Client(base_url="http://server", transport=httpx.MockTransport(taker)) as client:
        stream = UplinkStream(
            "outcomes",
            gateway="gw-1",
            open_journal=lambda: Journal(path, writable=False),
            began_seq=began_seq,
            replaced=path.with_name("replaced"),
            client=client,
            rows_max=1_000,
            stopping=stopping,
        )
        thread = threading.Thread(target=stream.run)
        thread.start()
        yield stream
        stopping.set()
        stream.wake()
        thread.join()


def test_after_a_long_outage_no_request_exceeds_what_the_server_takes(journal_path):
    ids = write(journal_path, [50] * 60)
    taker = Taker()
    with draining(journal_path, taker) as stream:
        await_that(lambda: stream.confirmed_seq == 60, "all is sent")
    assert [name for _, _, some in taker.taken for name in some] == ids
    assert max(len(some) for _, _, some in taker.taken) <= OUTCOMES_MAX < SERVER_TAKES


def test_an_entry_with_many_outcomes_travels_alone(journal_path):
    ids = write(journal_path, [10, OUTCOMES_MAX + 500, 10])
    taker = Taker()
    with draining(journal_path, taker) as stream:
        await_that(lambda: stream.confirmed_seq == 3, "all is sent")
    assert [(first, last) for first, last, _ in taker.taken] == [(1, 1), (2, 2), (3, 3)]
    assert [name for _, _, some in taker.taken for name in some] == ids


def test_a_gap_is_sent_again_from_where_the_server_says(journal_path):
    write(journal_path, [1] * 5)
    taker = Taker([httpx.Response(409, json={"through": 2})])
    with draining(journal_path, taker) as stream:
        await_that(lambda: stream.confirmed_seq == 5, "all is sent")
    assert [(first, last) for first, last, _ in taker.asked] == [(1, 5), (3, 5)]


def test_the_servers_mark_is_where_it_begins(journal_path):
    write(journal_path, [1] * 5)
    taker = Taker(mark=3)
    with draining(journal_path, taker) as stream:
        await_that(lambda: stream.confirmed_seq == 5, "all is sent")
    assert taker.asked == [(4, 5, "gw-1/outcomes/4-5")]


@pytest.mark.parametrize("status", [401, 422, 500, 503])
def test_a_refusal_keeps_the_mark_says_why_and_is_tried_again(journal_path, status):
    write(journal_path, [1])
    taker = Taker([httpx.Response(status, text="because")])
    with draining(journal_path, taker) as stream:
        await_that(lambda: stream.trouble is not None, "it says why")
        trouble = stream.trouble
        await_that(lambda: stream.confirmed_seq == 1, "it is tried again")
        await_that(lambda: stream.trouble is None, "it says that it is well")
    assert f"answered {status} to POST" in trouble
    assert "because" in trouble


def test_an_answer_that_is_no_answer_moves_no_mark(journal_path):
    write(journal_path, [1])
    taker = Taker([httpx.Response(200, text="<html>a proxy's page</html>")])
    with draining(journal_path, taker) as stream:
        await_that(lambda: stream.trouble is not None, "it says why")
        assert stream.confirmed_seq == 0
        await_that(lambda: stream.confirmed_seq == 1, "it is tried again")


def test_entries_without_outcomes_are_passed_in_one_stride(journal_path):
    write(journal_path, [0] * 600)
    taker = Taker()
    with draining(journal_path, taker) as stream:
        await_that(lambda: stream.confirmed_seq == 600, "the mark has moved past them")
    assert taker.taken == [(1, 600, [])]


def test_a_server_that_went_back_behind_the_journals_beginning_is_told_of_the_hole(journal_path):
    write(journal_path, [1] * 5)
    journal = Journal(journal_path, writable=True)
    journal.trim(through=3, before_us=2)
    journal.close()
    taker = Taker(mark=1)
    with draining(journal_path, taker) as stream:
        await_that(lambda: stream.trouble is not None, "the hole is said")
        assert "begins at 4" in stream.trouble
    assert taker.asked == []
