"""Which alerts wait to be seen: kept, repeated, let go; under any order of what happens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.engine.outcome import Outcome
from gateway.engine.words import Words
from gateway.journal.telling import Telling
from gateway.local_alerts import book as book_module
from gateway.local_alerts.book import LOCAL_RULES, LocalBook


def outcome(episode="e1", rule="strap", change="raised"):
    return Outcome(
        id=f"{episode}-{change}",
        episode=episode,
        change=change,
        rule=rule,
        org="office-1",
        subject="s-1",
        device="wb-1",
        fence=None,
        fence_version=None,
        begin_ms=1_000,
        end_ms=None,
        late=False,
        evidence={},
        explanation=Words("", ""),
    )


def telling(change, episode="e1", device="ot-1"):
    return Telling(episode, "office-1", device, change, 5)


def due(book, now_ms=0):
    return [one.alert.id for one in book.due(now_ms, 100)]


def test_what_waits_is_due_at_once_then_after_growing_pauses():
    book = LocalBook(())
    book.offer(1, outcome())
    now_ms, pauses = 0, []
    for _ in range(6):
        (waiting,) = book.due(now_ms, 1)
        waiting.tried(now_ms)
        pauses.append(waiting.next_ms - now_ms)
        assert due(book, waiting.next_ms - 1) == []
        now_ms = waiting.next_ms
    assert pauses == [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]


@pytest.mark.parametrize("rule", ["low_battery", "inclusion", "silence", "gone_since"])
def test_what_can_wait_for_the_server_waits(rule):
    book = LocalBook(())
    assert book.offer(1, outcome(rule=rule))
    assert book.waiting_count == 0


def test_the_gravest_that_was_told_least_comes_first():
    book = LocalBook(())
    for seq, rule in enumerate(reversed(LOCAL_RULES)):
        book.offer(seq, outcome(rule, rule))
    assert due(book) == list(LOCAL_RULES)
    book.due(0, 1)[0].tried(-5_000)
    assert due(book) == [*LOCAL_RULES[1:], LOCAL_RULES[0]]


def test_late_data_withdraws_a_place_and_never_a_strap():
    book = LocalBook(())
    for episode, rule in (("e1", "strap"), ("e2", "exclusion")):
        book.offer(1, outcome(episode, rule))
        book.offer(2, outcome(episode, rule, "superseded"))
    assert due(book) == ["e1"]


def withdrawn(book):
    return [(one.alert.id, one.device) for one in book.withdrawals(100)]


def test_who_was_told_of_what_late_data_contradict_is_told_so_seen_or_not():
    book = LocalBook(())
    for episode, rule in (("e1", "strap"), ("e2", "exclusion"), ("e3", "exclusion")):
        book.offer(1, outcome(episode, rule))
    for one in ("e1", "e2"):
        book.note(telling("told", one, "ot-1"))
        book.note(telling("told", one, "ot-2"))
    book.note(telling("seen", "e2", "ot-1"))
    for episode, rule in (("e1", "strap"), ("e2", "exclusion"), ("e3", "exclusion")):
        book.offer(2, outcome(episode, rule, "superseded"))
    # A strap's stands; of the third nobody was told.
    assert withdrawn(book) == [("e2", "ot-1"), ("e2", "ot-2")]
    (first, _) = book.withdrawals(100)
    assert first.alert.withdrawn
    book.took(first)
    assert withdrawn(book) == [("e2", "ot-2")]
    book.confirm(2)
    assert withdrawn(book) == []


def test_a_withdrawal_outlives_the_program_until_the_server_has_it():
    book = LocalBook([telling("told", "e2"), telling("seen", "e2")])
    book.offer(1, outcome("e2", "exclusion"))
    book.offer(2, outcome("e2", "exclusion", "superseded"))
    assert withdrawn(book) == [("e2", "ot-1")]
    assert due(book) == []


def test_what_the_server_has_is_let_go():
    book = LocalBook(())
    book.offer(3, outcome())
    book.offer(4, outcome("e2"))
    book.confirm(3)
    assert due(book) == ["e2"]


def test_what_an_earlier_life_saw_is_not_told_again():
    book = LocalBook([telling("told"), telling("seen")])
    book.offer(1, outcome())
    book.offer(2, outcome("e2"))
    assert due(book) == ["e2"]
    assert not book.note(telling("told"))
    assert not book.note(telling("seen"))


def test_what_has_no_room_is_refused_until_there_is(monkeypatch):
    monkeypatch.setattr(book_module, "WAITING_MAX", 1)
    book = LocalBook(())
    assert book.offer(1, outcome())
    assert not book.offer(2, outcome("e2"))
    assert book.offer(1, outcome())
    book.note(telling("seen"))
    assert book.offer(2, outcome("e2"))


EPISODES = st.sampled_from(["e1", "e2", "e3"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), EPISODES),
        st.tuples(st.just("told"), EPISODES),
        st.tuples(st.just("seen"), EPISODES),
        st.tuples(st.just("die"), EPISODES),
    ),
    max_size=30,
)


@given(STEPS)
def test_an_alert_waits_until_it_is_seen_whatever_dies_in_between(steps):
    """The journal is all that outlives a life: outcomes are read from it again, tellings too."""
    journal, offered, seen = [], [], set()
    book = LocalBook(())
    for step, episode in steps:
        if step == "offer":
            offered.append(episode)
            book.offer(len(offered), outcome(episode))
        elif step == "die":
            book = LocalBook(journal)
            for seq, again in enumerate(offered, 1):
                book.offer(seq, outcome(again))
        elif book.note(telling(step, episode)):
            journal.append(telling(step, episode))
            seen |= {episode} if step == "seen" else set()
    assert set(due(book)) == set(offered) - seen
    assert len(journal) == len(set(journal))
