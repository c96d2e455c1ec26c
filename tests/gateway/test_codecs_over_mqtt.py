"""Devices of every MQTT codec that counts its reports hear what is kept, in their own codec."""

import asyncio

import pytest

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.message import Report
from firmware_protocols.recorder.decode import decode_ack as decode_recorder_ack
from firmware_protocols.recorder.encode import encode as encode_recorder
from firmware_protocols.wristband_bin.down_link import decode_down
from firmware_protocols.wristband_bin.encode import encode as encode_binary
from firmware_protocols.wristband_json.encode import decode_ack
from firmware_protocols.wristband_json.encode import encode as encode_json
from tests.gateway.life import running
from tests.gateway.place import HOME, now_ms, topic
from tests.services.mqtt_client import TestClient

CASES = {
    "wristband-json": (encode_json, decode_ack),
    "wristband-bin": (encode_binary, lambda payload: decode_down(payload, "wb-1")),
    "recorder": (encode_recorder, decode_recorder_ack),
}


def reports(count):
    return [
        Report(
            device="wb-1",
            kind="fix",
            fix_time_ms=now_ms() - 1_000,
            boot=3,
            seq=seq,
            longitude_deg=HOME[0],
            latitude_deg=HOME[1],
            datum="WGS84",
        )
        for seq in range(1, count + 1)
    ]


def test_every_codec_that_counts_its_reports_is_here():
    assert {name for name, codec in CODECS.items() if codec.encode_ack} == CASES.keys()


@pytest.mark.parametrize("codec", CASES)
async def test_a_device_hears_what_is_kept_in_its_own_codec(broker, settings, codec):
    encode, decode = CASES[codec]
    account = broker.add_device("wb-1", org="county")
    async with running(settings) as gateway:
        with TestClient(broker, account) as device:
            device.subscribe(topic("wb-1", channel="down", codec=codec), qos=0)
            payload = encode(reports(2))
            assert len(CODECS[codec].open(Context(device="wb-1"))(payload)) == 2
            await asyncio.to_thread(device.publish_all, topic("wb-1", codec=codec), [payload])
            heard = await asyncio.to_thread(device.next)
            assert decode(heard.payload) == [(3, 1, 2)]
        await gateway.until_kept(2)
