"""What recorders say of their recordings, and that they say it in their own codec."""

from itertools import pairwise

from device_sims.device import Device
from device_sims.feed import Identity
from device_sims.recording import BYTES_PER_S, SPAN_S, STORAGE_BYTES, Recording
from tests.device_sims.gateway_stand_in import listening
from tests.device_sims.test_device import ShortFeed, running, surroundings

MIDNIGHT_S = 1_795_305_600 - 8 * 3_600  # 2026-11-22T00:00+08:00
RECORDER = Identity("rc-0001", "office-1", "recorder")


def test_storage_fills_while_recording_only_and_is_empty_again_in_the_morning():
    recording = Recording(1, "rc-0001")
    states = [recording.state(MIDNIGHT_S + minute * 60) for minute in range(24 * 60)]
    assert states[0]["storage_free_bytes"] == STORAGE_BYTES
    for before, after in pairwise(states):
        used = before["storage_free_bytes"] - after["storage_free_bytes"]
        assert used == (60 * BYTES_PER_S if before["recording"] == "video" else 0)
    assert 0 < states[-1]["storage_free_bytes"] < STORAGE_BYTES
    tomorrow = recording.state(MIDNIGHT_S + 24 * 3_600)
    assert tomorrow["storage_free_bytes"] == STORAGE_BYTES


def test_a_recording_begins_and_ends_with_a_span_and_is_the_same_after_a_restart():
    first, again = Recording(1, "rc-0001"), Recording(1, "rc-0001")
    for span in range(100):
        times_s = [MIDNIGHT_S + span * SPAN_S + at for at in (0, 1, SPAN_S - 1)]
        assert len({first.state(time_s)["recording"] for time_s in times_s}) == 1
        assert first.state(times_s[1]) == again.state(times_s[1])


async def test_a_recorder_speaks_its_own_codec_and_lets_go_when_it_is_acknowledged(broker):
    broker.add_device(RECORDER.device, kind=RECORDER.kind)
    async with listening(broker) as gateway:
        gateway.is_acknowledging = True
        device = Device(ShortFeed(RECORDER, 4, urgent={2}), surroundings(broker))
        async with running(device) as task:
            await gateway.until(lambda: len(gateway.reports) == 4)
            await task
        assert {topic.codec for topic, _ in gateway.messages} == {"recorder"}
        assert {topic.channel for topic, _ in gateway.messages} == {"up", "up-urgent"}
        assert len(device.memory) == 0
