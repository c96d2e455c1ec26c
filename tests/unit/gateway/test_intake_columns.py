"""What goes by columns comes to what single records come to, to the byte."""

import json
from dataclasses import replace
from itertools import chain

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocols.alarm import ALARM_BITS
from firmware_protocols.catalog import CODECS
from firmware_protocols.jt808.address import address_of
from firmware_protocols.jt808.uplink_write import encode_message
from firmware_protocols.message import Reply, Report
from firmware_protocols.wristband_bin.encode import encode as encode_bin
from firmware_protocols.wristband_bin.encode import encode_reply as reply_bin
from firmware_protocols.wristband_json.encode import encode as encode_json
from firmware_protocols.wristband_json.encode import encode_reply as reply_json
from gateway.device_acks import group_ranges
from gateway.directory.snapshot import compile_directory
from gateway.intake.decode import Decoder
from gateway.intake.received import Fault, Received
from gateway.journal.entry import encode_batch
from tests.unit.gateway.engine_world import T0_MS, directory_json, text, worn_by

SINGLY = {name: replace(codec, columns=None) for name, codec in CODECS.items()}
HOUR_MS = 3_600_000
ALWAYS = {"valid_from": text(T0_MS - 10**9), "valid_to": None}
ENDED = {"valid_from": text(T0_MS - 10**9), "valid_to": text(T0_MS - HOUR_MS)}
BEGUN = {"valid_from": text(T0_MS - HOUR_MS), "valid_to": None}


def held(device, holder, during, kind="subject"):
    return {"device": device, "holder_kind": kind, "holder": holder} | during


def world():
    """Devices by what becomes of their reports; the names say it."""
    devices = {
        "ordered": [held("ordered", "s-0", ALWAYS)],
        "unordered": [held("unordered", "s-1", ALWAYS)],
        "order-ended": [held("order-ended", "s-2", ALWAYS)],
        "handed-on": [held("handed-on", "s-0", ENDED), held("handed-on", "s-3", BEGUN)],
        "officers": [held("officers", "o-1", ALWAYS, "officer")],
        "protecteds": [held("protecteds", "v-0", ALWAYS, "protected")],
        "nobodys": [],
    }
    known, _ = worn_by(0, "s-0", ALWAYS["valid_from"])
    body = json.loads(directory_json())
    body["devices"] = [known | {"device": name} for name in devices]
    body["devices"].append(known | {"device": "phone", "kind": "phone"})
    body["bindings"] = [*chain.from_iterable(devices.values()), held("phone", "s-0", ALWAYS)]
    body["orders"] = [
        {"order": f"o-{n}", "subject": f"s-{n}"} | during
        for n, during in ((0, ALWAYS | {"valid_to": text(T0_MS + 10**9)}), (2, ENDED))
    ]
    body["no_contact"] = [
        {"pair": "nc", "subject": "s-0", "other": "v-0", "distance_m": 100.0} | ENDED
    ]
    return compile_directory(json.dumps(body).encode())


WORLD = world()
DEVICES = st.sampled_from([*WORLD.devices, "stranger"])
EDGES_MS = [0, -HOUR_MS, 120_000, 10**8, -(10**9), -2 * HOUR_MS]
OFFSETS_MS = [edge_ms + step_ms for edge_ms in EDGES_MS for step_ms in (-1, 0, 1)]
TIMES = st.sampled_from(OFFSETS_MS).map(lambda offset_ms: T0_MS + offset_ms)
ALARMS = st.sampled_from([(), (), ("sos",), ("fall",), tuple(ALARM_BITS)])

TERMINAL_ALARMS = st.sampled_from([(), (), ("sos",)])


@st.composite
def reports(draw, boot, *, numbers):
    place = {}
    if draw(st.booleans()):
        place = {
            "longitude_deg": draw(st.sampled_from([119.9, -180.0, 180.0, 0.0])),
            "latitude_deg": draw(st.sampled_from([28.4, 90.0, -90.0])),
            "datum": draw(st.sampled_from(["WGS84", "GCJ02", "BD09"])),
        }
    battery = draw(st.sampled_from([None, 0, 100]))
    heart = draw(st.sampled_from([None, 72]))
    alarms = draw(ALARMS)
    is_vitals = heart is not None and battery is None and not alarms
    return Report(
        device="",
        kind="fix" if place else "vitals" if is_vitals else "status",
        fix_time_ms=draw(TIMES),
        boot=boot,
        seq=draw(numbers),
        valid=draw(st.booleans()),
        alarms=alarms,
        backlog=draw(st.booleans()),
        accuracy_m=draw(st.sampled_from([None, 0.0, 8.123, 100_000.0])),
        altitude_m=draw(st.sampled_from([None, -12.5])),
        speed_mps=draw(st.sampled_from([None, 1.0005])),
        heading_deg=draw(st.sampled_from([None, 359.99])),
        satellites=draw(st.sampled_from([None, 255])),
        battery_pct=battery,
        skin_contact=draw(st.sampled_from([None, True, False])),
        heart_rate_bpm=heart,
        steps=draw(st.sampled_from([None, 7, 2**32 - 1])),
        **place,
    )


