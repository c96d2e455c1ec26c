"""How a stream drains a journal: bounded requests, in order, resumed where the server says.

The server's side is played by the smallest thing that holds to docs/wire/uplink-v1.md.
"""

import json
import threading
from contextlib import contextmanager

import httpx
import pytest

from gateway.engine.outcome import Outcome, episode_id
from gateway.engine.rules.catalogue import RULES
from gateway.journal.entry import TICK
from gateway.journal.store import Journal
from gateway.uplink.pace import OUTCOMES_MAX, RETRY_AFTER_MAX_S, Pace, retry_after_s
from gateway.uplink.stream import UplinkStream
from tests.services.site import await_that

SERVER_TAKES = 50_000
"""`max_outcomes` of the server's settings."""


class Taker:
    """Takes batches; answers from `script` come first."""

    def __init__(self, script=(), mark=0):
        self.mark = mark
        self.taken = []  # (first, last, ids)
        self.asked = []
        self.headers = []
        self._script = list(script)

    def __call__(self, request):
        if request.url.path.endswith("/outcomes/part"):
            return self._take_part(request)
        if request.url.path == "/api/v1/gateway/marks":
            return httpx.Response(200, json={"outcomes": self.mark, "telemetry": 0})
        first, last = int(request.url.params["first"]), int(request.url.params["last"])
        self.headers.append(request.headers)
        self.asked.append((first, last, request.headers["Idempotency-Key"]))
        if self._script:
            return self._script.pop(0)
        events = json.loads(request.content)
        if len(events) > SERVER_TAKES:
            return httpx.Response(413)
        self.taken.append((first, last, [event["id"] for event in events]))
        self.mark = last
        return httpx.Response(200, json={"through": last})

    def _take_part(self, request):
        entry, events = int(request.url.params["entry"]), json.loads(request.content)
        if self._script:
            return self._script.pop(0)
        assert entry == self.mark + 1
        self.taken.append((entry, None, [event["id"] for event in events]))
        return httpx.Response(200, json={"through": entry - 1})


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
        explanation=RULES["sos"].title,
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


def test_an_entry_with_more_outcomes_than_the_server_takes_travels_in_parts(journal_path):
    ids = write(journal_path, [10, SERVER_TAKES + 500, 10])
    taker = Taker()
    with draining(journal_path, taker) as stream:
        await_that(lambda: stream.confirmed_seq == 3, "all is sent")
    assert [name for _, _, some in taker.taken for name in some] == ids
    assert max(len(some) for _, _, some in taker.taken) <= OUTCOMES_MAX
    assert {entry for entry, last, _ in taker.taken if last is None} == {2}
    assert [(first, last) for first, last, _ in taker.taken if last] == [(1, 1), (2, 3)]


def test_a_part_that_the_server_has_not_taken_is_sent_again(journal_path):
    ids = write(journal_path, [OUTCOMES_MAX * 2])
    taker = Taker([httpx.Response(503, headers={"Retry-After": "0"})])
    with draining(journal_path, taker) as stream:
        await_that(lambda: stream.confirmed_seq == 1, "all is sent")
    assert [name for _, _, some in taker.taken for name in some] == ids


def test_a_request_that_is_too_large_comes_again_with_less(journal_path):
    ids = write(journal_path, [10] * 100)
    taker = Taker([httpx.Response(413)])
    with draining(journal_path, taker) as stream:
        await_that(lambda: stream.confirmed_seq == 100, "all is sent")
    assert [name for _, _, some in taker.taken for name in some] == ids
    assert len(taker.taken[0][2]) <= OUTCOMES_MAX // 2


def test_what_waits_is_known_by_its_age_and_told_with_the_request(journal_path):
    write(journal_path, [0, 1])
    taker = Taker([httpx.Response(503)])
    with draining(journal_path, taker) as stream:
        await_that(lambda: stream.trouble is not None, "it says why")
        assert stream.oldest_at_us == 1
        await_that(lambda: stream.confirmed_seq == 2, "it is tried again")
        await_that(lambda: stream.oldest_at_us is None, "nothing waits")
    said = taker.headers[-1]
    assert said["Guitu-Behind-Entries"] == "0"
    assert float(said["Guitu-Oldest-S"]) > 1e9


def test_what_the_server_refused_one_by_one_is_counted(journal_path):
    write(journal_path, [3])
    taker = Taker([httpx.Response(200, json={"through": 1, "quarantined": 2})])
    with draining(journal_path, taker) as stream:
        await_that(lambda: stream.confirmed_seq == 1, "it is taken")
        await_that(lambda: stream.quarantined == 2, "it is counted")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("7", 7.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 30.0),
        ("Sun, 06 Nov 1994 08:49:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("²", None),
    ],
)
def test_a_time_to_come_back_is_seconds_or_a_date(value, wanted):
    assert retry_after_s(value, now_s=784_111_747.0) == wanted


def test_a_stream_never_comes_back_before_the_time_it_was_given():
    pace = Pace("telemetry", rows_max=50_000)
    assert all(pace.refused(is_too_large=False, retry_after_s=40.0) >= 40.0 for _ in range(10))
    assert pace.refused(is_too_large=False, retry_after_s=1e9) < 2 * RETRY_AFTER_MAX_S


def test_after_an_outage_a_stream_begins_small_doubles_and_rests():
    pace = Pace("telemetry", rows_max=50_000)
    sizes = [pace.most]
    while pace.most < 50_000:
        assert pace.taken(took_s=1.0, is_full=True) == pytest.approx(0.05)
        sizes.append(pace.most)
    assert sizes == [2_000, 4_000, 8_000, 16_000, 32_000, 50_000]
    pace.refused(is_too_large=False, retry_after_s=None)
    assert pace.most == 2_000


def test_an_alert_waits_for_no_rest():
    pace = Pace("outcomes", rows_max=50_000)
    assert {pace.taken(took_s=1.0, is_full=full) for full in (True, False)} == {0.0}


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
