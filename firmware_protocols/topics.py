"""The MQTT topic layout (architecture 4.1).

    guitu/v1/{org}/{kind}/{device}/up/{codec}          telemetry
    guitu/v1/{org}/{kind}/{device}/up-urgent/{codec}   SOS and strap
    guitu/v1/{org}/{kind}/{device}/down/{codec}        to the device
    guitu/v1/{org}/{kind}/{device}/status              retained birth and will
    owntracks/{device}/{phone}                         OwnTracks' own layout

The subscriptions name every level: a trailing `#` also matches the parent level, which a broker
with subject permissions (NATS) then has to grant too.
"""

import re
from typing import Final, Literal, get_args

import msgspec

from firmware_protocols.errors import TopicError

DeviceKind = Literal["wristband", "kiosk", "recorder", "terminal", "phone"]
Channel = Literal["up", "up-urgent", "down", "status"]

KINDS: Final = frozenset(get_args(DeviceKind))
BULK_FILTERS: Final = ("guitu/v1/+/+/+/up/+", "owntracks/+/+")
URGENT_FILTERS: Final = ("guitu/v1/+/+/+/up-urgent/+",)

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")
_MAX_TOPIC_CHARS: Final = 256


class Topic(msgspec.Struct, frozen=True):
    """A parsed topic. `org` is empty in OwnTracks' layout, which does not carry one."""

    org: str
    kind: str
    device: str
    channel: Channel
    codec: str


def device_topic(org: str, kind: str, device: str, channel: Channel, codec: str = "") -> str:
    """Return the topic of a device's channel; `codec` is empty for "status"."""
    head = f"guitu/v1/{org}/{kind}/{device}/{channel}"
    return head if channel == "status" else f"{head}/{codec}"


def parse_topic(topic: str) -> Topic:
    """Return the parts of an up-link topic.

    Raises:
        TopicError: The topic is not of the layout; the text says what is.
    """
    if len(topic) > _MAX_TOPIC_CHARS:
        raise TopicError(f"topic of {len(topic)} characters, at most {_MAX_TOPIC_CHARS}")
    parts = topic.split("/")
    match parts:
        case ["guitu", "v1", org, kind, device, ("up" | "up-urgent") as channel, codec]:
            parsed = Topic(org, kind, device, channel, codec)
        case ["guitu", "v1", org, kind, device, "status"]:
            parsed = Topic(org, kind, device, "status", "status")
        case ["owntracks", device, _phone]:
            return Topic("", "phone", _checked(device, "device", topic), "up", "owntracks")
        case _:
            raise TopicError(
                f"topic {topic!r} is not guitu/v1/ORG/KIND/DEVICE/(up|up-urgent)/CODEC, "
                ".../status or owntracks/DEVICE/PHONE"
            )
    _checked(parsed.org, "org", topic)
    _checked(parsed.device, "device", topic)
    _checked(parsed.codec, "codec", topic)
    if parsed.kind not in KINDS:
        raise TopicError(f"kind {parsed.kind!r} in {topic!r} is not one of {sorted(KINDS)}")
    return parsed


def _checked(value: str, name: str, topic: str) -> str:
    if not _ID.match(value):
        raise TopicError(f"{name} {value!r} in {topic!r} is not 1 to 40 of A-Z a-z 0-9 _ -")
    return value
