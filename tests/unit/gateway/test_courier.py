"""How a command reaches a device, and when it does not."""

import json

import pytest

from firmware_protocols.command import Command
from firmware_protocols.dialogue import Sent
from firmware_protocols.errors import ApprovalError, UnsupportedCommandError
from firmware_protocols.topics import parse_topic
from firmware_protocols.wristband_bin.down_link import decode_down
from gateway.commands.courier import Courier
from gateway.directory.snapshot import compile_directory
from tests.unit.gateway.engine_world import directory_json

LOCATE = Command(id="c-1", name="locate")


def directory():
    body = json.loads(directory_json(subjects=2))
    first, second = body["devices"]
    second["terminal"] = {"protocol": "watch", "number": "7"}
    body["devices"] = [first, second, first | {"device": "ph-1", "kind": "phone"}]
    return compile_directory(json.dumps(body).encode())


class World:
    def __init__(self):
        self.now_s = 1_000.0
        self.published = []
        self.spoken = []
        self.is_broker_there = True
        self.session = Sent(data=b"", key="k")
        known = directory()
        self.courier = Courier(
            directory=lambda: known,
            by_session=self._speak,
            publish=self._publish,
            now_s=lambda: self.now_s,
        )

    def _speak(self, device, command):
        self.spoken.append((device, command.id))
        return self.session

    def _publish(self, topic, payload):
        self.published.append((topic, payload))
        return self.is_broker_there

    def hear(self, device="wb-0", kind="wristband", codec="wristband-json"):
        self.courier.heard([parse_topic(f"guitu/v1/county/{kind}/{device}/up/{codec}")])


@pytest.fixture
def world():
    return World()


def test_a_device_that_was_just_heard_gets_it_in_its_codec(world):
    world.hear()
    assert world.courier.send("wb-0", LOCATE).key == "c-1"
    ((topic, payload),) = world.published
    assert topic == "guitu/v1/county/wristband/wb-0/down/wristband-json"
    assert json.loads(payload)["cmd"]["id"] == "c-1"


def test_a_binary_band_gets_it_in_binary(world):
    world.hear(codec="wristband-bin")
    world.courier.send("wb-0", LOCATE)
    ((topic, payload),) = world.published
    assert topic.endswith("/down/wristband-bin")
    assert decode_down(payload, "wb-0") == LOCATE


def test_a_codec_without_commands_is_addressed_in_wristband_json(world):
    world.hear(codec="recorder")
    world.courier.send("wb-0", LOCATE)
    assert world.published[0][0].endswith("/down/wristband-json")


@pytest.mark.parametrize(("silent_s", "is_sent"), [(0, True), (30, True), (31, False)])
def test_a_device_is_taken_to_listen_for_a_while_after_it_was_heard(world, silent_s, is_sent):
    world.hear()
    world.now_s += silent_s
    assert (world.courier.send("wb-0", LOCATE) is not None) is is_sent


def test_a_device_that_was_never_heard_has_to_wait(world):
    assert world.courier.send("wb-0", LOCATE) is None
    assert world.published == []


def test_while_the_broker_is_away_it_waits(world):
    world.is_broker_there = False
    world.hear()
    assert world.courier.send("wb-0", LOCATE) is None


def test_a_terminal_gets_it_over_its_session_only(world):
    world.hear("wb-1")
    assert world.courier.send("wb-1", LOCATE).key == "k"
    world.session = None
    assert world.courier.send("wb-1", LOCATE) is None
    assert (world.spoken, world.published) == ([("wb-1", "c-1")] * 2, [])


@pytest.mark.parametrize("device", ["ph-1", "wb-9"])
def test_what_can_never_be_sent_is_refused(world, device):
    world.hear("ph-1", "phone", "owntracks")
    with pytest.raises(UnsupportedCommandError):
        world.courier.send(device, LOCATE)


@pytest.mark.parametrize("approved_by", [(), ("a",), ("a", "a")], ids=str)
def test_what_silences_a_device_needs_two_persons_here_too(world, approved_by):
    world.hear()
    off = Command(id="c-2", name="power_off", approved_by=approved_by)
    for device in ("wb-0", "wb-1"):
        with pytest.raises(ApprovalError):
            world.courier.send(device, off)
    assert (world.spoken, world.published) == ([], [])
