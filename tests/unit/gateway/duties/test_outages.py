"""Many devices quiet at once are one fact; what it covered comes out right afterwards."""

import msgspec

from gateway.engine.engine import Engine
from tests.unit.gateway.engine_world import T0_MS, feed, make_engine, make_report

MINUTE_S = 60
DEVICES = 30
QUIET = range(20)
BEGIN_S, END_S = 10 * MINUTE_S, 50 * MINUTE_S


def tick(engine, seconds):
    at_ms = T0_MS + seconds * 1_000
    return engine.tick(at_ms) if engine.tick_due(at_ms) else []


def told(found, rule):
    return [one.change for one in found if one.rule == rule]


def live(engine, seconds, who):
    reports = [make_report(seconds, subject=n) for n in who]
    return feed(engine, reports, at_s=seconds)


def until_the_link_is_back():
    """Return the engine, and what it told, of 30 devices of which 20 are cut off for 40 minutes."""
    engine = make_engine(subjects=DEVICES)
    found = []
    for seconds in range(0, END_S, MINUTE_S):
        heard = [n for n in range(DEVICES) if seconds < BEGIN_S or n not in QUIET]
        found += live(engine, seconds, heard) + tick(engine, seconds)
    return engine, found


def backlog_of(engine, who):
    reports = [
        make_report(seconds, subject=n, backlog=True)
        for n in who
        for seconds in range(BEGIN_S, END_S, MINUTE_S)
    ]
    return feed(engine, reports, at_s=END_S + 5)


def afterwards(engine, who, until_s):
    found = []
    for seconds in range(END_S + MINUTE_S, until_s, MINUTE_S):
        found += live(engine, seconds, who) + tick(engine, seconds)
    return found


def silences(engine):
    book = engine.book
    return [
        book.keys[slot].subject
        for slot, _ in book.all_episodes()
        if book.keys[slot].rule == "silence"
    ]


def test_twenty_of_thirty_quiet_devices_are_one_outage_and_no_silence():
    engine, found = until_the_link_is_back()
    assert told(found, "silence") == []
    (outage,) = [one for one in found if one.rule == "outage"]
    assert (outage.org, outage.subject, outage.device, outage.fence) == ("county", "", "", None)
    assert outage.begin_ms == T0_MS + (BEGIN_S - MINUTE_S) * 1_000
    assert outage.evidence["facts"] == {"devices_quiet": 20, "devices_watched": 30}
    assert "30台设备中有20台" in outage.explanation.zh
    assert "20 of 30" in outage.explanation.en

    found = (
        live(engine, END_S, range(DEVICES)) + backlog_of(engine, QUIET) + tick(engine, END_S + 6)
    )
    found += afterwards(engine, range(DEVICES), END_S + 60 * MINUTE_S)
    assert told(found, "outage") == ["cleared"]
    assert silences(engine) == []


def test_a_device_that_stays_dark_has_its_silence_a_while_after_the_outage():
    engine, _ = until_the_link_is_back()
    back = [n for n in range(DEVICES) if n != 0]
    feed(engine, [make_report(END_S, subject=n) for n in back], at_s=END_S)
    backlog_of(engine, [n for n in QUIET if n != 0])
    tick(engine, END_S + 6)
    assert silences(engine) == []
    found = afterwards(engine, back, END_S + 60 * MINUTE_S)
    assert told(found, "silence") == ["raised"]
    assert silences(engine) == ["s-0"]
    (silence,) = [one for one in found if one.rule == "silence"]
    assert silence.begin_ms == T0_MS + (BEGIN_S - MINUTE_S) * 1_000


def test_devices_that_come_back_without_a_backlog_were_silent_each():
    engine, _ = until_the_link_is_back()
    live(engine, END_S, range(DEVICES))
    assert sorted(silences(engine)) == sorted(f"s-{n}" for n in QUIET)


def test_while_the_first_devices_come_back_the_others_are_not_called_silent():
    engine, _ = until_the_link_is_back()
    back = range(8, DEVICES)
    found = live(engine, END_S, back) + tick(engine, END_S + 1)
    found += afterwards(engine, back, END_S + 10 * MINUTE_S)
    assert told(found, "outage") == ["cleared"]
    assert {one.subject for one in found if one.rule == "silence" and one.change == "raised"} <= {
        f"s-{n}" for n in back
    }


def test_four_quiet_devices_are_four_silences():
    engine = make_engine(subjects=6)
    found = []
    for seconds in range(0, 60 * MINUTE_S, MINUTE_S):
        heard = range(6) if seconds < BEGIN_S else (4, 5)
        found += live(engine, seconds, heard) + tick(engine, seconds)
    assert told(found, "outage") == []
    assert told(found, "silence") == ["raised"] * 4


def test_devices_that_fell_silent_one_by_one_are_no_outage():
    engine = make_engine(subjects=12)
    found = []
    for seconds in range(0, 300 * MINUTE_S, MINUTE_S):
        gone = seconds // (30 * MINUTE_S)
        heard = range(min(gone, 8), 12)
        found += live(engine, seconds, heard) + tick(engine, seconds)
    assert told(found, "outage") == []
    assert told(found, "silence") == ["raised"] * 8


def test_a_restored_engine_still_knows_of_the_outage():
    engine, _ = until_the_link_is_back()
    other = Engine(engine.directory)
    other.load(msgspec.msgpack.decode(msgspec.msgpack.encode(engine.dump())))
    assert tick(other, END_S) == tick(engine, END_S) == []
    found = [live(one, END_S, range(DEVICES)) + tick(one, END_S + 1) for one in (engine, other)]
    assert found[0] == found[1]
    assert told(found[1], "outage") == ["cleared"]
