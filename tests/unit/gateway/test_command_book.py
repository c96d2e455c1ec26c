"""Commands on their way: states, answers, time-outs, and what outlives a restart."""

from datetime import UTC, datetime

import msgspec
import pytest

from firmware_protocols.message import Reply
from gateway.commands.book import LATE_ANSWER_MS, OPEN_MAX, CommandBook, Kept
from gateway.commands.wire import read_list, write_events

T0_MS = 1_795_312_923_000
ANSWER_MS = 60_000


def listed(*ids, device="wb-1", expires_ms=T0_MS + 600_000, **fields):
    given = {"name": "locate", "interval_s": None, "text": None, "approved_by": []} | fields
    expires = datetime.fromtimestamp(expires_ms / 1_000, UTC).isoformat()
    rows = [{"command": i, "device": device, "expires_at": expires} | given for i in ids]
    taken, faults = read_list(msgspec.json.encode({"commands": rows}))
    assert faults == []
    return taken


def make_book(kept=None):
    return CommandBook(kept or Kept(), answer_ms=ANSWER_MS)


def states(book):
    return [(event.command, event.state) for event in book.events]


def reply(to, ok=True, device="wb-1"):  # noqa: FBT002
    return Reply(device=device, to=to, ok=ok)


def test_a_command_is_sent_and_answered():
    book = make_book()
    assert book.take_list(listed("c-1")) == 1
    book.sent("c-1", "k", T0_MS)
    assert book.replied("wb-1", reply("k"), T0_MS + 1)
    assert states(book) == [("c-1", "sent"), ("c-1", "answered")]
    assert book.open_count == 0


@pytest.mark.parametrize(
    ("ok", "state"), [(True, "answered"), (None, "answered"), (False, "refused")]
)
def test_what_the_device_says_decides(ok, state):
    book = make_book()
    book.take_list(listed("c-1"))
    book.sent("c-1", "k", T0_MS)
    book.replied("wb-1", reply("k", ok), T0_MS)
    assert states(book)[-1] == ("c-1", state)


@pytest.mark.parametrize(("ok", "detail"), [(True, ""), (None, ""), (False, "28.4,119.9")])
def test_only_a_refusals_words_are_passed_on(ok, detail):
    book = make_book()
    book.take_list(listed("c-1"))
    book.sent("c-1", "k", T0_MS)
    book.replied("wb-1", Reply(device="wb-1", to="k", ok=ok, text="28.4,119.9"), T0_MS)
    assert book.events[-1].detail == detail


def test_another_devices_answer_is_no_answer():
    book = make_book()
    book.take_list(listed("c-1"))
    book.sent("c-1", "k", T0_MS)
    assert not book.replied("wb-2", reply("k"), T0_MS)
    assert not book.replied("wb-1", reply("other"), T0_MS)
    assert states(book) == [("c-1", "sent")]


def test_an_answer_counts_once():
    book = make_book()
    book.take_list(listed("c-1"))
    book.sent("c-1", "k", T0_MS)
    assert book.replied("wb-1", reply("k"), T0_MS)
    assert not book.replied("wb-1", reply("k"), T0_MS)


def test_a_command_that_is_listed_again_is_sent_once():
    book = make_book()
    book.take_list(listed("c-1"))
    book.sent("c-1", "k", T0_MS)
    assert book.take_list(listed("c-1")) == 0
    book.told(list(book.events))
    assert book.take_list(listed("c-1")) == 0
    assert book.waiting == {}


def test_what_is_listed_no_more_was_withdrawn():
    book = make_book()
    book.take_list(listed("c-1", "c-2"))
    book.take_list(listed("c-2"))
    assert (list(book.waiting), states(book)) == (["c-2"], [])


def test_what_is_not_sent_before_it_expires_times_out():
    book = make_book()
    book.take_list(listed("c-1", expires_ms=T0_MS))
    book.expire(T0_MS - 1)
    assert states(book) == []
    book.expire(T0_MS)
    assert states(book) == [("c-1", "timed_out")]


def test_a_late_answer_turns_a_time_out_into_an_answer():
    book = make_book()
    book.take_list(listed("c-1"))
    book.sent("c-1", "k", T0_MS)
    book.expire(T0_MS + ANSWER_MS)
    book.expire(T0_MS + ANSWER_MS + 1)
    assert book.open_count == 0
    book.replied("wb-1", reply("k"), T0_MS + 2 * ANSWER_MS)
    assert states(book) == [("c-1", "sent"), ("c-1", "timed_out"), ("c-1", "answered")]


