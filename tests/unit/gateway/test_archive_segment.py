"""What leaves with a segment: the journal's own bodies, but nobody's protected place."""

import sqlite3
from contextlib import closing

import msgspec
import pytest

from gateway.archive.segment import Segment, encode_segment
from gateway.columns import Party, columns_from_reports, decode_columns
from gateway.directory.lifted import Span
from gateway.journal.destruction import without_places
from gateway.journal.entry import BATCH, TICK, BatchBody, encode_batch
from gateway.journal.rewriting import Rewriting
from gateway.journal.store import Journal
from server.archive.segment import parse_segment, refuse_changed
from server.errors import InvalidError
from tests.unit.gateway.engine_world import make_report

ABSENT = -(1 << 31)
OWN = Party("county", "wb-0", "subject", "s-0")
PROTECTED = Party("county", "pb-0", "protected", "v-0")


def body(*parties):
    reports = [make_report(n) for n in range(len(parties))]
    columns = columns_from_reports(reports, range(len(parties)), [1] * len(parties))
    return encode_batch(list(parties), columns, {})


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path / "journal.db", writable=True)
    for seq, parties in enumerate(([OWN], [OWN, PROTECTED], [OWN]), 1):
        made.append(BATCH, seq, body(*parties), rows=len(parties))
    made.append(TICK, 4, b"")
    yield made
    made.close()


def sent(journal, first, last):
    segment = Segment(first, last, begins=False, is_full=False)
    return parse_segment(encode_segment(journal, segment), first=first, last=last)


def test_the_place_of_a_protected_person_does_not_leave(journal):
    batch = msgspec.msgpack.decode(sent(journal, 1, 4).entries[1].body, type=BatchBody)
    columns = decode_columns(batch.columns)
    assert (columns.lon_e7[1], columns.lat_e7[1]) == (ABSENT, ABSENT)
    assert columns.lon_e7[0] != ABSENT


def test_entries_without_a_protected_person_leave_to_the_byte(journal):
    left = [entry.body for entry in sent(journal, 1, 4).entries]
    kept = [entry.body for entry in journal.entries()]
    assert [left[n] == kept[n] for n in range(4)] == [True, False, True, True]


@pytest.mark.parametrize("first", [1, 2, 3])
def test_the_server_finds_the_digests_of_what_is_left_right(journal, first):
    before = None if first == 1 else journal.read(first - 2, 1)[0].digest
    refuse_changed(sent(journal, first, 4), before)


def test_the_entry_before_may_be_trimmed(journal):
    last = journal.read(0, 1)[0].digest
    journal.trim(1, 1 << 40)
    assert journal.read(0, 1)[0].seq == 2
    refuse_changed(sent(journal, 2, 4), last)


def test_an_entry_that_was_changed_on_the_disk_is_not_said_to_be_withheld(journal):
    with closing(sqlite3.connect(journal.path)) as db:
        db.execute("UPDATE entry SET at_us = at_us + 1 WHERE seq = 2")
        db.commit()
    with pytest.raises(InvalidError, match="entry 2 does not chain"):
        refuse_changed(sent(journal, 1, 4), None)


@pytest.mark.parametrize("parties", [[OWN], [OWN, PROTECTED]])
def test_an_entry_of_which_places_were_destroyed_leaves_without_them(tmp_path, parties):
    with closing(Journal(tmp_path / "other.db", writable=True)) as journal:
        count = len(parties)
        reports = columns_from_reports([make_report(n) for n in range(count)], range(count), [1, 1])
        salted = encode_batch(parties, reports, {}, bytes(range(8 * count)))
        journal.append(BATCH, 1, salted, rows=count)
        left, gone = without_places(salted, Span("subject", "s-0", 0, 1 << 62))
        assert gone == 1
        entries = journal.chained([(TICK, b"")], 2)
        journal.rewrite(entries, [], Rewriting({1: left}, {}, []))
        first = sent(journal, 1, 2)
        refuse_changed(first, bytes(32))
        columns = msgspec.msgpack.decode(first.entries[0].body, type=BatchBody).columns
    assert decode_columns(columns).lon_e7.tolist() == [ABSENT] * count
    assert columns["salt"] == bytes(8) + bytes(range(8, 8 * count))
    assert first.withheld == {1}
