"""Media indexes of recorders: from the message to the uplink's event."""

import json
from pathlib import Path

import msgspec
import pytest

from firmware_protocols.message import Media
from firmware_protocols.recorder.encode import encode
from gateway.directory.snapshot import compile_directory
from gateway.intake.decode import Decoder
from gateway.intake.received import Received
from gateway.journal.announced import Announced, decode_announced, encode_announced
from gateway.uplink.encode import encode_outcomes
from tests.unit.gateway.engine_world import T0_MS, directory_json

VECTOR = Path(__file__).parents[2] / "vectors" / "uplink" / "media.json"
SHA256 = "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"


class NoOne:
    def acknowledge(self, _message): ...


def entry(**given):
    said = Media(
        device="rc-1",
        media="v-1",
        media_type="video",
        begin_time_ms=T0_MS - 600_000,
        end_time_ms=T0_MS,
        sha256=SHA256,
        size_bytes=450_000_000,
        officer="officer-1",
        extra={"boot": 3, "seq": 9},
    )
    return msgspec.structs.replace(said, **given)


def take(*said, kind="recorder"):
    body = json.loads(directory_json())
    device = {"device": "rc-1", "org": "county", "kind": kind, "expected_interval_s": 60}
    body["devices"].append(device)
    compiled = compile_directory(json.dumps(body).encode())
    decoder = Decoder(compiled, future_tolerance_s=120, payload_bytes_max=100)
    message = Received(
        f"guitu/v1/county/{kind}/rc-1/up/recorder",
        encode(said),
        connection=0,
        packet_id=1,
        received_at_us=T0_MS * 1_000,
        urgent=False,
        source=NoOne(),
        fault=None,
        context=None,
    )
    return decoder.decode([message])


def test_an_entry_of_the_index_is_kept_and_acknowledged_by_its_number():
    out = take(entry(), entry(media="v-2", extra={"boot": 3, "seq": 10}))
    assert [one.media for one in out.announced] == ["v-1", "v-2"]
    assert (out.announced[0].org, out.announced[0].at_ms) == ("county", T0_MS)
    assert [*out.acknowledge.values()] == [[(3, 9, 9), (3, 10, 10)]]
    assert (dict(out.counts), out.refused) == ({}, [])
    assert decode_announced(encode_announced(out.announced)) == out.announced


@pytest.mark.parametrize(
    ("reason", "kind", "given"),
    [
        ("future", "recorder", {"end_time_ms": T0_MS + 200_000}),
        ("no_consumer", "terminal", {}),
    ],
)
def test_what_could_not_be_held_to_is_refused(reason, kind, given):
    out = take(entry(**given), kind=kind)
    assert (out.announced, dict(out.counts)) == ([], {reason: 1})


def test_an_entry_goes_to_the_server_as_the_golden_event():
    (wanted,) = json.loads(VECTOR.read_text())
    data = wanted["data"]
    one = Announced(
        org="office-1",
        device="rc-0001",
        media=data["media"],
        media_type="video",
        begin_time_ms=1_795_309_200_000,
        end_time_ms=1_795_309_800_000,
        sha256=SHA256,
        size_bytes=450_000_000,
        officer="officer-1",
        case=None,
        at_ms=1_795_309_805_000,
    )
    assert json.loads(encode_outcomes([], "gw-1", [], [(44, one)])) == [wanted]
