"""Check-ins: what is due, what was made, in whatever order it comes."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from tests.oracles import checkins as oracle
from tests.unit.gateway.duty_world import (
    MINUTE_MS,
    at,
    attempt,
    directory_json,
    make_engine,
    pass_time,
    standing,
    told,
)


def only_s1(**options):
    """The options of a directory in which one person has to check in."""
    rows = msgspec.json.decode(directory_json(**options))["checkins"]
    return options | {"checkins": [row for row in rows if row["subject"] == "s-1"]}


def day(engine, number=0):
    """Let a day pass from its midnight to its end."""
    return pass_time(engine, at(number, 0), at(number, 24) - MINUTE_MS)


def test_a_window_without_a_match_is_missed_once_its_grace_and_the_wait_are_over():
    engine = make_engine(**only_s1())
    assert pass_time(engine, at(0, 0), at(0, 10, 39), MINUTE_MS) == []
    (missed,) = pass_time(engine, at(0, 10, 40), at(0, 23), MINUTE_MS)
    assert told([missed]) == [("raised", "checkin_missed", "s-1")]
    assert (missed.begin_ms, missed.device, missed.fence, missed.org) == (
        at(0, 10),
        "",
        None,
        "office-1",
    )
    assert missed.evidence["confirmed_ms"] == at(0, 10, 30)


def test_a_match_in_the_window_leaves_nothing_to_tell():
    engine = make_engine(**only_s1())
    assert engine.check_in([attempt(at(0, 9))], at(0, 9)) == []
    assert day(engine) == []


def test_a_match_within_the_grace_is_late_at_once():
    engine = make_engine(**only_s1())
    (late,) = engine.check_in([attempt(at(0, 10, 12))], at(0, 10, 12))
    assert told([late]) == [("raised", "checkin_late", "s-1")]
    assert "迟12分" in late.explanation.zh
    assert "12 min late" in late.explanation.en
    assert day(engine) == []


def test_a_match_after_the_grace_is_no_check_in():
    engine = make_engine(**only_s1())
    assert engine.check_in([attempt(at(0, 10, 30))], at(0, 10, 31)) == []
    assert told(day(engine)) == [("raised", "checkin_missed", "s-1")]


def test_a_match_at_another_kiosk_is_told_when_the_window_is_over():
    engine = make_engine(**only_s1(kiosk="k-2"))
    assert engine.check_in([attempt(at(0, 9))], at(0, 9)) == []
    (place,) = day(engine)
    assert told([place]) == [("raised", "checkin_place", "s-1")]
    assert "k-1" in place.explanation.zh
    assert "k-2" in place.explanation.en


def test_a_match_at_the_right_kiosk_settles_one_at_another():
    engine = make_engine(**only_s1(kiosk="k-2"))
    engine.check_in([attempt(at(0, 9)), attempt(at(0, 9, 30), kiosk="k-2")], at(0, 9, 30))
    assert day(engine) == []


def test_a_match_that_was_made_in_time_and_comes_late_withdraws_the_missed_one():
    engine = make_engine(**only_s1())
    day(engine)
    found = engine.check_in([attempt(at(0, 9))], at(1, 3))
    assert told(found) == [("superseded", "checkin_missed", "s-1")]
    assert found[0].late
    assert standing(engine) == []


def test_a_late_match_that_comes_late_takes_the_place_of_the_missed_one():
    engine = make_engine(**only_s1())
    day(engine)
    found = engine.check_in([attempt(at(0, 10, 5))], at(1, 3))
    assert told(found) == [
        ("superseded", "checkin_missed", "s-1"),
        ("raised", "checkin_late", "s-1"),
    ]


def test_what_was_not_the_person_does_not_count_and_is_told_at_once():
    engine = make_engine(**only_s1())
    (found,) = engine.check_in([attempt(at(0, 9), "no_match")], at(0, 9))
    assert told([found]) == [("raised", "checkin_no_match", "s-1")]
    assert "k-1" in found.explanation.zh
    (missed,) = day(engine)
    assert missed.evidence["facts"]["no_match"] == 1
    assert "不一致1次" in missed.explanation.zh
    assert "1 did not match" in missed.explanation.en


def test_a_match_ends_what_was_not_the_person():
    engine = make_engine(**only_s1())
    engine.check_in([attempt(at(0, 9), "no_match")], at(0, 9))
    (cleared,) = engine.check_in([attempt(at(0, 9, 1))], at(0, 9, 1))
    assert (cleared.change, cleared.evidence["ended_by"]) == ("cleared", "checkin")
    assert "核查" in cleared.explanation.zh


def test_two_attempts_that_cannot_tell_are_bad_light_and_three_are_told():
    engine = make_engine(**only_s1())
    tries = [attempt(at(0, 9, n), "inconclusive") for n in range(3)]
    assert engine.check_in(tries[:2], at(0, 9, 1)) == []
    (found,) = engine.check_in(tries[2:], at(0, 9, 2))
    assert told([found]) == [("raised", "checkin_inconclusive", "s-1")]
    assert found.begin_ms == at(0, 9)
    assert "连续3次" in found.explanation.zh


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"capture": b"same"}, "capture"),
        ({"attempt": "same"}, "attempt"),
        ({"challenge_time_ms": at(0, 9, 21)}, "clock"),
    ],
)
def test_what_was_not_made_anew_is_a_replay_and_counts_for_nothing(given, why):
    engine = make_engine(**only_s1())
    first = attempt(at(-1, 21), subject="s-2", **{n: v for n, v in given.items() if why != "clock"})
    engine.check_in([first], at(-1, 21))
    (found,) = engine.check_in([attempt(at(0, 9, 20), **given)], at(0, 9, 20))
    assert told([found]) == [("raised", "checkin_replay", "s-1")]
    assert found.evidence["facts"]["why"] == why
    assert told(day(engine)) == [("raised", "checkin_missed", "s-1")]


def test_a_repeated_delivery_is_no_replay():
    engine = make_engine(**only_s1())
    one = attempt(at(0, 9))
    again = msgspec.structs.replace(one, received_ms=at(0, 12))
    assert engine.check_in([one, one], at(0, 9)) == []
    assert engine.check_in([again], at(0, 12)) == []
    assert day(engine) == []


def test_captures_without_a_digest_are_not_compared():
    engine = make_engine(**only_s1())
    tries = [attempt(at(0, 9, n), capture=b"") for n in range(2)]
    assert engine.check_in(tries, at(0, 9, 1)) == []


def test_a_capture_is_remembered_beyond_the_horizon():
    engine = make_engine(**only_s1())
    engine.check_in([attempt(at(0, 9), capture=b"one")], at(0, 9))
    for number in range(10):
        day(engine, number)
    (found,) = engine.check_in([attempt(at(10, 9), capture=b"one")], at(10, 9))
    assert told([found]) == [("raised", "checkin_replay", "s-1")]


def test_without_any_attempt_ever_nothing_is_missed():
    engine = make_engine(listens=False, **only_s1())
    assert day(engine) == []


def test_a_window_that_had_begun_when_the_duty_became_known_is_not_missed():
    engine = make_engine(at_ms=at(0, 9), **only_s1())
    assert day(engine) == []
    assert told(day(engine, 1)) == [("raised", "checkin_missed", "s-1")]


def test_a_duty_that_is_lifted_during_its_window_is_not_missed():
    engine = make_engine(**only_s1())
    pass_time(engine, at(0, 0), at(0, 9))
    lifted = compile_directory(directory_json(checkins=[]))
    assert engine.set_directory(lifted, at(0, 9)) == []
    assert day(engine) == []


def test_what_was_missed_before_a_change_of_the_directory_is_told_with_it():
    engine = make_engine(**only_s1())
    pass_time(engine, at(0, 0), at(0, 9))
    found = engine.set_directory(compile_directory(directory_json(checkins=[])), at(0, 11))
    assert told(found) == [("raised", "checkin_missed", "s-1")]


def test_windows_that_touch_are_two_duties():
    touching = [{"start": "08:00", "end": "10:00"}, {"start": "10:00", "end": "12:00"}]
    engine = make_engine(**only_s1(windows=touching, grace_s=0))
    engine.check_in([attempt(at(0, 9))], at(0, 9))
    (missed,) = day(engine)
    assert missed.begin_ms == at(0, 12)


def test_after_days_without_anybody_looking_nothing_older_than_two_days_is_told():
    engine = make_engine(**only_s1())
    found = engine.tick(at(9, 12))
    assert [one.begin_ms for one in found] == [at(8, 10), at(9, 10)]


def test_what_the_horizon_has_passed_is_let_go_and_its_slot_used_again():
    engine = make_engine(**only_s1())
    for number in range(30):
        day(engine, number)
    slots = len(engine.book.keys)
    for number in range(30, 60):
        day(engine, number)
    assert len(engine.book.keys) == slots
    assert len(standing(engine)) < 8


SPANS = [(at(n, 8), at(n, 10)) for n in range(3)]
TRIES = st.builds(
    lambda minutes, verdict, kiosk, number, capture: attempt(
        at(0, 7) + minutes * MINUTE_MS,
        verdict,
        kiosk=kiosk,
        attempt=f"a-{number}",
        capture=bytes([capture]),
    ),
    st.one_of(st.integers(0, 240), st.integers(24 * 60, 24 * 60 + 240)),
    st.sampled_from(["match", "no_match", "inconclusive"]),
    st.sampled_from(["k-1", "k-2"]),
    st.integers(0, 30),
    st.integers(0, 30),
)


def expected(made, now_ms):
    windows = oracle.windows(
        made, SPANS, grace_ms=30 * MINUTE_MS, kiosk="k-1", wait_ms=10 * MINUTE_MS, now_ms=now_ms
    )
    found = [(rule, begin, -1) for rule, begin in windows] + oracle.runs(made, least=3)
    return sorted(
        found + [("checkin_replay", o.response_time_ms, -1) for o in oracle.replays(made)]
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(TRIES, max_size=10, unique_by=lambda one: one.order),
    st.randoms(use_true_random=False),
    st.lists(st.integers(0, 60), max_size=12),
)
def test_any_order_of_arrival_twice_and_in_any_pieces_stands_as_the_oracle_says(
    made, random, hours
):
    engine = make_engine(**only_s1(kiosk="k-1"))
    deliveries = sorted(hours)[: len(made)] + [60] * max(0, len(made) - len(hours))
    shuffled = made[:]
    random.shuffle(shuffled)
    arrivals = sorted(zip(deliveries, range(len(made)), strict=True))
    for hour in range(61):
        rows = [shuffled[index] for when, index in arrivals if when == hour]
        if rows:
            engine.check_in(rows, at(0, hour))
            engine.check_in(rows[:1], at(0, hour))
        pass_time(engine, at(0, hour), at(0, hour, 50))
    found = [(rule, begin, end) for rule, _, _, begin, end in standing(engine)]
    assert sorted(found) == expected(made, at(0, 60, 50))


@settings(max_examples=25, deadline=None)
@given(st.lists(TRIES, max_size=8, unique_by=lambda one: one.order), st.integers(0, 8))
def test_a_restored_engine_goes_on_as_if_nothing_had_happened(made, cut):
    whole = make_engine(**only_s1(kiosk="k-1"))
    whole.check_in(made[:cut], at(0, 12))
    pass_time(whole, at(0, 12), at(0, 20))
    other = Engine(whole.directory)
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(whole.dump()))
    other.load(stored)
    ends = []
    for engine in (whole, other):
        found = pass_time(engine, at(0, 20), at(1, 4))
        found += engine.check_in(made[cut:], at(1, 5))
        found += pass_time(engine, at(1, 5), at(6, 20), 60 * MINUTE_MS)
        ends.append((found, msgspec.msgpack.encode(engine.dump())))
    assert ends[0] == ends[1]


def test_two_thousand_people_who_miss_a_window_are_each_told_once():
    row = msgspec.json.decode(directory_json())["checkins"][0]
    duties = [row | {"checkin": f"c-{n}", "subject": f"p-{n}"} for n in range(2_000)]
    engine = make_engine(checkins=duties)
    found = day(engine)
    assert len({one.subject for one in found}) == len(found) == 2_000
