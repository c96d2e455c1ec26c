"""A device whose clock is wrong still raises the alarm."""

import pytest

from firmware_protocols.wristband_json.encode import encode
from gateway.directory.snapshot import compile_directory
from gateway.intake.decode import Decoder
from gateway.intake.received import Received
from tests.unit.gateway.engine_world import T0_MS, directory_json, make_report

DAY_S = 86_400
LONG_BEFORE_ANY_BINDING_S = -40 * DAY_S


def decode(report):
    directory = compile_directory(directory_json())
    decoder = Decoder(directory, future_tolerance_s=120, payload_bytes_max=1_000)
    topic = "guitu/v1/county/wristband/wb-0/up-urgent/wristband-json"
    message = Received(topic, encode([report]), T0_MS * 1_000, True, None, 1, 1)  # noqa: FBT003
    return decoder.decode([message])


@pytest.mark.parametrize("seconds", [DAY_S, LONG_BEFORE_ANY_BINDING_S])
@pytest.mark.parametrize("alarm", ["sos", "strap", "case", "removed"])
def test_an_urgent_alarm_with_a_wrong_clock_counts_as_of_now(seconds, alarm):
    decoded = decode(make_report(seconds, seq=7, alarms=(alarm,)))
    assert decoded.columns.fix_time_ms.tolist() == [T0_MS]
    assert decoded.columns.alarms.tolist() != [0]
    assert decoded.columns.source_datum.tolist() == [-1]
    assert not decoded.refused


@pytest.mark.parametrize(
    ("seconds", "reason"), [(DAY_S, "future"), (LONG_BEFORE_ANY_BINDING_S, "unbound")]
)
def test_a_position_with_a_wrong_clock_is_refused(seconds, reason):
    decoded = decode(make_report(seconds, seq=7))
    assert not len(decoded.columns)
    assert [refused.reason for refused in decoded.refused] == [reason]
