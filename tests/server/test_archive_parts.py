"""A segment in parts: nothing lost, nothing of others, and what cannot be kept is refused."""

import secrets

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.archive.joining import join, refuse_unequal
from server.archive.keys import read_master_key
from server.archive.ownership import FORGOTTEN, Order, Orders, Owner
from server.archive.segment import parse_segment, refuse_changed
from server.archive.splitting import people_of, split
from server.errors import InvalidError, SettingsError
from tests.server.archive_journal import (
    ABSENT,
    BEFORE_ORDER_MS,
    ENTRIES,
    IN_ORDER_MS,
    OFFICER,
    OTHER,
    OUTCOMES,
    SUBJECT,
    Journal,
    batch,
    longitudes,
    outcome,
)

GATEWAY = "gw-1"
PLACE = 1_201_551_009
HOUR_MS = 3_600_000


def orders_of(*orders, known=(SUBJECT, OTHER)):
    return Orders([(SUBJECT, order) for order in orders], known=known)


ORDERED = orders_of(Order("eo-1", IN_ORDER_MS - HOUR_MS, IN_ORDER_MS + HOUR_MS, is_destroyed=False))
EXTENDED = orders_of(
    Order("eo-1", IN_ORDER_MS - HOUR_MS, IN_ORDER_MS, is_destroyed=False),
    Order("eo-2", IN_ORDER_MS, IN_ORDER_MS + HOUR_MS, is_destroyed=False),
)
DESTROYED = orders_of(
    Order("eo-1", IN_ORDER_MS - HOUR_MS, IN_ORDER_MS + HOUR_MS, is_destroyed=True)
)


def parsed(entries=ENTRIES, outcomes=OUTCOMES):
    journal = Journal(entries, outcomes)
    return parse_segment(journal.segment(1, len(entries)), first=1, last=len(entries))


def split_of(entries=ENTRIES, outcomes=OUTCOMES, orders=ORDERED):
    return split(parsed(entries, outcomes), GATEWAY, orders)


@pytest.mark.parametrize(
    ("said", "orders", "owner"),
    [
        ((SUBJECT, IN_ORDER_MS, PLACE), ORDERED, Owner("subject", SUBJECT, "eo-1")),
        ((SUBJECT, BEFORE_ORDER_MS, PLACE), ORDERED, FORGOTTEN),
        ((SUBJECT, BEFORE_ORDER_MS, None), ORDERED, Owner("subject", SUBJECT)),
        ((SUBJECT, IN_ORDER_MS, PLACE), DESTROYED, FORGOTTEN),
        ((SUBJECT, IN_ORDER_MS - 1, PLACE), EXTENDED, Owner("subject", SUBJECT, "eo-1")),
        ((SUBJECT, IN_ORDER_MS, PLACE), EXTENDED, Owner("subject", SUBJECT, "eo-2")),
        ((OTHER, IN_ORDER_MS, PLACE), ORDERED, FORGOTTEN),
        (("s-unknown", IN_ORDER_MS, PLACE), ORDERED, FORGOTTEN),
        ((OFFICER, IN_ORDER_MS, PLACE), ORDERED, Owner("officer", OFFICER)),
    ],
    ids=[
        *("ordered", "before", "alarm", "destroyed", "first-order", "extension", "no-order"),
        *("unknown", "officer"),
    ],
)
def test_a_report_belongs_to_its_holder_and_the_order_of_its_time(said, orders, owner):
    found = split_of([batch((*said, 50))], {}, orders)
    assert set(found.parts) == {owner}
    assert longitudes(join(found.frame, found.parts.values()).entries[0].body) == [
        ABSENT if said[2] is None else PLACE
    ]


def test_where_a_protected_person_was_is_kept_nowhere():
    times_ms, has_place = np.full(2, IN_ORDER_MS), np.array([True, False])
    found = ORDERED.owners_of_rows("protected", "v-1", times_ms, has_place)
    masks = {owner: mask.tolist() for owner, mask in found}
    assert masks == {FORGOTTEN: [True, False], Owner("protected", "v-1"): [False, True]}


