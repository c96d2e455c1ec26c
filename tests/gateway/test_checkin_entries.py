"""Attempts to check in are a journal entry: recovery and verification see them at their place."""

import json

import msgspec
import pytest

from gateway.attempt import Attempt
from gateway.engine.engine import Engine
from gateway.engine.outcome import Outcome
from gateway.engine.rules.outage import OUTAGE
from gateway.engine.words import Words
from gateway.journal.entry import CHECKIN, DIRECTORY, TICK, decode_attempts, encode_attempts
from gateway.journal.store import Journal
from gateway.recovery import recover
from gateway.uplink.batch import BatchMaker, Cursor
from gateway.uplink.encode import encode_outcomes
from gateway.verification import verify
from tests.gateway.test_uplink_vectors import VECTORS
from tests.unit.gateway.duty_world import at, attempt, make_engine

TRIES = [attempt(at(0, 9), "no_match"), attempt(at(0, 9, 1), "inconclusive", subject="s-2")]


@pytest.fixture
def journal(tmp_path):
    """A journal in which one person does not match, and both miss their window."""
    engine = make_engine(listens=False)
    other = Engine(engine.directory)
    journal = Journal(tmp_path / "journal.db", writable=True)
    directory, night, noon = other.directory, at(-1, 20), at(0, 12)
    entries = [
        (DIRECTORY, night, directory.body, lambda: other.set_directory(directory, night)),
        (CHECKIN, night, encode_attempts([]), lambda: other.check_in([], night)),
        (CHECKIN, at(0, 9, 2), encode_attempts(TRIES), lambda: other.check_in(TRIES, at(0, 9, 2))),
        (TICK, noon, b"", lambda: other.tick(noon)),
    ]
    for kind, at_ms, body, evaluate in entries:
        journal.append(kind, at_ms * 1_000, body, outcomes=evaluate())
    yield journal, other
    journal.close()


def test_attempts_travel_through_the_journal_as_they_are():
    assert decode_attempts(encode_attempts(TRIES)) == TRIES


def test_a_verification_finds_the_same_outcomes(journal, tmp_path):
    found = verify(journal[0], tmp_path)
    assert (found.fault, found.entries) == (None, 4)
    assert found.outcomes == 3


def test_a_recovered_engine_is_the_one_that_wrote(journal, tmp_path):
    recovered = recover(journal[0], tmp_path).engine
    encode = msgspec.msgpack.encode
    assert encode(recovered.duties.dump()) == encode(journal[1].duties.dump())
    late = [attempt(at(0, 8, 30))]
    assert recovered.check_in(late, at(0, 13)) == journal[1].check_in(late, at(0, 13))


def test_an_outcome_about_an_organisation_is_an_event_without_a_subject():
    outcome = Outcome(
        id="o-1",
        episode="e-1",
        change="raised",
        rule=OUTAGE.name,
        org="county",
        subject="",
        device="",
        fence=None,
        fence_version=None,
        begin_ms=at(0, 9),
        end_ms=None,
        late=False,
        evidence={},
        explanation=Words("大面积失联", "outage"),
    )
    (event,) = json.loads(encode_outcomes([(1, outcome)], "gw-1"))
    assert "subject" not in event
    assert (event["data"]["subject"], event["data"]["device"]) == ("", "")
    named = msgspec.structs.replace(outcome, subject="s-1")
    assert json.loads(encode_outcomes([(1, named)], "gw-1"))[0]["subject"] == "s-1"


def test_an_attempt_travels_to_the_server_as_the_vector_says(journal):
    (expected,) = json.loads((VECTORS / "checkin.json").read_text())
    said = expected["data"]
    one = Attempt(
        org=said["org"],
        kiosk=said["device"],
        subject=said["subject"],
        attempt=said["attempt"],
        challenge_time_ms=1_795_309_323_000,
        response_time_ms=1_795_309_327_200,
        received_ms=1_795_309_329_400,
        verdict="inconclusive",
        capture=bytes.fromhex(said["capture"]),
        causes=("no_liveness",),
    )
    journal[0].append(CHECKIN, at(0, 13) * 1_000, encode_attempts([one]))
    batch = BatchMaker("outcomes", gateway="gw-1", journal=journal[0]).next(Cursor(1), 1_000)
    assert batch is not None
    told = [event for event in json.loads(batch.body) if event["type"] == expected["type"]]
    assert [event["data"]["attempt"] for event in told[:-1]] == [made.attempt for made in TRIES]
    assert told[-1] == expected | {"data": said | {"entry_seq": 5}}