def test_an_answer_is_awaited_for_a_bounded_time():
    book = make_book()
    book.take_list(listed("c-1"))
    book.sent("c-1", "k", T0_MS)
    book.expire(T0_MS + LATE_ANSWER_MS)
    assert not book.replied("wb-1", reply("k"), T0_MS + LATE_ANSWER_MS)
    assert book.kept().sendings == []


def test_what_a_protocol_never_answers_stays_sent_and_says_why():
    book = make_book()
    book.take_list(listed("c-1"))
    book.sent("c-1", "", T0_MS)
    book.expire(T0_MS + LATE_ANSWER_MS)
    assert states(book) == [("c-1", "sent")]
    assert "never answers" in book.events[0].detail


def test_a_key_that_comes_round_belongs_to_the_newer_command():
    book = make_book()
    book.take_list(listed("c-1", "c-2"))
    book.sent("c-1", "k", T0_MS)
    book.sent("c-2", "k", T0_MS + 1)
    book.replied("wb-1", reply("k"), T0_MS + 2)
    assert states(book)[-1] == ("c-2", "answered")
    book.expire(T0_MS + ANSWER_MS)
    assert states(book)[-1] == ("c-1", "timed_out")


def test_what_is_open_outlives_a_restart():
    book = make_book()
    book.take_list(listed("c-1"))
    book.sent("c-1", "k", T0_MS)
    kept = msgspec.json.decode(msgspec.json.encode(book.kept()), type=Kept)
    later = make_book(kept)
    assert later.take_list(listed("c-1")) == 0
    assert later.replied("wb-1", reply("k"), T0_MS + 1)
    assert states(later) == [("c-1", "sent"), ("c-1", "answered")]


def test_commands_are_bounded():
    book = make_book()
    many = listed(*(f"c-{n}" for n in range(OPEN_MAX + 10)))
    assert book.take_list(many) == OPEN_MAX


def test_a_command_that_is_wrong_leaves_the_others_alone():
    given = {"device": "wb-1", "expires_at": "2026-11-22T02:00:00Z"}
    rows = [
        {"command": "c-1", "name": "sing"} | given,
        {"command": "c-2", "name": "locate"} | given,
        {"command": "c-3", "name": "set_interval", "interval_s": 0} | given,
    ]
    taken, faults = read_list(msgspec.json.encode({"commands": rows}))
    assert [command.id for _, command in taken] == ["c-2"]
    assert len(faults) == 2


def test_events_are_written_as_the_page_says():
    book = make_book()
    book.take_list(listed("c-1"))
    book.sent("c-1", "k", T0_MS)
    assert msgspec.json.decode(write_events(list(book.events))) == {
        "events": [
            {"command": "c-1", "state": "sent", "at": "2026-11-22T02:02:03.000Z", "detail": ""}
        ]
    }


def step(name, to="k", **said):
    return Reply(device="wb-1", to=to, step=name, **said)


def test_a_task_is_answered_and_goes_on_through_a_restart():
    book = make_book()
    errand = {"datum": "WGS84", "longitude_deg": 119.9, "latitude_deg": 28.4}
    errand |= {"due_at": "2026-11-22T02:02:03Z"}
    taken = listed("t-1", name="task", text="派员", task=errand)
    assert taken[0][1].task.longitude_deg == errand["longitude_deg"]
    book.take_list(taken)
    book.sent("t-1", "k", T0_MS)
    assert book.replied("wb-1", reply("k"), T0_MS)
    assert book.replied("wb-1", step("accepted"), T0_MS)
    kept = msgspec.json.decode(msgspec.json.encode(book.kept()), type=Kept)
    assert b"119.9" not in msgspec.json.encode(book.kept())
    book = make_book(kept)
    filmed = ("v-1", "rc-1/v-2")
    report = step("reported", text="剪断", finding="founded", media=filmed)
    assert book.replied("wb-1", report, T0_MS + 1)
    assert book.events[-1].media == ("wb-1/v-1", "rc-1/v-2")
    assert [state for _, state in states(book)] == ["sent", "answered", "accepted", "reported"]
    assert book.events[-1].finding == "founded"
    assert not book.replied("wb-2", step("accepted"), T0_MS)
    book.expire(T0_MS + LATE_ANSWER_MS)
    assert not book.replied("wb-1", step("accepted"), T0_MS)


def test_only_a_task_has_steps():
    book = make_book()
    book.take_list(listed("c-1"))
    book.sent("c-1", "k", T0_MS)
    assert not book.replied("wb-1", step("accepted"), T0_MS)
