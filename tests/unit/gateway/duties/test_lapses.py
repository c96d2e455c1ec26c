"""What is about to end is told once, and cleared by its date or by the directory."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.directory.snapshot import compile_directory
from tests.unit.gateway.duty_world import (
    DAY_MS,
    HOUR_MS,
    at,
    directory_json,
    make_engine,
    pass_time,
    standing,
    told,
)
from tests.unit.gateway.engine_world import text

END_MS = at(10, 0)


def lapse(kind="permit", name="p-1", end_ms=END_MS):
    return {"lapse": name, "kind": kind, "subject": "s-1", "valid_to": text(end_ms)}


def county(*lapses, **change):
    return {"checkins": [], "lapses": list(lapses)} | change


def changed(engine, now_ms, *lapses, **change):
    engine.set_directory(compile_directory(directory_json(**county(*lapses, **change))), now_ms)


def days(engine, first, last):
    return pass_time(engine, at(first, 0), at(last, 0), HOUR_MS)


def test_a_permit_is_told_three_days_before_it_ends_and_cleared_by_its_date():
    engine = make_engine(**county(lapse()))
    assert pass_time(engine, at(0, 0), END_MS - 73 * HOUR_MS, HOUR_MS) == []
    (raised,) = pass_time(engine, END_MS - 72 * HOUR_MS, END_MS - HOUR_MS, HOUR_MS)
    assert told([raised]) == [("raised", "lapse", "s-1")]
    assert (raised.begin_ms, raised.device, raised.org) == (END_MS - 72 * HOUR_MS, "", "office-1")
    assert "许可（p-1）将于北京时间2026-12-02 00:00:00到期" in raised.explanation.zh
    assert "2026-12-02 00:00:00" in raised.explanation.en
    (cleared,) = days(engine, 10, 11)
    assert (cleared.change, cleared.end_ms) == ("cleared", END_MS)
    assert cleared.evidence["ended_by"] == "date"
    assert "期限已到" in cleared.explanation.zh


def test_a_permit_that_is_extended_is_cleared_by_the_directory_and_told_again_later():
    engine = make_engine(**county(lapse()))
    days(engine, 0, 8)
    later_ms = END_MS + 20 * DAY_MS
    changed(engine, at(8, 0), lapse(end_ms=later_ms))
    (cleared,) = days(engine, 8, 9)
    assert (cleared.change, cleared.evidence["ended_by"]) == ("cleared", "directory")
    (raised,) = days(engine, 9, 28)
    assert raised.begin_ms == later_ms - 3 * DAY_MS


def test_an_extension_to_within_the_notice_is_another_notice():
    engine = make_engine(**county(lapse()))
    days(engine, 0, 8)
    changed(engine, at(8, 0), lapse(end_ms=END_MS + HOUR_MS))
    found = days(engine, 8, 9)
    assert told(found) == [("cleared", "lapse", "s-1"), ("raised", "lapse", "s-1")]
    assert found[0].episode != found[1].episode


def test_what_is_gone_from_the_directory_is_cleared():
    engine = make_engine(**county(lapse()))
    days(engine, 0, 8)
    changed(engine, at(8, 0))
    assert told(days(engine, 8, 12)) == [("cleared", "lapse", "s-1")]


def test_a_directory_that_says_the_same_again_changes_nothing():
    engine = make_engine(**county(lapse()))
    days(engine, 0, 8)
    changed(engine, at(8, 0), lapse())
    assert days(engine, 8, 9) == []


def always(**given):
    return {"valid_from": text(at(-10, 0)), "valid_to": text(END_MS)} | given


FOLLOWING = {"valid_from": text(END_MS), "valid_to": text(END_MS + 30 * DAY_MS)}
ORDER = {"order": "eo-1", "subject": "s-1"} | always()
WORN = {"device": "wb-1", "holder_kind": "subject", "holder": "s-1"} | always()
LEAVE = {"leave": "l-1", "subject": "s-1", "kind": "leave", "fence": None} | always()
BANDS = [
    {"device": name, "org": "office-1", "kind": "wristband", "expected_interval_s": 60}
    for name in ("wb-1", "wb-2")
]


@pytest.mark.parametrize(
    ("section", "row", "following", "row_of_lapse"),
    [
        ("orders", ORDER, {"order": "eo-2"}, lapse("order", "eo-1")),
        ("bindings", WORN, {"device": "wb-2"}, lapse("binding", "wb-1")),
        ("leaves", LEAVE, {"leave": "l-2"}, lapse("leave", "l-1")),
    ],
)
def test_what_another_one_continues_does_not_lapse(section, row, following, row_of_lapse):
    alone = county(row_of_lapse, devices=BANDS, **{section: [row]})
    assert told(days(make_engine(**alone), 0, 8)) == [("raised", "lapse", "s-1")]
    both = alone | {section: [row, row | FOLLOWING | following]}
    assert days(make_engine(**both), 0, 8) == []


def test_a_leave_that_has_not_begun_does_not_lapse_yet():
    leave = LEAVE | {"valid_from": text(at(9, 0))}
    engine = make_engine(**county(lapse("leave", "l-1"), leaves=[leave]))
    (raised,) = pass_time(engine, at(0, 0), at(9, 12), HOUR_MS)
    assert raised.begin_ms == at(9, 0)


def test_a_class_of_supervision_may_be_told_earlier():
    strict = [
        {
            "subject": "s-1",
            "org": "office-1",
            "class": "strict",
            "colour": None,
            "valid_from": text(at(-100, 0)),
            "valid_to": None,
        }
    ]
    rules = {"version": "t", "parameters": {}, "classes": {"strict": {"lapse_notice_h": 120}}}
    engine = make_engine(**county(lapse(), subjects=strict, rules=rules))
    (raised,) = days(engine, 0, 8)
    assert raised.begin_ms == END_MS - 120 * HOUR_MS
    assert raised.evidence["parameters"] == {"lapse_notice_h": 120}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 400)), max_size=6, unique=True),
    st.integers(1, 400),
)
def test_what_stands_is_what_ends_within_three_days(ends, hour):
    rows = [lapse(name=name, end_ms=at(0, h)) for name, h in ends]
    engine = make_engine(**county(*rows))
    pass_time(engine, at(0, 0), at(0, hour), HOUR_MS)
    # Of several ends of one permit the next one is told.
    expected = {}
    for name, h in sorted(ends, key=lambda end: -end[1]):
        if h - 72 <= hour < h:
            expected[name] = at(0, h - 72)
    found = {target: begin for _, _, target, begin, end in standing(engine) if end == -1}
    assert found == {f"permit/{name}": begin for name, begin in expected.items()}