@st.composite
def payloads(draw):
    """(codec, payload): mostly reports; a reply, both, a damaged one, and garbage."""
    codec = draw(st.sampled_from(["wristband-bin", "wristband-json", "jt808"]))
    if codec == "jt808":
        report = draw(reports(0, numbers=st.just(0)))
        if report.longitude_deg is None:
            return codec, b"~" + draw(st.binary(max_size=40))
        report = msgspec.structs.replace(report, datum="WGS84", alarms=draw(TERMINAL_ALARMS))
        whole = encode_message(report, address_of("13800138000"), 1)[0]
        return codec, draw(st.sampled_from([whole, whole[:-2], whole + whole]))
    encode = encode_bin if codec == "wristband-bin" else encode_json
    encode_reply = reply_bin if codec == "wristband-bin" else reply_json
    boot = draw(st.integers(0, 2))
    found = draw(st.lists(reports(boot, numbers=st.integers(0, 9)), min_size=1, max_size=6))
    whole = encode(found)
    reply = encode_reply(Reply(device="d", to="c-1", ok=True))
    both = whole + reply if codec == "wristband-bin" else reply
    return codec, draw(st.sampled_from([whole] * 6 + [reply, both, whole[:-1], b"junk"]))


@st.composite
def messages(draw):
    codec, payload = draw(payloads())
    device = draw(DEVICES)
    known = WORLD.devices.get(device)
    kind = known.kind if known else "wristband"
    fault = draw(st.sampled_from([None] * 8 + [Fault("rate", "too fast", keep_bytes=False)]))
    topic = f"guitu/v1/county/{kind}/{device}/up/{draw(st.sampled_from([codec] * 9 + ['morse']))}"
    return Received(topic, payload, T0_MS * 1_000, False, None, 1, 1, fault=fault)  # noqa: FBT003


def taken(codecs, batch):
    decoder = Decoder(WORLD, future_tolerance_s=120, payload_bytes_max=100, codecs=codecs)
    out = decoder.decode(batch)
    return {
        "parties": out.parties,
        "body": encode_batch(out.parties, out.columns, out.counts),
        "refused": out.refused,
        "acknowledge": {topic: group_ranges(runs) for topic, runs in out.acknowledge.items()},
        "replies": out.replies,
        "signals": out.signals,
    }


@given(st.lists(messages(), max_size=8))
@settings(max_examples=120, deadline=None)
def test_columns_come_to_what_records_come_to(batch):
    by_columns, singly = taken(CODECS, batch), taken(SINGLY, batch)
    for name, wanted in singly.items():
        assert by_columns[name] == wanted, name


@pytest.mark.parametrize("codec", ["wristband-bin", "wristband-json"])
@pytest.mark.parametrize("device", WORLD.devices)
def test_every_edge_of_time_is_judged_alike(device, codec):
    times_ms = [T0_MS + offset_ms for offset_ms in OFFSETS_MS]
    alone = [fixes(device, n, codec=codec, time_ms=ms) for n, ms in enumerate(times_ms)]
    assert taken(CODECS, alone) == taken(SINGLY, alone)


def fixes(device, *seqs, codec="wristband-bin", boot=1, time_ms=T0_MS - 1_000, **fields):
    found = [
        Report(
            device="",
            kind="fix",
            fix_time_ms=time_ms,
            boot=boot,
            seq=seq,
            longitude_deg=119.9,
            latitude_deg=28.4,
            datum="WGS84",
            **fields,
        )
        for seq in seqs
    ]
    payload = encode_bin(found) if codec == "wristband-bin" else encode_json(found)
    kind = WORLD.devices[device].kind
    topic = f"guitu/v1/county/{kind}/{device}/up/{codec}"
    return Received(topic, payload, T0_MS * 1_000, False, None, 1, 1)  # noqa: FBT003


def no_records(_context, _device=None):
    raise AssertionError("this went record by record")


@pytest.mark.parametrize("codec", ["wristband-bin", "wristband-json"])
def test_ordinary_reports_make_no_record(monkeypatch, codec):
    monkeypatch.setattr("gateway.intake.records.reports_of", no_records)
    only = {codec: replace(CODECS[codec], open=no_records)}
    decoder = Decoder(WORLD, future_tolerance_s=120, payload_bytes_max=100, codecs=only)
    batch = [fixes("ordered", 1, 2, 3, codec=codec), fixes("officers", 7, codec=codec)]
    # Outside an order, or without a valid place, is ordinary too.
    batch += [fixes("unordered", 1, codec=codec), fixes("ordered", 4, codec=codec, valid=False)]
    out = decoder.decode(batch)
    assert out.columns.seq.tolist() == [1, 2, 3, 7, 4]
    assert dict(out.counts) == {"invalid_fix": 1, "no_order": 1}
    assert [party.device for party in out.parties] == ["ordered", "officers"]


def test_reports_that_come_newest_first_are_acknowledged_as_one_range():
    decoder = Decoder(WORLD, future_tolerance_s=120, payload_bytes_max=100)
    out = decoder.decode([fixes("ordered", *range(50, 0, -1))])
    assert list(out.acknowledge.values()) == [[(1, 1, 50)]]


def test_codecs_that_have_both_forms_say_which_reports_are_of_which_message():
    batch = [
        fixes("ordered", n, codec=c) for n in (1, 2) for c in ("wristband-json", "wristband-bin")
    ]
    decoder = Decoder(WORLD, future_tolerance_s=120, payload_bytes_max=100)
    np.testing.assert_array_equal(decoder.decode(batch).columns.seq, [1, 1, 2, 2])
