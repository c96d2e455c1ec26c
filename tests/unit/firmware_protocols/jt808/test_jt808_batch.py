"""Batches of frames to columns: the same as one by one."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.columns import columns_of
from firmware_protocols.errors import DecodeError
from firmware_protocols.jt808.address import address_of
from firmware_protocols.jt808.batch import decode_locations
from firmware_protocols.jt808.header import build_frame
from firmware_protocols.jt808.profiles import PROFILES
from firmware_protocols.jt808.uplink_write import encode_message
from firmware_protocols.message import Report
from tests.unit.firmware_protocols.jt808.uplink_messages import reports

_VECTORS = [
    bytes.fromhex(vector["frame_hex"])
    for vector in json.loads(Path("tests/vectors/jt808/frames.json").read_text(encoding="utf-8"))
]
_OLD, _NEW = address_of("13800138000"), address_of("13800138000", version=1)
_SENT = st.builds(
    lambda report, address: encode_message(report, address, 1)[0],
    reports(),
    st.sampled_from([_OLD, _NEW]),
)
_ANY = st.one_of(
    _SENT,
    st.sampled_from(_VECTORS),
    st.binary(max_size=60),
    st.binary(max_size=60).map(lambda body: build_frame(_OLD, 0x0200, 1, bytes(28) + body)),
    st.sampled_from([b"", b"~", b"~~"]),
)


def assert_same_as_one_by_one(frames, profile):
    batch = decode_locations(frames, PROFILES[profile])
    singles = []
    for index in batch.payload:
        (report,) = CODECS["jt808"].open(Context(profile=profile))(frames[index])
        singles.append(report)
    wanted = columns_of(singles)
    for name in wanted.dtype.names:
        np.testing.assert_array_equal(batch.rows[name], wanted[name], err_msg=name)
    both = np.concatenate([batch.payload, batch.rest])
    assert sorted(both.tolist()) == list(range(len(frames)))


@given(st.lists(_ANY, max_size=12), st.sampled_from(sorted(set(PROFILES) - {"loose"})))
@settings(max_examples=80)
def test_a_batch_is_what_its_frames_are_one_by_one(frames, profile):
    assert_same_as_one_by_one(frames, profile)


@given(st.lists(_SENT, min_size=1, max_size=20))
@settings(max_examples=40)
def test_usual_positions_all_take_the_fast_way(frames):
    unusual = [len(frame) for frame in frames if len(frame) > 600]
    assert len(decode_locations(frames).rest) <= len(unusual)


@pytest.mark.parametrize("profile", sorted(set(PROFILES) - {"loose"}))
def test_the_vectors_are_the_same_either_way(profile):
    assert_same_as_one_by_one(_VECTORS, profile)


def test_what_is_left_over_is_refused_or_no_plain_position():
    batch = decode_locations(_VECTORS)
    assert len(batch.rows) >= 5
    for index in batch.rest:
        try:
            messages = CODECS["jt808"].open(Context())(_VECTORS[index])
        except DecodeError:
            continue
        assert messages
    assert all(isinstance(row.item()[0], float) for row in batch.rows)


def test_no_frames_give_no_rows():
    batch = decode_locations([])
    assert (len(batch.rows), len(batch.payload), len(batch.rest)) == (0, 0, 0)


def test_the_clocks_offset_is_taken_from_the_registry():
    report = Report(
        device="",
        kind="fix",
        fix_time_ms=1_767_225_600_000,
        boot=0,
        seq=0,
        longitude_deg=1.0,
        latitude_deg=2.0,
        datum="WGS84",
    )
    frames = encode_message(report, _OLD, 1, utc_offset_min=-90)
    batch = decode_locations(frames, utc_offset_min=-90)
    assert batch.rows["fix_time_ms"].tolist() == [1_767_225_600_000]
