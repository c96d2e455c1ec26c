"""The gateway's side of the wire against the golden vectors that the server's tests read too."""

import io
import json
from datetime import datetime
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest

from firmware_protocols.alarm import mask_to_alarms
from firmware_protocols.message import Report
from gateway.columns import Party, columns_from_reports
from gateway.directory.snapshot import FOREVER_MS, compile_directory, to_ms
from gateway.engine.outcome import Outcome
from gateway.engine.words import Words
from gateway.journal.entry import BATCH, TICK, Entry, encode_batch
from gateway.journal.report_table import REPORTS
from gateway.journal.telling import Telling
from gateway.uplink.encode import encode_outcomes, encode_telemetry

VECTORS = Path(__file__).parent.parent / "vectors" / "uplink"


def vector(name):
    return json.loads((VECTORS / name).read_text())


def read_arrow(body):
    with pa.ipc.open_stream(io.BytesIO(body)) as reader:
        return reader.read_all()


def per(value, units):
    return None if value is None else value / units


def report_of(row):
    return Report(
        device=row["device"],
        kind="status" if row["lon_e7"] is None else "fix",
        fix_time_ms=row["fix_time_ms"],
        boot=row["boot"],
        seq=row["seq"],
        longitude_deg=per(row["lon_e7"], 1e7),
        latitude_deg=per(row["lat_e7"], 1e7),
        datum=row["source_datum"],
        accuracy_m=per(row["accuracy_mm"], 1e3),
        altitude_m=per(row["altitude_mm"], 1e3),
        speed_mps=per(row["speed_mmps"], 1e3),
        heading_deg=per(row["heading_cdeg"], 1e2),
        satellites=row["satellites"],
        battery_pct=row["battery_pct"],
        alarms=mask_to_alarms(row["alarms"]),
        backlog=row["backlog"],
        skin_contact=row["skin_contact"],
        heart_rate_bpm=row["heart_rate_bpm"],
        skin_temperature_c=per(row["skin_temperature_cc"], 1e2),
        steps=row["steps"],
    )


def entry_of(seq, rows):
    parties = sorted({(r["org"], r["device"], r["holder_kind"], r["holder"]) for r in rows})
    of = [parties.index((r["org"], r["device"], r["holder_kind"], r["holder"])) for r in rows]
    columns = columns_from_reports(
        [report_of(r) for r in rows], of, [r["received_at_us"] for r in rows]
    )
    body = encode_batch([Party(*party) for party in parties], columns, {})
    return Entry(seq=seq, kind=BATCH, at_us=0, rows=len(rows), body=body, digest=bytes(32))


def outcome_of(event):
    data = event["data"]

    def ms(text):
        return None if text is None else to_ms(datetime.fromisoformat(text))

    of_rule = ("entry_seq", "severity", "category", "title")
    plain = {k: v for k, v in data.items() if k not in of_rule}
    plain["explanation"] = Words(**plain["explanation"])
    begin_ms, end_ms = ms(plain.pop("begin_time")), ms(plain.pop("end_time"))
    return Outcome(id=event["id"], begin_ms=begin_ms, end_ms=end_ms, **plain)


@pytest.fixture
def entries():
    rows = vector("telemetry.json")["rows"]
    seqs = sorted({row["entry_seq"] for row in rows})
    return [entry_of(seq, [r for r in rows if r["entry_seq"] == seq]) for seq in seqs]


def test_telemetry_is_the_vector_row_by_row(entries):
    made = read_arrow(encode_telemetry(entries))
    assert made.equals(read_arrow((VECTORS / "telemetry.arrow").read_bytes()))


def test_the_schema_is_the_vectors(entries):
    wanted = read_arrow((VECTORS / "telemetry.arrow").read_bytes()).schema
    assert REPORTS.equals(wanted, check_metadata=True)
    assert read_arrow(encode_telemetry(entries)).schema.equals(wanted, check_metadata=True)


def test_entries_without_reports_make_a_stream_without_rows():
    tick = Entry(seq=1, kind=TICK, at_us=0, rows=0, body=b"", digest=bytes(32))
    made = read_arrow(encode_telemetry([tick]))
    assert (made.num_rows, made.schema) == (0, REPORTS)


def test_a_protected_persons_rows_travel_without_a_place():
    placed = next(r for r in vector("telemetry.json")["rows"] if r["lon_e7"] is not None)
    rows = [placed, placed | {"device": "pb-1", "holder_kind": "protected", "holder": "v-1"}]
    own, other = read_arrow(encode_telemetry([entry_of(1, rows)])).to_pylist()
    if own["holder"] == "v-1":
        own, other = other, own
    of_places = {
        *("lon_e7", "lat_e7", "source_datum", "accuracy_mm", "altitude_mm", "speed_mmps"),
        *("heading_cdeg", "satellites"),
    }
    assert own["lon_e7"] == placed["lon_e7"]
    assert {other[name] for name in of_places} == {None}
    rest = own.keys() - of_places - {"device", "holder_kind", "holder"}
    assert {name: other[name] for name in rest} == {name: own[name] for name in rest}


@pytest.mark.parametrize("index", range(8))
def test_an_outcome_is_the_vectors_event(index):
    event = vector("outcomes.json")["events"][index]
    (made,) = msgspec.json.decode(
        encode_outcomes([(event["data"]["entry_seq"], outcome_of(event))], "gw-1")
    )
    assert made == event


def test_what_a_rule_found_that_is_no_more_is_sent_as_a_notice_by_its_name():
    found = outcome_of(vector("outcomes.json")["events"][0])
    gone = msgspec.structs.replace(found, rule="of_yesterday")
    (made,) = msgspec.json.decode(encode_outcomes([(1, gone)], "gw-1"))
    said = [made["data"][name] for name in ("rule", "severity", "category")]
    assert said == ["of_yesterday", "minor", "notice"]
    assert made["data"]["title"] == {"zh": "of_yesterday", "en": "of_yesterday"}


def test_the_directory_of_the_vectors_compiles():
    directory = compile_directory((VECTORS / "directory.json").read_bytes())
    assert directory.version == 2
    assert directory.devices["wb-000001"].expected_interval_s == 60
    assert directory.bindings["ph-0001"][0].holder_kind == "officer"
    assert directory.bindings["ph-0001"][0].valid_to_ms == FOREVER_MS
    assert directory.fences_of["s-4k2m9q"] == [0, 1]
    assert directory.is_ordered("s-4k2m9q", to_ms(datetime.fromisoformat("2026-11-01T00:00:00Z")))
    assert not directory.is_ordered(
        "s-4k2m9q", to_ms(datetime.fromisoformat("2027-01-31T16:00:00Z"))
    )
    assert "s-7h3n2c" not in directory.orders


def test_what_terminals_were_told_is_encoded_as_the_golden_events():
    golden = vector("local-alerts.json")
    tellings = [(data["entry_seq"], telling_of(data)) for data in (one["data"] for one in golden)]
    assert json.loads(encode_outcomes([], "gw-1", tellings)) == golden


def telling_of(data):
    names = ("episode", "org", "device", "change")
    at_ms = to_ms(datetime.fromisoformat(data["at"]))
    return Telling(*(data[name] for name in names), at_ms=at_ms)
