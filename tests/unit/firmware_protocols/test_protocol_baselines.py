"""What `guitu bench protocols` compares says the same, and any difference stops it."""

import pytest

from benchmarks import plain_decoders, protocols
from benchmarks.protocol_inputs import REPORTS, batches, jt808_frames
from firmware_protocols.wristband_bin.encode import encode as encode_bin
from firmware_protocols.wristband_json.encode import encode as encode_json

TWO = batches(1)[:2]


def test_every_way_reads_the_same_positions():
    for contest in (
        protocols._wristband_bin([encode_bin(each) for each in TWO]),
        protocols._wristband_json([encode_json(each) for each in TWO]),
        protocols._jt808(jt808_frames(1)[:200]),
    ):
        assert contest.limit in contest.ways
        for way in contest.ways.values():
            way()


def test_another_answer_stops_the_benchmark():
    frame = encode_bin(TWO[0])
    places = plain_decoders.bin_struct([frame])
    assert len(places) == REPORTS
    with pytest.raises(RuntimeError, match="other positions"):
        protocols._check_same(places[1:], places)


def test_the_input_is_a_function_of_its_seed():
    assert batches(1)[0] == TWO[0]
    assert batches(2)[0] != TWO[0]
    assert jt808_frames(1)[:50] == jt808_frames(1)[:50]


def test_frames_of_the_input_need_their_escapes_now_and_then():
    assert any(b"\x7d" in frame for frame in jt808_frames(1)[:200])


@pytest.mark.parametrize("read", [plain_decoders.jt808_loop, plain_decoders.jt808_struct])
def test_a_baseline_checks_the_checksum(read):
    frame = bytearray(jt808_frames(1)[0])
    frame[20] ^= 1
    with pytest.raises(ValueError, match="checksum"):
        read([bytes(frame)])
