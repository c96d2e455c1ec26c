"""A device's memory: nothing is let go of before the gateway has it."""

from itertools import chain

import pytest

from device_sims.feed import Emission
from device_sims.memory import LIVE_REPORTS, MAX_MESSAGE_REPORTS, Memory
from firmware_protocols.message import Report


def emission(seq, *, boot=1, urgent=False, copies=1):
    alarms = ("sos",) if urgent else ()
    report = Report(
        device="wb-1", kind="status", fix_time_ms=1_000 * seq, boot=boot, seq=seq, alarms=alarms
    )
    return Emission(report, is_urgent=urgent, copies=copies)


def filled(*seqs, backlog=False, **options):
    memory = Memory(**options)
    for seq in seqs:
        memory.add(emission(seq), is_backlog=backlog)
    return memory


def sent(memory, now_s=0.0, **options):
    """Send all there is; the messages as lists of sequence numbers."""
    messages = []
    while (outgoing := memory.take(**options)) is not None:
        memory.mark_sent(outgoing.reports, now_s)
        messages.append([report.seq for report in outgoing.reports])
    return messages


def seqs(outgoing):
    return [report.seq for message in outgoing for report in message.reports]


def test_live_reports_go_out_one_by_one():
    assert sent(filled(1, 2, 3)) == [[1], [2], [3]]


def test_a_backlog_goes_out_several_to_a_message_oldest_first():
    memory = filled(*range(250), backlog=True)
    messages = sent(memory)
    assert [len(message) for message in messages] == [MAX_MESSAGE_REPORTS, 100, 50]
    assert list(chain(*messages)) == list(range(250))


def test_a_backlog_may_go_out_newest_first():
    messages = sent(filled(*range(250), backlog=True), is_newest_first=True)
    assert list(chain(*messages)) == list(reversed(range(250)))


def test_a_held_back_report_says_so():
    memory = filled(1, backlog=True)
    assert memory.take().reports[0].backlog


def test_many_waiting_live_reports_share_messages():
    assert len(sent(filled(*range(LIVE_REPORTS + 1)))) == 1


def test_urgent_reports_overtake():
    memory = filled(1, 2)
    memory.add(emission(3, urgent=True), is_backlog=False)
    first = memory.take()
    assert (seqs([first]), first.is_urgent) == ([3], True)


def test_only_the_gateway_frees_memory():
    memory = filled(1, 2, 3)
    sent(memory)
    assert len(memory) == 3
    assert memory.acknowledge([(1, 1, 2)], 1.0) == 2
    assert memory.acknowledge([(1, 1, 2), (2, 3, 3)], 1.0) == 0
    assert len(memory) == 1


def test_an_acknowledgement_of_everything_ever_is_cheap_and_frees_everything():
    memory = filled(5, 6)
    assert memory.acknowledge([(1, 0, 2**53 - 1)], 0.0) == 2


def test_an_acknowledgement_that_overtakes_the_brokers_is_taken():
    memory = filled(1)
    outgoing = memory.take()
    memory.acknowledge([(1, 1, 1)], 0.0)
    memory.mark_sent(outgoing.reports, 0.0)
    assert memory.take() is None
    assert len(memory) == 0


def test_what_is_not_acknowledged_is_sent_again_after_30_s_oldest_first():
    memory = filled(4, 2, 3, 1)
    sent(memory, now_s=100.0)
    memory.acknowledge([(1, 3, 3)], 101.0)
    assert memory.due(129.9) == []
    again = memory.due(130.0)
    assert seqs(again) == [1, 2, 4]
    assert all(message.is_resend for message in again)


def test_an_urgent_report_behind_many_unacknowledged_ones_is_sent_again_first():
    memory = filled(*range(600))
    memory.add(emission(600, urgent=True), is_backlog=False)
    sent(memory)
    again = memory.due(30.0)
    assert seqs(again) == [600, *range(499)]
    assert [message.is_urgent for message in again] == [True, *[False] * 5]


def test_waits_double_while_the_gateway_is_silent_and_shrink_when_it_speaks():
    memory = filled(1, 2)
    sent(memory)
    times = []
    for now_s in range(1_000):
        again = memory.due(float(now_s))
        if again:
            times.append(now_s)
            memory.mark_sent([r for message in again for r in message.reports], float(now_s))
    assert times[:5] == [30, 90, 210, 450, 690]
    memory.acknowledge([(1, 1, 1)], 1_000.0)
    assert memory.next_resend_s() == 1_030.0


def test_a_full_memory_forgets_the_oldest_that_is_not_urgent_and_counts_it():
    memory = Memory(capacity=3)
    memory.add(emission(1, urgent=True), is_backlog=False)
    for seq in (2, 3, 4, 5):
        memory.add(emission(seq), is_backlog=False)
    assert memory.forgotten == 2
    assert list(chain(*sent(memory))) == [1, 4, 5]


def test_reports_of_two_boots_never_share_a_message():
    memory = Memory()
    for boot in (1, 2):
        for seq in range(3):
            memory.add(emission(seq, boot=boot), is_backlog=True)
    assert sent(memory) == [[0, 1, 2], [0, 1, 2]]


@pytest.mark.parametrize("count", [1, 2])
def test_copies_are_kept_with_the_report(count):
    memory = Memory()
    memory.add(emission(1, copies=count), is_backlog=False)
    assert memory.take().copies == count


def test_what_a_lost_link_took_along_goes_out_again_first_and_as_it_was():
    memory = filled(1, 2, 3)
    sent(memory)
    memory.acknowledge([(1, 2, 2)], 0.0)
    memory.add(emission(4), is_backlog=True)
    assert memory.take_back() == 2
    outgoing = memory.take()
    assert outgoing is not None
    assert [(r.seq, r.backlog) for r in outgoing.reports] == [(1, False), (3, False), (4, True)]
    assert memory.take_back() == 0
