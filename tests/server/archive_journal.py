"""Journals as a gateway's archiver sends them, made without a gateway."""

import hashlib

import msgspec
import numpy as np
import pyarrow as pa

IN_ORDER_MS = 1_795_305_600_000  # 2026-11-22
BEFORE_ORDER_MS = 1_793_000_000_000  # 2026-10-26
SUBJECT, OTHER, OFFICER = "s-4k2m9q", "s-7h3n2c", "officer-1"
PARTIES = {
    SUBJECT: ("office-1", "wb-000001", "subject", SUBJECT),
    OTHER: ("office-1", "wb-000002", "subject", OTHER),
    OFFICER: ("office-1", "ph-0001", "officer", OFFICER),
    "s-unknown": ("office-1", "wb-x", "subject", "s-unknown"),
}
SCHEMA = pa.schema(
    [
        pa.field("kind", pa.utf8(), nullable=False),
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("nth", pa.int32()),
        pa.field("at_us", pa.int64()),
        pa.field("rows", pa.int32()),
        pa.field("body", pa.binary(), nullable=False),
        pa.field("digest", pa.binary()),
        pa.field("withheld", pa.bool_()),
    ]
)
ABSENT = -(1 << 31)


def batch(*reports, refused=None):
    """Body of a batch of (holder, fix time, longitude or None, battery)."""
    holders = list(dict.fromkeys(holder for holder, *_ in reports))
    columns = {
        "party": np.array([holders.index(holder) for holder, *_ in reports], "<i4"),
        "fix_time_ms": np.array([time_ms for _, time_ms, *_ in reports], "<i8"),
        "lon_e7": np.array([ABSENT if r[2] is None else r[2] for r in reports], "<i4"),
        "battery_pct": np.array([battery for *_, battery in reports], "<i2"),
    }
    body = [
        [PARTIES[holder] for holder in holders],
        {name: column.tobytes() for name, column in columns.items()},
        refused or {},
    ]
    return "batch", len(reports), msgspec.msgpack.encode(body)


def outcome(subject, *, begin_ms=IN_ORDER_MS):
    return msgspec.msgpack.encode({"id": "x", "subject": subject, "begin_ms": begin_ms})


ENTRIES = [
    ("start", 0, b"versions"),
    ("directory", 0, b'{"bindings": ["s-4k2m9q"]}'),
    batch((SUBJECT, IN_ORDER_MS, 1_201_551_001, 71), (OFFICER, IN_ORDER_MS, 1_201_551_002, 72)),
    batch((OTHER, IN_ORDER_MS, None, 73), (SUBJECT, IN_ORDER_MS + 1, 1_201_551_003, 74)),
    ("tick", 0, b""),
    batch(refused={"no_order": 3}),
]
OUTCOMES = {4: [outcome(SUBJECT), outcome(OTHER)]}


class Journal:
    """Entries that chain as a gateway's do."""

    def __init__(self, entries=ENTRIES, outcomes=OUTCOMES):
        self.rows = []
        digest = bytes(32)
        for seq, (kind, count, body) in enumerate(entries, 1):
            at_us = 1_000_000 * seq
            head = f"{seq}\0{kind}\0{at_us}\0{len(body)}\0".encode()
            digest = hashlib.sha256(digest + head + body).digest()
            row = {"kind": kind, "seq": seq, "at_us": at_us, "rows": count}
            self.rows.append(row | {"body": body, "digest": digest})
            for nth, told in enumerate(outcomes.get(seq, ())):
                self.rows.append({"kind": "outcome", "seq": seq, "nth": nth, "body": told})

    def segment(self, first, last):
        rows = [row for row in self.rows if first <= row["seq"] <= last]
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, SCHEMA) as writer:
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=SCHEMA))
        return sink.getvalue().to_pybytes()

    def entries(self, first, last):
        names = ("seq", "kind", "at_us", "rows", "body")
        return [
            tuple(row[name] for name in names)
            for row in self.rows
            if row["kind"] != "outcome" and first <= row["seq"] <= last
        ]


def longitudes(body):
    """Return the longitudes of a batch's body, ABSENT for a status."""
    _, columns, _ = msgspec.msgpack.decode(body)
    return np.frombuffer(columns["lon_e7"], "<i4").tolist()