@pytest.mark.parametrize(
    ("begin_ms", "orders", "owner"),
    [
        (IN_ORDER_MS, EXTENDED, Owner("subject", SUBJECT, "eo-2")),
        (IN_ORDER_MS - 1, EXTENDED, Owner("subject", SUBJECT, "eo-1")),
        (IN_ORDER_MS + 2 * HOUR_MS, EXTENDED, Owner("subject", SUBJECT, "eo-2")),
        (BEFORE_ORDER_MS, EXTENDED, Owner("subject", SUBJECT)),
        (IN_ORDER_MS, DESTROYED, FORGOTTEN),
        (IN_ORDER_MS, orders_of(known=()), FORGOTTEN),
    ],
    ids=["in-force", "earlier", "ended", "before-any", "destroyed", "unknown"],
)
def test_an_outcome_belongs_to_the_order_of_its_begin_or_the_last_before(begin_ms, orders, owner):
    outcomes = {1: [outcome(SUBJECT, begin_ms=begin_ms)]}
    assert set(split_of([("tick", 0, b"")], outcomes, orders).parts) == {owner}


def test_an_outcome_about_an_organisation_goes_with_the_directories():
    found = split_of([("tick", 0, b"")], {1: [outcome("")]})
    assert set(found.parts) == {Owner("directory", GATEWAY)}
    joined = join(found.frame, found.parts.values())
    assert [told.body for told in joined.outcomes] == [outcome("")]


def test_people_are_those_of_batches_and_outcomes():
    assert people_of(parsed()) == {
        *(("subject", SUBJECT), ("subject", OTHER), ("officer", OFFICER))
    }


def test_the_frame_names_nobody():
    frame = msgspec.msgpack.encode(split_of().frame)
    for name in (SUBJECT, OTHER, OFFICER, "wb-000001", "office-1"):
        assert name.encode() not in frame


def test_a_part_names_nobody_else():
    parts = split_of().parts
    text = msgspec.msgpack.encode(parts[Owner("subject", SUBJECT, "eo-1")])
    for name in (OTHER, OFFICER, "wb-000002", "ph-0001"):
        assert name.encode() not in text


def test_an_entry_of_an_unknown_kind_goes_with_the_directories():
    found = split_of([("rules", 0, b"whatever it says")], {})
    assert set(found.parts) == {Owner("directory", GATEWAY)}


REPORT = st.tuples(
    st.sampled_from([SUBJECT, OTHER, OFFICER, "s-unknown"]),
    st.sampled_from([BEFORE_ORDER_MS, IN_ORDER_MS - 1, IN_ORDER_MS, IN_ORDER_MS + 1]),
    st.sampled_from([None, PLACE, PLACE + 1]),
    st.integers(0, 100),
)
BATCH = st.lists(REPORT, max_size=6).map(lambda reports: batch(*reports, refused={"x": 1}))
ENTRY = st.one_of(BATCH, st.sampled_from([("tick", 0, b""), ("directory", 0, b"{}")]))


@given(st.lists(ENTRY, min_size=1, max_size=6), st.sampled_from([ORDERED, EXTENDED, DESTROYED]))
def test_any_segment_is_put_together_again_to_the_byte(entries, orders):
    segment = parsed(entries, {1: [outcome(SUBJECT), outcome(OTHER)]})
    found = split(segment, GATEWAY, orders)
    refuse_unequal(segment, found)
    joined = join(found.frame, found.parts.values())
    assert joined.entries == segment.entries
    assert joined.whole == {entry.seq for entry in segment.entries}


