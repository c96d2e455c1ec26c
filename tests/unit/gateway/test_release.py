"""What is kept of people who have left: nothing that grows over the years."""

import json
import logging

import msgspec
import pytest

from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from gateway.engine.history.segments import MemoryLog
from gateway.journal.snapshot import Snapshot
from gateway.recovery import engine_of
from geofence.kernel import signed_distances
from tests.unit.gateway.engine_world import T0_MS, directory_json, feed, make_report, text

DAY_S = 86_400
TURN_S = 5 * DAY_S
"""Everybody is under an order for a day, one person after the other."""

PEOPLE = 5


@pytest.fixture(scope="module")
def body():
    out = json.loads(directory_json(subjects=PEOPLE))
    for number, order in enumerate(out["orders"]):
        begin_ms = T0_MS + number * TURN_S * 1_000
        order["valid_from"], order["valid_to"] = text(begin_ms), text(begin_ms + DAY_S * 1_000)
    return json.dumps(out).encode()


def make_engine(body, log=None):
    directory = compile_directory(body)
    engine = Engine(directory, log=log)
    engine.set_directory(directory, T0_MS)
    return engine


def turn(engine, number, *, until_s=TURN_S - 3_600):
    """One person leaves the home circle and comes back; then days go by."""
    first_s, found = number * TURN_S + 600, []
    for k in range(20):
        east_m = 900.0 if 5 <= k < 12 else 0.0
        found += feed(engine, [make_report(first_s + 60 * k, metres_east=east_m, subject=number)])
    for second in range(first_s + 3_600, number * TURN_S + until_s, 3_600):
        at_ms = T0_MS + second * 1_000
        found += engine.tick(at_ms) if engine.tick_due(at_ms) else []
    return found


def stored(engine):
    return msgspec.msgpack.decode(msgspec.msgpack.encode(engine.dump()))


def test_slots_of_people_who_have_left_are_let_go_after_the_horizon_and_used_again(body):
    engine, sizes = make_engine(body), []
    for number in range(PEOPLE):
        told = turn(engine, number)
        assert ("inclusion", f"s-{number}") in {(one.rule, one.subject) for one in told}
        assert [key for key in engine.book.keys if key.subject] == []
        sizes.append(len(engine.book.keys))
    assert len(set(sizes)) == 1


def test_before_the_horizon_is_over_they_are_kept(body):
    engine = make_engine(body)
    turn(engine, 0, until_s=76 * 3_600)
    assert {key.subject for key in engine.book.keys} == {"s-0"}


def test_who_comes_back_is_judged_anew(body):
    back = json.loads(body)
    begin_ms = T0_MS + 2 * TURN_S * 1_000
    back["orders"].append(
        {"order": "eo-again", "subject": "s-0", "valid_from": text(begin_ms)}
        | {"valid_to": text(begin_ms + DAY_S * 1_000)}
    )
    engine = make_engine(json.dumps(back).encode())
    turn(engine, 0)
    turn(engine, 1)
    first_s = 2 * TURN_S + 600
    rows = [make_report(first_s + 60 * k, metres_east=900.0 * (k > 5)) for k in range(20)]
    found = [one for row in rows for one in feed(engine, [row])]
    late = make_report(first_s + 30, metres_east=0.0)
    found += feed(engine, [late], at_s=first_s + 2_000)
    assert [(one.rule, one.change) for one in found if one.rule == "inclusion"] == [
        ("inclusion", "raised")
    ]


def test_a_restart_in_the_midst_gives_the_same_and_the_same_numbers(body):
    log = MemoryLog()
    lasting, stopped = make_engine(body), make_engine(body, log)
    for number in range(2):
        assert turn(lasting, number) == turn(stopped, number)
    again = Engine(compile_directory(body), log=log)
    again.load(stored(stopped))
    for number in range(2, 4):
        expected = turn(lasting, number)
        assert turn(again, number) == expected
        assert again.book.keys == lasting.book.keys


def test_what_a_rule_that_is_no_more_left_in_a_snapshot_is_dropped_and_said(body, caplog):
    engine = make_engine(body)
    turn(engine, 0, until_s=7_200)
    state = stored(engine)
    state["book"]["keys"] = [
        ["of_yesterday", *key[1:]] if key[0] == "inclusion" else key
        for key in state["book"]["keys"]
    ]
    for field in state["memory"]["type"]:
        field[0] = field[0].replace("teleport.", "of_the_day_before.")
    snapshot = Snapshot(seq=7, digest=b"", directory=body, state=state)
    with caplog.at_level(logging.WARNING, "guitu.gateway.journal"):
        later, seq = engine_of(snapshot, signed_distances, engine.history.log)
    assert later is not None
    assert seq == 7
    assert [message.split(":")[0] for message in caplog.messages] == [
        "rule_gone snapshot=7 rule=of_the_day_before",
        "rule_gone snapshot=7 rule=of_yesterday",
    ]
    assert "inclusion" not in {later.book.keys[slot].rule for slot, _ in later.book.all_episodes()}
    found = turn(later, 1)
    assert ("inclusion", "raised") in {(one.rule, one.change) for one in found}
