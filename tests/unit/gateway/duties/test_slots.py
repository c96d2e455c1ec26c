"""Slots that nobody owns: they are let go, used again, and never mixed up with wearers' slots."""

import msgspec
import numpy as np

from gateway.engine.episode import NO_ROW, Observations, SlotKey
from gateway.engine.episodes import EpisodeBook
from gateway.engine.streaks import NOBODY
from geofence.transition import Persistence


def key(name, rule="checkin_missed"):
    return SlotKey(rule, "s-1", "", name)


def restored(book):
    other = EpisodeBook()
    other.load(msgspec.msgpack.decode(msgspec.msgpack.encode(book.dump())))
    return other


def make_book():
    """A wearer's slot, an open slot of nobody's, and two that were let go."""
    book = EpisodeBook()
    book.slot(SlotKey("inclusion", "s-1", "wb-1", "f-1"), 0)
    slots = [book.slot(key(name), NOBODY) for name in "abc"]
    for slot in slots:
        book.begin(slot, 1_000, 2_000, late=False)
    for slot in (slots[2], slots[0]):
        book.release(slot)
    return book


def test_a_slot_that_was_let_go_stands_no_more_and_is_used_again():
    for book in (make_book(), restored(make_book())):
        assert [book.keys[slot].target for slot, _ in book.all_episodes()] == ["b"]
        assert book.find(key("a")) is None
        assert book.open_slots() == [book.find(key("b"))]
        assert book.slot(key("d"), NOBODY) == 1
        assert book.slot(key("e"), NOBODY) == 3
        assert book.slot(key("f"), NOBODY) == 4
        assert not book.are_open(np.array([1, 3, 4])).any()


def test_a_wearer_never_gets_a_slot_that_nobody_owned():
    book = make_book()
    slot = book.slot(SlotKey("exclusion", "s-1", "wb-1", "f-2"), 0)
    assert slot == 4
    assert book.streaks_of(0) == [0, 4]


def test_a_wearers_record_holds_nothing_of_nobodys_slots():
    for book in (make_book(), restored(make_book())):
        records, complete = book.streaks.records(np.array([0]), len(book.keys))
        assert (records["slot"] == NO_ROW).all()
        assert complete.all()
        book.restore(0, records[0])
        assert book.open_slots() == [book.find(key("b"))]


def test_judging_a_wearer_again_leaves_nobodys_episodes_alone():
    for book in (make_book(), restored(make_book())):
        nothing = np.empty(0, np.int64)
        need = Persistence(*(np.empty(0, np.int64) for _ in range(4)))
        seen = Observations(nothing, nothing, nothing.astype(np.int8), need)
        assert book.revise({0: 0}, seen, lambda *_: None) == []
        assert book.open_slots() == [book.find(key("b"))]


def two_wearers():
    """A slot each, at rest."""
    book = EpisodeBook()
    for number in (0, 1):
        book.slot(SlotKey("inclusion", f"s-{number}", f"wb-{number}", "f-1"), number)
    return book


def test_a_slot_of_a_wearer_that_was_let_go_is_another_wearers_next():
    for store in (lambda book: book, restored):
        book = two_wearers()
        book.release(0)
        book = store(book)
        assert book.streaks_of(0) == []
        assert book.slot(key("a"), NOBODY) == 2
        assert book.slot(SlotKey("curfew", "s-1", "wb-1", "f-2"), 1) == 0
        assert book.streaks_of(1) == [0, 1]
        assert store(book).streaks_of(1) == [0, 1]


def test_a_stored_state_puts_nothing_into_a_slot_that_is_another_wearers_by_now():
    book = two_wearers()
    book.streaks.open(0, 1_000)
    records, _ = book.streaks.records(np.array([0]), 2)
    book.streaks.clear([0])
    book.release(0)
    assert book.slot(SlotKey("curfew", "s-1", "wb-1", "f-2"), 1) == 0
    book.restore(0, records[0])
    assert not book.streaks.is_active(0)


def test_slots_that_are_not_at_rest_or_in_which_something_stands_are_not_idle():
    book = two_wearers()
    everybody = np.array([True, True])
    assert book.idle_of(everybody) == [0, 1]
    assert book.idle_of(np.array([False, True])) == [1]
    book.streaks.open(0, 1_000)
    book.begin(1, 1_000, 2_000, late=False)
    assert book.idle_of(everybody) == []


def test_what_a_rule_that_is_no_more_has_left_in_a_book_is_let_go():
    book = two_wearers()
    book.slot(SlotKey("of_yesterday", "s-1", "wb-1", ""), 1)
    book.slot(SlotKey("of_yesterday", "s-1", "", "x"), NOBODY)
    for slot in (2, 3):
        book.begin(slot, 1_000, 2_000, late=False)
    later = EpisodeBook()
    assert later.load(msgspec.msgpack.decode(msgspec.msgpack.encode(book.dump()))) == {
        "of_yesterday"
    }
    assert later.all_episodes() == []
    assert later.streaks_of(1) == [1]
    assert later.slot(key("a"), NOBODY) == 3
    assert restored(later).streaks_of(1) == [1]