@given(st.lists(BATCH, min_size=1, max_size=6))
def test_without_one_owner_the_reports_of_the_others_are_left_in_order(entries):
    segment = parsed(entries, {})
    found = split(segment, GATEWAY, ORDERED)
    lost = Owner("subject", SUBJECT, "eo-1")
    left = [part for owner, part in found.parts.items() if owner != lost]
    joined = join(found.frame, left)
    for entry, (_, _, body) in zip(joined.entries, entries, strict=True):
        parties, columns, _ = msgspec.msgpack.decode(body)
        numbers = memoryview(columns["party"]).cast("i")
        times_ms = memoryview(columns["fix_time_ms"]).cast("q")
        wanted = [
            place
            for place, party, time_ms in zip(longitudes(body), numbers, times_ms, strict=True)
            if parties[party][3] != SUBJECT or time_ms == BEFORE_ORDER_MS
        ]
        assert longitudes(entry.body) == wanted


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (("batch", 1, b"\x00"), "batch 1"),
        (("batch", 1, msgspec.msgpack.encode([[], {}, {}, 4])), "batch 1"),
        (("batch", 3, batch((SUBJECT, 1, 1, 1))[2]), "another shape"),
        (("batch", 1, msgspec.msgpack.encode([[], {"party": bytes(4)}, {}])), "does not have"),
        (("batch", 1, msgspec.msgpack.encode([[], {"x": b"1"}, {}])), "no column party"),
    ],
    ids=["no-msgpack", "more-fields", "shape", "party", "column"],
)
def test_a_body_that_is_not_the_pages_is_refused(entry, said):
    with pytest.raises(InvalidError, match=said):
        split_of([entry], {})


def test_a_body_that_would_not_come_back_to_the_byte_is_refused():
    kind, rows, body = batch((SUBJECT, IN_ORDER_MS, PLACE, 50))
    assert body[0] == 0x93
    segment = parsed([(kind, rows, b"\xdc\x00\x03" + body[1:])], {})  # the same, written longer
    with pytest.raises(InvalidError, match="cannot be kept byte for byte"):
        refuse_unequal(segment, split(segment, GATEWAY, ORDERED))


@pytest.mark.parametrize(
    "told",
    [
        msgspec.msgpack.encode({"id": "x"}),
        outcome("s-1\0"),
        outcome(SUBJECT, begin_ms=float("inf")),
        b"\x91" * 100_000,
    ],
    ids=["nothing", "nul", "infinite", "deep"],
)
def test_an_outcome_that_does_not_say_whose_it_is_is_refused(told):
    with pytest.raises(InvalidError, match="no subject and begin_ms"):
        split_of([("tick", 0, b"")], {1: [told]})


@pytest.mark.parametrize("rows", [-1, 1 << 30])
def test_a_number_of_reports_that_a_body_cannot_hold_is_refused(rows):
    with pytest.raises(InvalidError, match=f"entry 1 cannot have {rows} reports"):
        parsed([("batch", rows, msgspec.msgpack.encode([[], {}, {}]))], {})


@pytest.mark.parametrize("kind", ["frame", "directory", ""])
def test_no_report_is_of_a_kind_of_holder_that_there_is_not(kind):
    party = ("office-1", "wb-x", kind, GATEWAY)
    body = msgspec.msgpack.encode([[party], {}, {}])
    with pytest.raises(InvalidError, match="batch 1"):
        split_of([("batch", 0, body)], {})


@pytest.mark.parametrize("is_withheld", [False, True])
def test_a_body_that_is_not_its_digests_is_taken_only_where_something_is_withheld(is_withheld):
    journal = Journal()
    journal.rows[2] |= {"body": batch((SUBJECT, IN_ORDER_MS, None, 1))[2], "withheld": is_withheld}
    segment = parse_segment(journal.segment(1, 6), first=1, last=6)
    if is_withheld:
        refuse_changed(segment, None)
    else:
        with pytest.raises(InvalidError, match="entry 3 does not chain"):
            refuse_changed(segment, None)


@pytest.mark.parametrize(("first", "last"), [(1, 6), (2, 5)], ids=["missing", "more"])
def test_entries_that_are_not_those_of_the_request_are_refused(first, last):
    with pytest.raises(InvalidError, match=f"not {first} to {last}"):
        parse_segment(Journal().segment(1, 5), first=first, last=last)


def test_a_stream_of_other_columns_is_refused():
    sink = pa.BufferOutputStream()
    table = pa.table({"kind": ["tick"]})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(InvalidError, match="columns are not kind, seq"):
        parse_segment(sink.getvalue().to_pybytes(), first=1, last=1)


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        (secrets.token_urlsafe(32), 0o640, "others may read it"),
        ("too short", 0o600, "not 32 random bytes"),
        ("", 0o600, "not 32 random bytes"),
    ],
    ids=["open", "short", "empty"],
)
def test_a_key_file_that_will_not_do_says_why(tmp_path, text, mode, said):
    path = tmp_path / "key"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(SettingsError, match=said):
        read_master_key(path)
